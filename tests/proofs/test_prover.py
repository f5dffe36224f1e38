"""The prover says PROVED only for what holds, and says why when it does not."""

import random
from pathlib import Path

import pytest

from dosekernel.proofs import terms
from dosekernel.proofs.flows import Facts
from dosekernel.proofs.report import TheoremReport, worst
from dosekernel.proofs.runner import Options, prove_program
from dosekernel.proofs.smtlib import script
from dosekernel.proofs.solvers import SOLVERS, Answer, Verdict, ask
from dosekernel.proofs.strategy import GLANCE, Asker
from dosekernel.proofs.units import run_job
from dosekernel.proofs.walks import evaluate
from dosekernel.proofs.work import Job, Result, Settings
from dosekernel.spec.language import parse_text
from dosekernel.spec.theorem import Theorem

TANK = '''"""A small kernel."""

from .contract import Record, WORDS

CAPACITY = 1000


class Tank(Record):
    """A reservoir."""

    reservoir: int
    amount: int


def tank_valid(tank: Tank) -> bool:
    """In range."""
    return 0 <= tank.reservoir <= CAPACITY and tank.amount >= 0


'''

GUARDED = '''@require(lambda tank: tank_valid(tank))
@snapshot(lambda tank: copy(tank), name="tank")
@ensure(lambda tank: tank_valid(tank))
@ensure(lambda tank, OLD: tank.reservoir + tank.amount == OLD.tank.reservoir + OLD.tank.amount)
def release(tank: Tank, amount: int) -> None:
    """What leaves the reservoir is counted."""
    if amount < 0 or amount > tank.reservoir or tank.amount > CAPACITY:
        return
    tank.reservoir = tank.reservoir - amount
    tank.amount = tank.amount + amount
'''
UNGUARDED = GUARDED.replace(" or amount > tank.reservoir", "")
WORDS = "copy, ensure, require, snapshot"


def settings(source: str, timeout: float = 10.0, asker: Asker = ask) -> Settings:
    program = parse_text({"step": TANK.replace("WORDS", WORDS) + source})
    return Settings(Facts(program), (), {}, ("z3", "cvc5"), timeout, asker)


def totality(source: str, name: str, timeout: float = 10.0, asker: Asker = ask) -> Result:
    (result,) = run_job(settings(source, timeout, asker), Job("function", name, ("totality",)))
    return result


def test_a_contract_that_holds_is_proved_by_both() -> None:
    result = totality(GUARDED, "release")
    assert result.verdicts == {"z3": Verdict.PROVED, "cvc5": Verdict.PROVED}
    assert result.obligations >= 3


def test_a_missing_guard_is_refuted_with_a_run_on_ints() -> None:
    result = totality(UNGUARDED, "release")
    assert set(result.verdicts.values()) == {Verdict.REFUTED}
    text = "\n".join(finding.counterexample for finding in result.findings)
    assert "step.py:" in text
    assert "release: ensures: its promise - fails" in text
    assert "tank.reservoir becomes -" in text
    assert " U)" in text


def test_overflow_is_refuted_at_its_line() -> None:
    result = totality(GUARDED.replace(" or tank.amount > CAPACITY", ""), "release")
    assert set(result.verdicts.values()) == {Verdict.REFUTED}
    assert any("fits 64 bits" in each.counterexample for each in result.findings)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("100 // amount", "division"),
        ("(amount - 5) % 3", "division"),
        ("amount * amount", "range"),
        ("-amount * 2", "range"),
        ("need(amount)", "requires"),
        ("fixed(tank.slots[amount])", "index"),
    ],
)
def test_each_kind_of_obligation(body: str, kind: str) -> None:
    source = (
        '"""A small kernel."""\n\nfrom .contract import Record, array, ensure, require\n\n\n'
        'class Tank(Record):\n    """Slots."""\n\n    slots: list[int] = array(3)\n\n\n'
        "@require(lambda amount: amount > 3)\n@ensure(lambda amount, result: result == amount)\n"
        'def need(amount: int) -> int:\n    """Needs more than 3."""\n    return amount\n\n\n'
        'def fixed(amount: int) -> int:\n    """The same."""\n    return amount\n\n\n'
        "@require(lambda amount, tank: amount > -9 and tank.slots[0] == 1)\n"
        'def run(tank: Tank, amount: int) -> int:\n    """Runs."""\n'
        f"    return {body} + tank.slots[0]\n"
    )
    chosen = Settings(Facts(parse_text({"step": source})), (), {}, ("z3", "cvc5"), 2.0, ask)
    (result,) = run_job(chosen, Job("function", "run", ("totality",)))
    assert worst(result.verdicts.values()) is Verdict.REFUTED
    assert kind in {finding.kind for finding in result.findings}


def test_weak_contract_is_unknown_not_refuted() -> None:
    source = '''@ensure(lambda result: result >= 0)
def weak(amount: int) -> int:
    """Promises less than it does."""
    return 7


@require(lambda amount: 0 < amount < 3)
@snapshot(lambda amount: amount, name="amount")
@ensure(lambda result: result <= 7)
def run(amount: int) -> int:
    """Needs more."""
    return weak(amount)


def kept(tank: Tank) -> int:
    """Uses a copy."""
    twin = copy(tank)
    return twin.amount
'''
    result = totality(source.replace("return 7", "return 7 + 0 * amount"), "run")
    assert set(result.verdicts.values()) == {Verdict.UNKNOWN}
    assert "not provable from the contracts" in result.findings[0].text


def test_silence_and_nonsense_never_prove() -> None:
    for word, verdict in [
        ("timeout", Verdict.TIMEOUT),
        ("unknown", Verdict.UNKNOWN),
        ("error", Verdict.ERROR),
        ("", Verdict.ERROR),
        ("proved", Verdict.ERROR),
    ]:

        def says(solver: str, text: str, seconds: float, word: str = word) -> Answer:
            return Answer(word)

        result = totality(GUARDED, "release", asker=says)
        assert set(result.verdicts.values()) == {verdict}


def test_a_model_that_is_none_is_not_believed() -> None:
    def lies(solver: str, text: str, seconds: float) -> Answer:
        return Answer("sat", model={"amount": 0})

    result = totality(GUARDED, "release", asker=lies)
    assert set(result.verdicts.values()) == {Verdict.UNKNOWN}


@pytest.mark.parametrize(("liar", "honest"), [("z3", "cvc5"), ("cvc5", "z3")])
def test_disagreement_is_an_error_whoever_is_asked_first(liar: str, honest: str) -> None:
    def one_lies(solver: str, text: str, seconds: float) -> Answer:
        return Answer("unsat") if solver == liar else ask(solver, text, seconds)

    result = totality(UNGUARDED, "release", asker=one_lies)
    assert result.verdicts[honest] is Verdict.ERROR
    assert "disagree" in result.findings[0].text


def test_what_a_model_breaks_is_only_glanced_at_by_the_next_solver() -> None:
    asked: list[tuple[str, float]] = []

    def stuck_there(solver: str, text: str, seconds: float) -> Answer:
        asked.append((solver, seconds))
        said = ask(solver, text, seconds)
        return Answer("timeout", seconds) if said.word == "sat" and solver == "cvc5" else said

    result = totality(UNGUARDED, "release", asker=stuck_there)
    assert result.verdicts == {"z3": Verdict.REFUTED, "cvc5": Verdict.TIMEOUT}
    first = next(seconds for solver, seconds in asked if solver == "cvc5")
    assert first == GLANCE < min(seconds for solver, seconds in asked if solver == "z3")
    shown = {
        solver: [each.verdicts[solver] == "proved" for each in result.shares] for solver in SOLVERS
    }
    assert shown["z3"] == shown["cvc5"]
    assert any(shown["z3"])


def test_a_solver_that_hangs_is_killed_and_times_out() -> None:
    def hangs(text: str, seconds: float) -> Answer:
        while True:
            pass

    assert ask("z3", "", 0.1, hangs).word == "timeout"


def test_a_solver_that_dies_is_an_error() -> None:
    def dies(text: str, seconds: float) -> Answer:
        raise SystemExit(1)

    assert ask("z3", "", 5.0, dies).word == "error"
    assert ask("z3", "(assert nonsense)", 5.0).word == "error"
    assert ask("cvc5", "(assert nonsense)", 5.0).word == "error"


def test_nothing_shown_is_an_error() -> None:
    assert Answer().word == "error"
    assert worst(()) is Verdict.ERROR
    report = TheoremReport("x", "x", ("z3", "cvc5"))
    report.expected = 2
    assert report.verdict is Verdict.ERROR
    report.add(Result("x", "x", 1, {"z3": Verdict.PROVED, "cvc5": Verdict.PROVED}))
    assert report.verdict is Verdict.ERROR
    report.add(Result("x", "x", 1, {"z3": Verdict.PROVED}))
    assert report.verdict is Verdict.ERROR


def test_one_solver_counts_only_where_the_list_says_so() -> None:
    result = Result("x", "x", 1, {"z3": Verdict.PROVED, "cvc5": Verdict.TIMEOUT})
    plain = TheoremReport("x", "x", ("z3", "cvc5"), expected=1)
    plain.add(result)
    assert plain.verdict is Verdict.TIMEOUT
    excepted = TheoremReport("x", "x", ("z3", "cvc5"), "z3", "a reason", expected=1)
    excepted.add(result)
    assert excepted.verdict is Verdict.PROVED
    broken = TheoremReport("x", "x", ("z3", "cvc5"), "z3", "a reason", expected=1)
    broken.add(Result("x", "x", 1, {"z3": Verdict.PROVED, "cvc5": Verdict.REFUTED}))
    assert broken.verdict is Verdict.REFUTED


STATEMENTS = '''

def never_negative(tank_after: Tank) -> bool:
    """The reservoir is not negative."""
    return tank_after.reservoir >= 0


def never_moves(tank_before: Tank, tank_after: Tank) -> bool:
    """The reservoir never changes."""
    return tank_before.reservoir == tank_after.reservoir


def gives(tank_before: Tank, tank_after: Tank) -> bool:
    """Something leaves."""
    return tank_after.reservoir < tank_before.reservoir


def impossible(tank_after: Tank) -> bool:
    """This cannot be."""
    return tank_after.reservoir < 0
'''


def prove_small(theorem: Theorem, tmp_path: Path) -> tuple[Verdict, str]:
    program = parse_text({"step": TANK.replace("WORDS", WORDS) + GUARDED + STATEMENTS})
    report = prove_program(
        program, [theorem], {}, Options((theorem.name,), cache=False, smt2=tmp_path)
    )
    (entry,) = report.theorems
    assert report.ok is (report.verdict is Verdict.PROVED)
    assert report.as_json()["theorems"][0]["name"] == theorem.name
    text = "\n".join([*report.problems, *[f"{f.text}\n{f.counterexample}" for f in entry.findings]])
    return report.verdict, text


def test_a_theorem_with_its_cover_is_proved(tmp_path: Path) -> None:
    theorem = Theorem("small", "t", "release", ("never_negative",), cover="gives")
    assert prove_small(theorem, tmp_path)[0] is Verdict.PROVED
    assert list(tmp_path.glob("*.smt2"))


def test_a_wrong_theorem_is_refuted_from_its_opened_body(tmp_path: Path) -> None:
    theorem = Theorem("small", "t", "release", ("never_moves",), opens=("release",))
    verdict, text = prove_small(theorem, tmp_path)
    assert verdict is Verdict.REFUTED
    assert "tank.reservoir becomes" in text


def test_a_theorem_about_nothing_is_not_proved(tmp_path: Path) -> None:
    theorem = Theorem("small", "t", "release", ("never_negative",), cover="impossible")
    verdict, text = prove_small(theorem, tmp_path)
    assert verdict is Verdict.UNKNOWN
    assert "may say nothing" in text


def test_a_list_that_is_wrong_is_an_error(tmp_path: Path) -> None:
    theorem = Theorem("small", "t", "release", ("never_negative",), one_solver="z3")
    verdict, text = prove_small(theorem, tmp_path)
    assert verdict is Verdict.ERROR
    assert "no reason" in text


def test_simplified_terms_mean_what_they_meant() -> None:
    rng = random.Random(1)
    names = [terms.variable(f"v{i}") for i in range(4)]

    def number(depth: int) -> tuple[terms.Term, str]:
        pick = rng.randrange(6) if depth else 0
        if pick < 2:
            if rng.random() < 0.5:
                value = rng.randint(-3, 3)
                return terms.integer(value), f"({value})"
            i = rng.randrange(4)
            return names[i], f"v{i}"
        a, x = number(depth - 1)
        b, y = number(depth - 1)
        if pick == 2:
            return terms.add(a, b), f"({x} + {y})"
        if pick == 3:
            return terms.multiply(a, b), f"({x} * {y})"
        if pick == 4:
            return terms.subtract(a, b), f"({x} - {y})"
        c, z = truth(depth - 1)
        return terms.choose(c, a, b), f"({x} if {z} else {y})"

    def truth(depth: int) -> tuple[terms.Term, str]:
        pick = rng.randrange(6) if depth else rng.randrange(3)
        if pick < 3:
            a, x = number(max(depth - 1, 0))
            b, y = number(max(depth - 1, 0))
            make, sign = (
                (terms.at_most, "<="), (terms.below, "<"), (terms.equal, "=="),
            )[pick]  # fmt: skip
            return make(a, b), f"({x} {sign} {y})"
        a, x = truth(depth - 1)
        b, y = truth(depth - 1)
        if pick == 3:
            return terms.both(a, b), f"({x} and {y})"
        if pick == 4:
            return terms.either(a, b), f"({x} or {y})"
        return terms.negate(a), f"(not {x})"

    for _ in range(400):
        term, text = truth(5)
        parts = list(terms.clauses(term))
        for _ in range(6):
            model = {f"v{i}": rng.randint(-4, 4) for i in range(4)}
            meant = eval(text, dict(model))
            assert evaluate(term, model) == meant, text
            assert all(evaluate(part, model) for part in parts) == meant


def test_the_text_says_what_the_terms_say() -> None:
    x, y = terms.variable("a.slots[1]"), terms.variable("b")
    term = terms.both(
        terms.equal(terms.multiply(x, y), terms.integer(35)),
        terms.below(terms.integer(1), x),
        terms.below(x, y),
    )
    for solver in ("z3", "cvc5"):
        answer = ask(solver, script([term]), 10.0)
        assert answer.word == "sat"
        assert (answer.model["a.slots[1]"], answer.model["b"]) == (5, 7)
        more = script([term, terms.negate(terms.equal(x, terms.integer(5)))])
        assert ask(solver, more, 10.0).word == "unsat"
