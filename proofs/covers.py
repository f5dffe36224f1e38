"""Covers: that a theorem speaks of something that happens.

A theorem whose hypotheses cannot hold, or a kernel that refuses everything, would be proved with
ease. So for each theorem a call is found that has its covering property, and replayed on ints: the
solver only proposes, it is the kernel that shows. To make proposing easy the limits are those of a
preset, the clock stands at a plain time and the windows are empty; where that finds nothing, more
and more is left open.
"""

import time

from dosekernel.spec.theorem import Theorem

from .replay import numbers, replay_theorem
from .solvers import Verdict
from .stages import stages
from .strategy import Prover
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
