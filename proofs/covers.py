"""Covers: that a theorem speaks of something that happens.

A theorem whose hypotheses cannot hold, or a kernel that refuses everything, would be proved with
ease. So for each theorem a call is found that has its covering property, and replayed on ints: the
solver only proposes, it is the kernel that shows. To make proposing easy the limits are those of a
preset, the clock stands at a plain time and the windows are empty; where that finds nothing, more
and more is left open. All facts are given, also those that share no word with the property: a call
needs every word. The call that an earlier run found is tried first: if it still does, no solver is
asked.
"""

import time
from collections.abc import Iterator

from dosekernel.spec.theorem import Theorem

from .cache import CallStore
from .flows import Facts
from .problems import Problem
from .replay import Numbers, numbers, replay_theorem
from .smtlib import script
from .solvers import Verdict
from .stages import stages
from .terms import negate
from .theorems import cover_problem, free_parameters, theorem_cases
from .trail import WatchedFacts
from .work import Finding, Result, Settings


def cover(settings: Settings, theorem: Theorem, begin: float) -> Result:
    """Look for a call that the theorem's cover is true of, and replay it on ints."""
    facts = settings.facts
    result = Result(theorem.name, f"{theorem.name} cover", 1)
    store = None if settings.calls is None else CallStore(settings.calls)
    kept = None if store is None else store.get(theorem.name)
    if kept is not None and covers(settings, theorem, kept):
        return covered(settings, result, f"{theorem.name} [the call of an earlier run]", begin)
    for opens, fixed in stages(facts, theorem):
        for case in theorem_cases(theorem):
            problem = cover_problem(facts, theorem, case, opens, fixed)
            if not problem.goals:
                continue
            for words in proposals(settings, problem, result):
                if covers(settings, theorem, words):
                    if store is not None:
                        store.put(theorem.name, words)
                    return covered(settings, result, problem.name, begin)
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


def covers(settings: Settings, theorem: Theorem, words: Numbers) -> bool:
    """True if a call, run on ints, has the theorem's covering property."""
    facts = settings.facts
    sizes = [facts.layout.size[kind] for kind in kinds(facts, theorem)]
    if [len(each) for each in words] != sizes:
        return False
    replay = replay_theorem(facts, theorem, (theorem.cover,), words)
    return replay is not None and replay.statement is True


def kinds(facts: Facts, theorem: Theorem) -> list[str]:
    """The types of the words of a call: the arguments, then what stands for any value."""
    parameters = facts.program.functions[theorem.about].parameters
    free = free_parameters(facts, (theorem.cover,))
    return [each.type for each in (*parameters, *free)]


def covered(settings: Settings, result: Result, how: str, begin: float) -> Result:
    """The result of a theorem that says something."""
    result.covered = how
    result.building = time.monotonic() - begin
    result.verdicts = dict.fromkeys(settings.solvers, Verdict.PROVED)
    if isinstance(settings.facts, WatchedFacts):
        result.read = settings.facts.trail.names()
    return result


def proposals(settings: Settings, problem: Problem, result: Result) -> Iterator[Numbers]:
    """The calls that solvers propose, one solver after another, until one says there is none."""
    known = [guard for guard, _ in problem.guards]
    for goal in problem.goals:
        text = script([*problem.facts[: goal.facts], *known, negate(goal.term)], problem.name)
        for solver in settings.solvers:
            answer = settings.asker(solver, text, settings.timeout)
            result.queries += 1
            result.seconds[solver] = result.seconds.get(solver, 0.0) + answer.seconds
            if answer.word == "sat":
                yield numbers(problem.inputs, answer.model)
            if answer.word == "unsat":
                break
