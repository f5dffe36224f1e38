"""Wrong specs kept on purpose: each names the verdict that it must get, and no other."""

from functools import cache
from pathlib import Path

import pytest

from dosekernel.proofs.command import exit_code
from dosekernel.proofs.flows import Facts
from dosekernel.proofs.report import Report
from dosekernel.proofs.runner import Options, prove_program, read_program
from dosekernel.proofs.solvers import Answer, Verdict, ask
from dosekernel.proofs.strategy import Asker
from dosekernel.proofs.units import Job, Result, Settings, run_job
from dosekernel.spec.language import parse_modules
from dosekernel.spec.theorem import Theorem
from dosekernel.spec.tree import Program

CLAIMS = Path(__file__).parent / "wrong_specs" / "claims.py"
SECONDS = 10.0


@cache
def program() -> Program:
    """The kernel, its properties, and the claims."""
    return parse_modules([CLAIMS], read_program(None))


def claim(
    about: str, statement: str, opens: tuple[str, ...] = (), cover: str = "", only: str = ""
) -> Theorem:
    return Theorem("claim", statement, about, (statement,), opens, cover=cover, one_solver=only)


def judged(theorem: Theorem) -> Report:
    """A claim put to both solvers."""
    options = Options(("claim",), timeout=SECONDS, cache=False)
    report = prove_program(program(), [theorem], {}, options)
    assert report.ok is (report.verdict is Verdict.PROVED)
    return report


def said(report: Report) -> str:
    """All that a report says of what was not shown."""
    found = [each for entry in report.theorems for each in entry.findings]
    lines = [f"{each.function}: {each.text}\n{each.counterexample}" for each in found]
    return "\n".join([*report.problems, *lines])


REFUTED = {
    "time-stands-still": (claim("catch_up", "time_stands_still"), "state.now becomes"),
    "reservoir-never-changes": (claim("load", "reservoir_never_changes"), "reservoir becomes"),
    "bolus-owes-nothing": (claim("owe_bolus", "bolus_owes_nothing"), "owed becomes"),
    "below-the-cap": (claim("bolus_reason", "below_the_cap"), "event.amount ="),
    "suspended-still": (claim("resume", "suspended_still"), "resume is called with"),
}
PROVED = {
    "at-most-the-cap": claim("bolus_reason", "at_most_the_cap"),
    "refused-ids-may-rise": claim("consider", "refused_ids_may_rise"),
    "says-why": claim("release_fill", "says_why", opens=("withheld_reason",)),
    "at-most-full": claim("load", "at_most_full", cover="loads"),
}


@pytest.mark.parametrize("name", sorted(REFUTED))
def test_a_false_claim_is_refuted_by_a_call(name: str) -> None:
    theorem, shows = REFUTED[name]
    report = judged(theorem)
    assert report.verdict is Verdict.REFUTED
    assert exit_code(report.verdict) == 1
    text = said(report)
    assert shows in text
    assert theorem.statements[0] in text


@pytest.mark.parametrize("name", sorted(PROVED))
def test_a_true_claim_is_proved(name: str) -> None:
    report = judged(PROVED[name])
    assert report.verdict is Verdict.PROVED, said(report)
    assert exit_code(report.verdict) == 0


def test_more_than_the_contracts_say_is_unknown() -> None:
    report = judged(claim("release_fill", "says_why"))
    assert report.verdict is Verdict.UNKNOWN
    assert exit_code(report.verdict) == 3
    assert "not provable from the contracts" in said(report)


def test_a_claim_about_nothing_is_unknown() -> None:
    report = judged(claim("load", "at_most_full", cover="impossible"))
    assert report.verdict is Verdict.UNKNOWN
    assert "may say nothing" in said(report)


LISTS = {
    "states nothing": [Theorem("claim", "t", "load", ())],
    "there is no function nowhere": [claim("nowhere", "loads")],
    "there is no function nothing_said": [claim("load", "nothing_said")],
    "there is no function never_met": [claim("load", "loads", cover="never_met")],
    "one solver only, and no reason": [claim("load", "loads", only="z3")],
    "sorted by name": [claim("load", "loads"), claim("load", "loads")],
}


@pytest.mark.parametrize("text", sorted(LISTS))
def test_a_list_that_is_wrong_is_an_error(text: str) -> None:
    options = Options(("claim",), ("z3",), jobs=1, timeout=1.0, cache=False)
    report = prove_program(program(), LISTS[text], {}, options)
    assert report.verdict is Verdict.ERROR
    assert not report.ok
    assert text in "\n".join(report.problems)


# ---- solvers that fail


def asked(theorem: Theorem, asker: Asker) -> Result:
    """A claim put to both solvers through an asker of our own."""
    settings = Settings(Facts(program()), (theorem,), {}, ("z3", "cvc5"), 1.0, asker)
    (result,) = run_job(settings, Job("theorem", theorem.about, ("claim",)))
    return result


def test_solvers_that_disagree_are_an_error() -> None:
    def one_lies(solver: str, text: str, seconds: float) -> Answer:
        return Answer("unsat") if solver == "cvc5" else ask(solver, text, seconds)

    result = asked(claim("owe_bolus", "bolus_owes_nothing"), one_lies)
    assert result.verdicts["z3"] is Verdict.ERROR
    assert "disagree" in result.findings[0].text


@pytest.mark.parametrize(
    ("word", "verdict", "code"),
    [("timeout", Verdict.TIMEOUT, 3), ("unknown", Verdict.UNKNOWN, 3), ("error", Verdict.ERROR, 3)],
)
def test_a_solver_that_does_not_decide_proves_nothing(
    word: str, verdict: Verdict, code: int
) -> None:
    def says(solver: str, text: str, seconds: float) -> Answer:
        return Answer(word)

    result = asked(claim("owe_bolus", "bolus_owes_nothing"), says)
    assert set(result.verdicts.values()) == {verdict}
    assert exit_code(verdict) == code


def test_every_claim_is_used() -> None:
    used = {theorem.statements[0] for theorem, _ in REFUTED.values()}
    used |= {theorem.statements[0] for theorem in PROVED.values()} | {"impossible", "loads"}
    written = {
        each.name for each in program().functions.values() if each.file.endswith("claims.py")
    }
    assert written == used
