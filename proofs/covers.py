"""Covers: that a theorem speaks of something that happens.

A theorem whose hypotheses cannot hold, or a kernel that refuses everything, would be proved with
ease. So for each theorem a call is found that has its covering property, and replayed on ints: the
solver only proposes, it is the kernel that shows. To make proposing easy the limits are those of a
preset, the clock stands at a plain time and the windows are empty; where that finds nothing, more
and more is left open. All facts are given, also those that share no word with the property: a call
needs every word.
"""

import time
from collections.abc import Iterator

from dosekernel.spec.theorem import Theorem

from .problems import Problem
from .replay import Numbers, numbers, replay_theorem
from .smtlib import script
from .solvers import Verdict
from .stages import stages
from .terms import negate
from .theorems import cover_problem, theorem_cases
from .units import Finding, Result, Settings


def cover(settings: Settings, theorem: Theorem, begin: float) -> Result:
    """Look for a call that the theorem's cover is true of, and replay it on ints."""
    facts = settings.facts
    result = Result(theorem.name, f"{theorem.name} cover", 1)
    for opens, fixed in stages(facts, theorem):
        for case in theorem_cases(theorem):
            problem = cover_problem(facts, theorem, case, opens, fixed)
            if not problem.goals:
                continue
            for words in proposals(settings, problem, result):
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
