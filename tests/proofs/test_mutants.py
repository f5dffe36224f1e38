"""Small faults of the kernel: generated from its source, each refuted, shown equal or printed."""

import json
from collections import Counter

import pytest

from dosekernel.proofs.command import main
from dosekernel.proofs.mutants import run
from dosekernel.proofs.mutants.equal import differences, in_place_problem
from dosekernel.proofs.mutants.generate import OPERATORS, Mutant, mutants
from dosekernel.proofs.mutants.judge import Fate, Judge, Judgement
from dosekernel.proofs.mutants.promises import Call
from dosekernel.proofs.mutants.reach import Reach
from dosekernel.proofs.mutants.run import chosen, run_mutants, subject_of
from dosekernel.proofs.mutants.subject import Faulty, NotAKernelError, Subject, faulty
from dosekernel.proofs.mutants.trial import Trial
from dosekernel.spec.language import parse_text

# How many mutants of the kernel are judged in every test; `dosekernel prove --mutants` judges all.
SAMPLE = 48

SMALL = '''"""A small kernel."""

from .contract import ensure, require

MOST = 1000000


def twice(a: int) -> int:
    """Promises nothing, and no theorem speaks of it."""
    return a + a


@require(lambda a: 0 <= a)
@ensure(lambda result: result <= MOST)
@ensure(lambda a, result: result == a or a > MOST)
def clamped(a: int) -> int:
    """No more than the most."""
    if a > MOST:
        return MOST
    return a


@require(lambda a: 0 <= a <= MOST)
@ensure(lambda a, result: result >= a)
def step(a: int) -> int:
    """The entry."""
    if a == 0:
        return 0
    return clamped(a) + twice(a)
'''


@pytest.fixture(scope="module")
def kernel() -> Subject:
    """The kernel as it is."""
    return subject_of(None)


@pytest.fixture(scope="module")
def faults(kernel: Subject) -> list[Mutant]:
    """All its mutants."""
    return mutants(kernel.kernel, kernel.program)


@pytest.fixture(scope="module")
def judge(kernel: Subject) -> Judge:
    """Judges mutants of the kernel."""
    return Judge(kernel, Reach(kernel))


@pytest.fixture
def small() -> Subject:
    """A small kernel with one recorded call of each function, far from every edge."""
    calls = {name: [Call(name, (5,), frozenset((name,)))] for name in ("twice", "clamped", "step")}
    return Subject({"step": SMALL}, {}, (), {}, calls)


def small_mutants(subject: Subject) -> list[Mutant]:
    return mutants(subject.kernel, parse_text(subject.kernel), ("step",))


def named(found: list[Mutant], words: str) -> Mutant:
    """The one mutant whose name holds these words."""
    (mutant,) = [each for each in found if words in each.name]
    return mutant


def judged(subject: Subject, words: str) -> Judgement:
    mutant = named(small_mutants(subject), words)
    return Judge(subject, Reach(subject, {})).judge(mutant)


def test_every_operator_finds_places_and_no_two_mutants_are_the_same(
    kernel: Subject, faults: list[Mutant]
) -> None:
    assert len(faults) > 3000
    counts = Counter(each.operator for each in faults)
    assert set(counts) == set(OPERATORS)
    assert min(counts.values()) > 50
    texts = {(each.module, each.apply(kernel.kernel[each.module])) for each in faults}
    assert len(texts) == len({each.key for each in faults}) == len(faults)


def test_a_mutant_keeps_its_lines_and_changes_one_function(
    kernel: Subject, faults: list[Mutant]
) -> None:
    programs = 0
    for mutant in chosen(faults, (), 20):
        before = kernel.kernel[mutant.module]
        assert mutant.apply(before).count("\n") == before.count("\n")
        try:
            mutated = faulty(kernel, mutant)
        except NotAKernelError:
            continue
        programs += 1
        assert mutated.changed == {mutant.function}
    assert programs > 12


def test_contracts_and_what_only_they_read_are_left_alone(
    kernel: Subject, faults: list[Mutant]
) -> None:
    functions = {each.function for each in faults}
    assert "state_valid" in functions
    assert "moved" not in functions
    for mutant in chosen(faults, (), 200):
        line = kernel.kernel[mutant.module].splitlines()[mutant.line - 1]
        assert not line.startswith(("@", "def ", "class "))


def test_the_kernel_as_it_is_breaks_nothing_in_the_recorded_calls(
    kernel: Subject, faults: list[Mutant]
) -> None:
    text = kernel.kernel[faults[0].module]
    trial = Trial(kernel, Faulty(faults[0], text, kernel.program, frozenset()))
    calls = [call for calls in kernel.pool.values() for call in calls[:: max(1, len(calls) // 8)]]
    assert len(calls) > 500
    for call in calls:
        about = [each for each in kernel.theorems if each.about == call.function]
        assert not trial.false_of(call, about)


def test_a_planted_survivor_is_reported_as_a_diff(small: Subject) -> None:
    mutant = named(small_mutants(small), "twice: a + a -> a - a")
    report = run_mutants(small, [mutant], workers=1, cache=False)
    (found,) = report.unexplained()
    assert found.fate is Fate.SURVIVED
    assert "-    return a + a\n+    return a - a" in report.diffs[found.name]


def test_a_fault_far_from_every_recorded_call_is_found_by_a_solver(small: Subject) -> None:
    found = judged(small, "clamped: MOST -> (MOST + 1) (2)")
    assert (found.fate, found.by) == (Fate.REFUTED, "totality: clamped: its promise in line 14")


def test_a_fault_that_is_none_is_shown_to_be_none(small: Subject) -> None:
    assert judged(small, "clamped: a > MOST -> a >= MOST").fate is Fate.EQUAL
    # Equal wherever it is called, if not everywhere.
    assert judged(small, "step: a == 0 -> a <= 0").fate is Fate.EQUAL


def test_what_the_language_refuses_is_no_mutant(small: Subject) -> None:
    found = judged(small, "step: without if a == 0")
    assert found.fate is not Fate.NO_KERNEL
    found = judged(small, "clamped: without if a > MOST")
    assert found.fate is Fate.REFUTED


def test_a_run_that_was_stopped_goes_on(
    small: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("DOSEKERNEL_CACHE", str(tmp_path_factory.mktemp("cache")))
    wanted = small_mutants(small)
    said: list[str] = []
    first = run_mutants(small, wanted[:4], workers=1, progress=said.append)
    assert said.pop(0).endswith("0 judged before")
    assert len(said) == 4
    assert said[-1].endswith("0 left")
    said.clear()
    whole = run_mutants(small, wanted, workers=1, progress=said.append)
    assert said.pop(0).endswith("4 judged before")
    assert len(said) == len(wanted) - 4
    assert whole.judgements[:4] == first.judgements
    said.clear()
    run_mutants(small, wanted, workers=1, progress=said.append)
    assert not said
    run_mutants(small, wanted[:1], workers=1, cache=False, progress=said.append)
    assert said.pop(0).endswith("0 judged before")
    assert len(said) == 1


def test_what_is_explained_must_survive(small: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    every = small_mutants(small)
    survivor = named(every, "twice: a + a -> a - a")
    caught = named(every, "clamped: without if a > MOST")
    explained = {survivor.key: "no theorem speaks of it", caught.key: "none does"}
    monkeypatch.setattr(run, "EXPLAINED", explained)
    report = run_mutants(small, [survivor, caught], workers=1, cache=False)
    assert not report.unexplained()
    assert report.stale == [caught.key]


def test_an_off_by_one_that_changes_nothing_is_proved_equal(
    judge: Judge, faults: list[Mutant]
) -> None:
    found = judge.judge(named(faults, "smaller: a < b -> a <= b"))
    assert (found.fate, found.by) == (Fate.EQUAL, "smaller")


@pytest.mark.parametrize(
    ("other", "same"), [("event.kind > FAULT", True), ("event.kind == FAULT", False)]
)
def test_an_expression_is_equal_where_it_is_met(
    judge: Judge, faults: list[Mutant], other: str, same: bool
) -> None:
    mutant = named(faults, f"stop: event.kind != FAULT -> {other}")
    judge = Judge(judge.subject, judge.reach)  # one that has spent no time on another
    assert judge.same_in_place(faulty(judge.subject, mutant), "stop") is same


def test_what_is_written_to_is_no_expression_that_is_met(
    judge: Judge, faults: list[Mutant]
) -> None:
    mutant = named(faults, "suspend: state.suspended_at -> state.fault_at")
    function = judge.subject.program.functions["suspend"]
    twin = faulty(judge.subject, mutant).program.functions["suspend"]
    for difference in differences(function, twin):
        assert in_place_problem(judge.subject.facts, function, difference) is None


def test_an_expression_around_the_fault_is_equal_where_it_is_met(
    judge: Judge, faults: list[Mutant]
) -> None:
    mutant = named(faults, "peak: TOTAL_MAX -> (TOTAL_MAX + 1)")
    judge = Judge(judge.subject, judge.reach)
    assert judge.same_in_place(faulty(judge.subject, mutant), "peak")


@pytest.mark.parametrize("other", [">=", "<="])
def test_a_bolus_cap_that_is_off_is_refuted(judge: Judge, faults: list[Mutant], other: str) -> None:
    cap = "source_cap(state, event.source)"
    found = judge.judge(
        named(faults, f"bolus_reason: event.amount > {cap} -> event.amount {other} {cap}")
    )
    assert found.fate is Fate.REFUTED
    assert "bolus" in found.by


def test_a_wrong_module_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--mutants", "--only", "nosuch"]) == 2
    assert "no mutants of nosuch: one of adoption" in capsys.readouterr().err


def test_the_command_judges_a_module(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setenv("DOSEKERNEL_CACHE", str(tmp_path_factory.mktemp("cache")))
    assert main(["--mutants", "--only", "integrity", "--jobs", "1", "--json", "--quiet"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["counts"][Fate.REFUTED] == 1
    # A function that does nothing at all is not in the language.
    assert data["counts"][Fate.NO_KERNEL] == 1
    assert all(each["by"] for each in data["mutants"])
    assert main(["--mutants", "--only", "integrity", "--quiet"]) == 0
    assert "CAUGHT: 2 mutants" in capsys.readouterr().out


def test_a_sample_of_all_mutants_is_caught(kernel: Subject, faults: list[Mutant]) -> None:
    wanted = chosen(faults, (), SAMPLE)
    report = run_mutants(kernel, wanted, workers=2, cache=False)
    shown = "\n".join(f"{each.name}: {each.by}" for each in report.unexplained())
    assert not shown
    assert len(report.judgements) == SAMPLE
    assert report.count(Fate.REFUTED) > SAMPLE * 3 // 4
    assert all(each.by for each in report.judgements if each.fate is Fate.REFUTED)
