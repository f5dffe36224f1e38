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

from . import machine_code
from .cache import CallStore
from .flows import Facts
from .problems import Problem
from .replay import Numbers, Replay, numbers, replay_theorem
from .smtlib import script
from .solvers import Verdict
from .stages import stages
from .terms import negate
from .theorems import cover_problem, free_parameters, theorem_cases
from .trail import WatchedFacts
from .work import Finding, Job, Result, Settings


def covers_of(settings: Settings, job: Job, begin: float) -> Iterator[Result]:
    """What covers the theorems of a unit: the first is searched for, the others share its call."""
    by_name = {theorem.name: theorem for theorem in settings.theorems}
    found = cover(settings, by_name[job.theorems[0]], begin)
    yield found
    verdict = next(iter(found.verdicts.values()), Verdict.ERROR)
    for name in job.theorems[1:]:
        shared = Result(name, f"{name} cover", 1, covered=found.covered, read=found.read)
        shared.findings = list(found.findings)
        shared.verdicts = dict.fromkeys(settings.asked_of(by_name[name]), verdict)
        yield shared


def cover(settings: Settings, theorem: Theorem, begin: float) -> Result:
    """Look for a call that the theorem's cover is true of, and replay it on ints."""
    facts = settings.facts
    result = Result(theorem.name, f"{theorem.name} cover", 1)
    store = None if settings.calls is None else CallStore(settings.calls)
    kept = None if store is None else store.get(theorem)
    replay = None if kept is None else covers(settings, theorem, kept)
    if replay is not None:
        result.covered = f"{theorem.name} [a call found before]"
        return covered(settings, result, theorem, replay, begin)
    for opens, fixed in stages(facts, theorem):
        for case in theorem_cases(theorem):
            problem = cover_problem(facts, theorem, case, opens, fixed)
            if not problem.goals:
                continue
            for words in proposals(settings, problem, result):
                replay = covers(settings, theorem, words)
                if replay is not None:
                    if store is not None:
                        store.put(theorem, words)
                    result.covered = problem.name
                    return covered(settings, result, theorem, replay, begin)
    result.building = time.monotonic() - begin
    result.verdicts = dict.fromkeys(settings.asked_of(theorem), Verdict.UNKNOWN)
    text = "no call was found that has this property: the theorem may say nothing"
    result.findings.append(finding(settings, theorem, text))
    return result


def covers(settings: Settings, theorem: Theorem, words: Numbers) -> Replay | None:
    """A call run on ints, if it has the theorem's covering property."""
    facts = settings.facts
    sizes = [facts.layout.size[kind] for kind in kinds(facts, theorem)]
    if [len(each) for each in words] != sizes:
        return None
    replay = replay_theorem(facts, theorem, (theorem.cover,), words)
    return replay if replay is not None and replay.statement is True else None


def kinds(facts: Facts, theorem: Theorem) -> list[str]:
    """The types of the words of a call: the arguments, then what stands for any value."""
    parameters = facts.program.functions[theorem.about].parameters
    free = free_parameters(facts, (theorem.cover,))
    return [each.type for each in (*parameters, *free)]


def covered(
    settings: Settings, result: Result, theorem: Theorem, replay: Replay, begin: float
) -> Result:
    """The result of a theorem that says something, if the compiled kernel does the same."""
    facts = settings.facts
    verdict = Verdict.PROVED
    if settings.kernel is not None:
        compiled = machine_code.compared(settings.kernel, facts.program, replay)
        result.covered += f"; compiled kernel: {compiled}"
        if compiled == machine_code.DIFFERS:
            verdict = Verdict.ERROR
            result.findings.append(finding(settings, theorem, "the compiled kernel differs"))
            result.findings[-1].verdict = verdict
    result.building = time.monotonic() - begin
    result.verdicts = dict.fromkeys(settings.asked_of(theorem), verdict)
    if isinstance(facts, WatchedFacts):
        result.read = facts.trail.names()
    return result


def finding(settings: Settings, theorem: Theorem, text: str) -> Finding:
    """A cover that was not shown."""
    statement = settings.facts.program.functions[theorem.cover]
    place = f"{statement.file}:{statement.line}"
    solvers = ", ".join(settings.solvers)
    return Finding("cover", place, theorem.cover, text, solvers, Verdict.UNKNOWN)


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
