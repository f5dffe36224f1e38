"""Covers: that a theorem speaks of something that happens.

A theorem whose hypotheses cannot hold, or a kernel that refuses everything, would be proved with
ease. So for each theorem a call is found that has its covering property, and replayed on ints: the
solver only proposes, it is the kernel that shows. To make proposing easy the limits are those of a
preset, the clock stands at a plain time and the windows are empty; where that finds nothing, more
and more is left open.
"""

import time
from collections.abc import Iterator

from dosekernel.spec.limits import Limits
from dosekernel.spec.theorem import Theorem

from .flows import Facts
from .problems import Case
from .replay import numbers, replay_theorem
from .solvers import Verdict
from .strategy import Prover
from .theorems import cover_problem, theorem_cases
from .units import Finding, Result, Settings

PRESET = "insulin-u100"
DAY = 86_400_000
NOW = 10 * DAY
LATER = NOW + 300_000


def stages(facts: Facts, theorem: Theorem) -> Iterator[tuple[frozenset[str], Case]]:
    """What is opened and which words are fixed, the easiest first."""
    everything = frozenset(facts.program.functions)
    limits = limit_words(facts, theorem)
    if limits:
        clock = {**limits, **clock_words(facts, theorem)}
        empty = {**clock, **slot_words(facts, theorem)}
        for fixed in (empty, clock):
            yield everything, tuple(fixed.items())
        yield frozenset(theorem.opens), tuple(clock.items())
    yield everything, ()
    yield frozenset(theorem.opens), ()


def _records(facts: Facts, theorem: Theorem) -> dict[str, str]:
    function = facts.program.functions[theorem.about]
    return {each.name: each.type for each in function.parameters}


def _both_copies(facts: Facts, theorem: Theorem, words: dict[str, int]) -> dict[str, int]:
    """Words of the state as words of the function's arguments; of a memory's inverse too."""
    records = _records(facts, theorem)
    if records.get("state") == "State":
        return {f"state.{name}": value for name, value in words.items()}
    if records.get("memory") == "Memory":
        found = {f"memory.state.{name}": value for name, value in words.items()}
        found.update({f"memory.inverse.{name}": -1 - value for name, value in words.items()})
        return found
    return {}


def limit_words(facts: Facts, theorem: Theorem) -> dict[str, int]:
    """The limits of a preset, if this program's limits are of that shape."""
    preset = Limits.load(PRESET).words()
    names = facts.layout.names.get("Limits", ())
    if len(names) != len(preset) or "State" not in facts.layout.names:
        return {}
    pairs = zip(names, preset, strict=True)
    return _both_copies(facts, theorem, {f"limits.{name}": value for name, value in pairs})


def clock_words(facts: Facts, theorem: Theorem) -> dict[str, int]:
    """A plain time, and an event some minutes later."""
    words = _both_copies(facts, theorem, {"now": NOW})
    if _records(facts, theorem).get("event") == "Event":
        words["event.at"] = LATER
    return words


def slot_words(facts: Facts, theorem: Theorem) -> dict[str, int]:
    """Empty windows."""
    slots = [name for name in facts.layout.names["State"] if ".slots[" in name]
    return _both_copies(facts, theorem, dict.fromkeys(slots, 0))


def cover(settings: Settings, theorem: Theorem, begin: float) -> Result:
    """Look for a call that the theorem's cover is true of, and replay it on ints."""
    facts = settings.facts
    result = Result(theorem.name, f"{theorem.name} cover", 1)
    for opens, fixed in stages(facts, theorem):
        for case in theorem_cases(theorem):
            problem = cover_problem(facts, theorem, case, opens, fixed)
            if not problem.goals:
                continue
            for solver in settings.solvers:
                prover = Prover(problem, solver, settings.timeout, settings.asker)
                outcome = prover.prove()
                result.queries += outcome.queries
                result.seconds[solver] = result.seconds.get(solver, 0.0) + outcome.seconds
                for failure in outcome.failures:
                    if failure.verdict is not Verdict.REFUTED:
                        continue
                    words = numbers(problem.inputs, failure.model)
                    replay = replay_theorem(facts, theorem, (theorem.cover,), words)
                    if replay is not None and replay.statement:
                        result.covered = problem.name
                        result.building = time.monotonic() - begin
                        result.verdicts = dict.fromkeys(settings.solvers, Verdict.PROVED)
                        return result
    result.building = time.monotonic() - begin
    result.verdicts = dict.fromkeys(settings.solvers, Verdict.UNKNOWN)
    statement = facts.program.functions[theorem.cover]
    result.findings.append(
        Finding(
            "cover",
            f"{statement.file}:{statement.line}",
            theorem.cover,
            "no call was found that has this property: the theorem may say nothing",
            ", ".join(settings.solvers),
            Verdict.UNKNOWN,
        )
    )
    return result
