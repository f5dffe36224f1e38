"""A counterexample is small, in units, run again in every way, and a test until it is mended."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dosekernel.proofs import machine_code
from dosekernel.proofs.covers import cover
from dosekernel.proofs.failing_test import test_name as name_of_test
from dosekernel.proofs.flows import Facts
from dosekernel.proofs.machine_code import Called
from dosekernel.proofs.minimise import minimised, simple_numbers
from dosekernel.proofs.plain import Plain, deep
from dosekernel.proofs.replay import Numbers, Replay, replay_function
from dosekernel.proofs.solvers import Verdict, ask
from dosekernel.proofs.source import kernel_home, read_program
from dosekernel.proofs.story import Teller
from dosekernel.proofs.units import run_job
from dosekernel.proofs.work import Finding, Job, Settings
from dosekernel.spec.theorem import Theorem
from dosekernel.spec.theorems.steps import WAY

from .kernels import twice_the_largest_bolus

TANK = '''"""A small kernel whose guard is missing."""

from .contract import Record, clear, ensure, require


class Tank(Record):
    """A reservoir."""

    reservoir: int
    amount: int
    rate: int


@require(lambda tank: tank.reservoir >= 0)
@ensure(lambda tank: tank.reservoir >= 0)
def step(tank: Tank, amount: int) -> int:
    """What leaves."""
    tank.amount = tank.rate
    if tank.rate > 3:
        tank.reservoir = tank.reservoir - 2
    return amount


def initialise(tank: Tank) -> int:
    """Empty."""
    clear(tank)
    return 0


def adopt(tank: Tank) -> int:
    """Nothing to adopt."""
    return tank.rate
'''


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One place for what is compiled here."""
    home = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOSEKERNEL_CACHE", str(home))
        yield home


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernel with twice the largest bolus."""
    return twice_the_largest_bolus(tmp_path_factory.mktemp("fork") / "broken")


def findings(kernel: Path, job: Job, theorems: tuple[Theorem, ...] = ()) -> list[Finding]:
    settings = Settings(Facts(read_program(kernel)), theorems, {}, ("z3",), 10.0, ask, kernel)
    with deep():
        return [each for result in run_job(settings, job) for each in result.findings]


@pytest.fixture(scope="module")
def finding(broken: Path, cache: Path) -> Finding:
    """What a person is told of it."""
    return findings(broken, Job("function", "bolus_reason", ("totality",)))[0]


def test_a_broken_limit_is_a_small_call_in_units(finding: Finding, broken: Path) -> None:
    assert finding.verdict is Verdict.REFUTED
    text = finding.counterexample
    assert "a fresh pump, its limits those of insulin-u100, all else 0, but for" in text
    assert "state.limits." not in text
    assert " U)" in text and "event.amount = " in text
    assert text.count("\n") < 30
    assert "interpreted kernel: the same; compiled: the same" in text
    assert finding.call is not None
    place = finding.call["decided"]["place"]
    line = int(place.rpartition(":")[2])
    assert place.startswith("broken/bolus.py:")
    assert (broken / "bolus.py").read_text().splitlines()[line - 1].strip() == "return REASON_NONE"
    cap = finding.call["before"]["state.limits.controller_bolus_max"]
    assert finding.call["result"] == 0 and finding.call["before"]["event.amount"] > cap


def run_pytest(folder: Path, kernel: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    environment = {"DOSEKERNEL_KERNEL": str(kernel), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, env=environment, capture_output=True, check=False, cwd=folder
    ).returncode


def test_the_test_fails_until_the_kernel_is_mended(
    finding: Finding, broken: Path, tmp_path: Path
) -> None:
    assert "event.source = 3  # CONTROLLER" in finding.test
    assert 'assert KERNEL.owed("bolus_reason", state, event) == []' in finding.test
    name = name_of_test("totality", finding.function, finding.place)
    assert name.startswith("test_totality_bolus_reason_") and name.endswith(".py")
    (tmp_path / name).write_text(finding.test)
    assert run_pytest(tmp_path, broken) == 1
    assert run_pytest(tmp_path, kernel_home()) == 0


def test_a_false_theorem_names_its_statement_and_keeps_its_case(
    broken: Path, tmp_path: Path
) -> None:
    case = {"event.kind": (5,)}
    wrong = Theorem("wrong", "t", "step", ("clock", "accepts_a_bolus"), WAY, case)
    job = Job("theorem", "step", ("wrong",), (("event.kind", 5),))
    found = findings(broken, job, (wrong,))[0]
    assert found.verdict is Verdict.REFUTED
    assert "accepts_a_bolus is false" in found.counterexample
    assert "event.kind = 5 (BOLUS)" in found.counterexample
    assert "interpreted kernel: the same; compiled: the same" in found.counterexample
    assert found.call is not None
    assert found.call["decided"]["place"].startswith("broken/")
    assert ".inverse." not in found.counterexample
    assert 'assert KERNEL.says("accepts_a_bolus", call)' in found.test
    (tmp_path / "test_wrong.py").write_text(found.test)
    assert run_pytest(tmp_path, broken) == 1


# ---- a small kernel: what is said when the ways of running a call do not agree


@pytest.fixture(scope="module")
def tank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tank")
    (folder / "step.py").write_text(TANK)
    return folder


def plain_tank(monkeypatch: pytest.MonkeyPatch, tank: Path) -> Teller:
    """The teller of a kernel without the statements of the real one."""
    monkeypatch.setattr("dosekernel.proofs.source.statement_files", list)
    monkeypatch.setattr("dosekernel.proofs.plain.statement_files", list)
    return Teller(Facts(read_program(tank)), tank)


def test_a_run_that_differs_is_said(monkeypatch: pytest.MonkeyPatch, tank: Path) -> None:
    teller = plain_tank(monkeypatch, tank)
    replay = replay_function(teller.facts, "step", ((1, 12345, 999), (77,)))
    assert replay is not None and replay.broken
    story = teller.story(replay, None)
    assert (story.interpreted, story.compiled, story.contradicted) == (
        "the same",
        "the same",
        False,
    )
    # The rate may be no smaller; the rest is as plain as can be.
    assert story.replay.before[0][1] == story.replay.before[1][0] == 0
    assert story.replay.before[0][2] == 10
    assert story.decided_text == "return amount"

    def otherwise(kernel: Path, program: object, name: str, words: Numbers) -> Called:
        return Called(words, 0)

    monkeypatch.setattr(machine_code, "call", otherwise)
    odd = teller.story(replay, None)
    assert (odd.compiled, odd.contradicted) == ("differs", True)
    monkeypatch.setattr(machine_code, "call", lambda *given: Called(reason="not compiled: why"))
    assert teller.story(replay, None).compiled == "not compiled: why"


def test_where_words_overflow_the_compiled_kernel_may_differ(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = TANK.replace("tank.reservoir - 2", "tank.reservoir + tank.reservoir")
    (tmp_path / "step.py").write_text(text)
    teller = plain_tank(monkeypatch, tmp_path)
    replay = replay_function(teller.facts, "step", ((2**63 - 1, 0, 4), (0,)))
    assert replay is not None and replay.broken[0].kind == "range"
    story = teller.story(replay, None)
    assert story.compiled == "differs" and not story.contradicted
    assert story.replay.broken[0].kind == "range"


def test_a_compiled_kernel_that_dies_or_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = TANK.replace("tank.reservoir - 2", "tank.reservoir // amount")
    (tmp_path / "step.py").write_text(text)
    teller = plain_tank(monkeypatch, tmp_path)
    program = teller.facts.program
    died = machine_code.call(tmp_path, program, "step", ((1, 0, 4), (0,)))
    assert died.reason.startswith("it crashes")
    assert machine_code.call(tmp_path, program, "step", ((8, 0, 4), (2,))).after[0] == (4, 4, 4)
    monkeypatch.setenv("CC", "no-such-compiler")
    (tmp_path / "step.py").write_text(text + "\n\n")
    missing = machine_code.call(tmp_path, program, "step", ((1, 0, 4), (0,)))
    assert missing.reason == "not compiled: there is no C compiler no-such-compiler"


TWICE = (
    TANK
    + '''

def asked(result: int) -> bool:
    """Something was asked."""
    return result > 3
'''
)


@pytest.mark.parametrize(
    ("compiled", "verdict"),
    [("the same", Verdict.PROVED), ("differs", Verdict.ERROR), ("not compiled", Verdict.PROVED)],
)
def test_a_cover_is_run_in_the_compiled_kernel_too(
    compiled: str, verdict: Verdict, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "step.py").write_text(TWICE)
    monkeypatch.setattr("dosekernel.proofs.source.statement_files", list)
    if compiled != "the same":
        monkeypatch.setattr(machine_code, "compared", lambda *given: compiled)
    theorem = Theorem("t", "t", "step", ("asked",), cover="asked")
    facts = Facts(read_program(tmp_path))
    settings = Settings(facts, (theorem,), {}, ("z3",), 5.0, ask, tmp_path)
    result = cover(settings, theorem, 0.0)
    assert result.verdicts == {"z3": verdict}
    assert result.covered.endswith(f"compiled kernel: {compiled}")
    assert [each.text for each in result.findings] == (
        ["the compiled kernel differs"] if verdict is Verdict.ERROR else []
    )


# ---- making small


def test_minimised_calls_keep_only_what_matters() -> None:
    def fails(words: Numbers) -> bool:
        return words[0][3] > 1000 and words[1][0] != 0

    words: Numbers = (tuple(range(5000, 5010)), (7,))
    found = minimised(words, ((1,) * 10, (0,)), fails)
    assert found == ((1, 1, 1, 5000, 1, 1, 1, 1, 1, 1), (1,))
    held = minimised(words, ((1,) * 10, (0,)), fails, held={(0, 0)})
    assert held[0][0] == 5000


def test_an_inverse_follows_its_word() -> None:
    def fails(words: Numbers) -> bool:
        (memory,) = words
        return memory[0] > 40 and memory[2] == -1 - memory[0] and memory[3] == 9

    found = minimised(((47, 5, -48, 9),), ((0, 0, -1, -1),), fails, inverses=(0,))
    assert found == ((50, 0, -51, 9),)


def test_simpler_numbers_are_near() -> None:
    assert simple_numbers(274) == [1, 10, 100, 200, 300, 270, 280]
    assert simple_numbers(1) == []


# ---- the kernel as plain Python


def test_plain_python_knows_statements_and_promises() -> None:
    kernel = Plain()
    memory = kernel.fresh("insulin-u100")
    event, outcome = kernel.record("Event"), kernel.record("Outcome")
    event.kind, event.at, event.source = 1, 1000, 1
    call = kernel.call("step", memory, event, outcome)
    assert call is not None and call.result == 1
    assert kernel.says("clock", call) and not kernel.says("refuses_a_bolus", call)
    assert kernel.owed("step", memory, event, outcome) == []
    assert kernel.call("bolus_reason", kernel.record("State"), event) is None
    assert kernel.says("clock", None)
    assert kernel.owed("bolus_reason", kernel.record("State"), event) == []


def test_the_replay_of_a_theorem_that_is_true_makes_no_story(broken: Path) -> None:
    teller = Teller(Facts(read_program(broken)), broken)
    true = Theorem("true", "t", "step", ("clock",))
    memory = tuple(teller.plain.fresh("insulin-u100").words())
    words = (memory, (0,) * 10, (0,) * 16)
    assert teller.again(Replay("step", words, words, 0, ()), true, words) is None
    assert teller.fault(Replay("step", words, words, 0, ()), true, words) == ""
    false = replace(true, statements=("accepts_a_bolus",))
    assert teller.fault(Replay("step", words, words, 0, ()), false, words) == "accepts_a_bolus"
