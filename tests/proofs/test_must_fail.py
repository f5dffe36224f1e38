"""Kernels that do nothing keep every rule; that nothing happens is what their covers show.

A cover is a call that a theorem speaks of: found by a solver, replayed on the prover's ints, and
here on the compiled kernel too.
"""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from dosekernel import Event, Kernel, Limits
from dosekernel.kernel import records as k
from dosekernel.proofs import command, covers
from dosekernel.proofs.covers import cover
from dosekernel.proofs.flows import Facts
from dosekernel.proofs.problems import Case
from dosekernel.proofs.replay import Numbers, numbers, replay_theorem
from dosekernel.proofs.runner import read_program
from dosekernel.proofs.solvers import Verdict, ask
from dosekernel.proofs.stages import stages
from dosekernel.proofs.strategy import Prover
from dosekernel.proofs.theorems import cover_problem
from dosekernel.proofs.units import TOTALITY, Job, Result, Settings, run_job
from dosekernel.spec.language import parse_text
from dosekernel.spec.theorem import Theorem
from dosekernel.spec.theorems import THEOREMS

from .kernels import changed

SECONDS = 5.0
HASTE = 1.0
REFUSES = (
    "step.py",
    "    if unfit != REASON_NONE:\n",
    "    if unfit != REASON_NONE or state.now >= 0:\n",
)
NEVER_TICKS = (
    "delivery.py",
    "    if state.outstanding > 0:\n        return REASON_UNCONFIRMED\n    if state.prime_owed",
    "    if state.outstanding >= 0:\n        return REASON_UNCONFIRMED\n    if state.prime_owed",
)
IDLE = [
    pytest.param(*REFUSES, "bolus-cap", k.BOLUS, id="refuses-everything"),
    pytest.param(*NEVER_TICKS, "blocked", k.TICK, id="never-ticks"),
]
# Theorems about a step whose covers are run on the compiled kernel, with the kind they speak of.
COVERED = {"bolus-cap": k.BOLUS, "blocked": k.TICK, "stop": k.SUSPEND, "refusal": k.BOLUS}


@pytest.fixture
def few_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look for a cover stops after two stages: those that find it in the kernel as it is."""

    def first(facts: Facts, chosen: Theorem) -> list[tuple[frozenset[str], Case]]:
        return list(stages(facts, chosen))[:2]

    monkeypatch.setattr(covers, "stages", first)


def look(kernel: Path | None, name: str, kind: int) -> Result:
    """Look for the cover of a theorem in a kernel, for one kind of event."""
    chosen = theorem(name, kind)
    settings = Settings(Facts(read_program(kernel)), (chosen,), {}, ("z3",), HASTE, ask)
    return cover(settings, chosen, time.monotonic())


def theorem(name: str, kind: int) -> Theorem:
    """A theorem about a step, for one kind of event and the others together."""
    found = next(each for each in THEOREMS if each.name == name)
    return replace(found, cases={"event.kind": (kind,)})


# ---- kernels that do nothing


@pytest.mark.usefixtures("few_stages")
@pytest.mark.parametrize(("file", "old", "new", "name", "kind"), IDLE)
def test_a_kernel_that_does_nothing_is_not_proved(
    file: str, old: str, new: str, name: str, kind: int, tmp_path: Path
) -> None:
    result = look(changed(tmp_path, file, old, new), name, kind)
    assert set(result.verdicts.values()) == {Verdict.UNKNOWN}
    assert {each.kind for each in result.findings} == {"cover"}
    assert command.exit_code(Verdict.UNKNOWN) == 3


@pytest.mark.usefixtures("few_stages")
def test_the_kernel_as_it_is_is_covered() -> None:
    result = look(None, "bolus-cap", k.BOLUS)
    assert set(result.verdicts.values()) == {Verdict.PROVED}
    assert result.covered


@pytest.mark.slow
@pytest.mark.parametrize(("file", "old", "new", "name", "kind"), IDLE)
def test_the_command_ends_with_3(
    file: str, old: str, new: str, name: str, kind: int, tmp_path: Path
) -> None:
    copy = changed(tmp_path, file, old, new)
    options = ["--kernel", str(copy), "--property", name, "--timeout", "2", "--no-cache"]
    assert command.main([*options, "--quiet"]) == 3, f"kind {kind}"


# ---- contracts that nothing can meet


def test_a_require_that_nothing_meets_is_refuted_where_it_is_called() -> None:
    source = (
        '"""A small kernel."""\n\nfrom .contract import ensure, require\n\n\n'
        "@require(lambda amount: amount > 3 and amount < 2)\n@ensure(lambda result: result == 0)\n"
        'def never(amount: int) -> int:\n    """No call can be right."""\n    return amount\n\n\n'
        "@ensure(lambda result: result == 0)\n"
        'def asks(amount: int) -> int:\n    """Calls it."""\n    return never(amount)\n'
    )
    settings = Settings(Facts(parse_text({"step": source})), (), {}, ("z3", "cvc5"), 10.0, ask)
    (inside,) = run_job(settings, Job("function", "never", (TOTALITY,)))
    assert set(inside.verdicts.values()) == {Verdict.PROVED}
    (caller,) = run_job(settings, Job("function", "asks", (TOTALITY,)))
    assert set(caller.verdicts.values()) == {Verdict.REFUTED}
    assert {each.kind for each in caller.findings} == {"requires"}


def test_the_entries_require_nothing() -> None:
    functions = read_program(None).functions
    for name in ("initialise", "adopt", "step"):
        assert not functions[name].requires, f"{name} holds for every input"


@pytest.mark.usefixtures("few_stages")
def test_an_entry_that_requires_what_cannot_be_has_no_cover(tmp_path: Path) -> None:
    copy = changed(
        tmp_path,
        "step.py",
        "def step(memory: Memory, event: Event, outcome: Outcome)",
        "@require(lambda event: event.at < event.at)\n"
        "def step(memory: Memory, event: Event, outcome: Outcome)",
    )
    result = look(copy, "bolus-cap", k.BOLUS)
    assert set(result.verdicts.values()) == {Verdict.UNKNOWN}
    assert not result.covered


# ---- covers on the compiled kernel


def covering_call(facts: Facts, chosen: Theorem, kind: int) -> Numbers | None:
    """The memory, event and outcome of a call that has a theorem's covering property."""
    for opens, fixed in stages(facts, chosen):
        problem = cover_problem(facts, chosen, (("event.kind", kind),), opens, fixed)
        for failure in Prover(problem, "z3", SECONDS).prove().failures:
            words = numbers(problem.inputs, failure.model)
            replay = replay_theorem(facts, chosen, (chosen.cover,), words)
            if replay is not None and replay.statement:
                return words
    return None


@pytest.mark.parametrize("name", sorted(COVERED))
def test_a_cover_happens_in_the_compiled_kernel(name: str) -> None:
    facts = Facts(read_program(None))
    chosen = theorem(name, COVERED[name])
    words = covering_call(facts, chosen, COVERED[name])
    assert words is not None
    replay = replay_theorem(facts, chosen, (chosen.cover,), words)
    assert replay is not None
    memory, event, _ = words
    kernel = Kernel(Limits.load("insulin-u100"))
    kernel._set_words([int(word) for word in memory])
    outcome = kernel.step(Event.from_words([int(word) for word in event]))
    after, _, said = replay.after
    assert list(kernel._words()) == [int(word) for word in after]
    assert list(outcome.words) == [int(word) for word in said]
    assert outcome.status == replay.result
    assert outcome.status in (k.ACCEPTED, k.REFUSED)
