"""Looking for a real call behind a promise that does not follow from the contracts.

A contract says less than a body, so a model over contracts may be no call at all. Over the bodies,
with the limits of a preset and a plain time, a solver often finds one that goes wrong on ints.
"""

import time
from collections.abc import Iterator

from dosekernel.spec.theorem import Theorem

from .flows import Facts
from .problems import Case, Problem, function_problem
from .replay import Numbers, Replay, numbers, replay_function, replay_theorem
from .smtlib import script
from .stages import stages
from .strategy import Asker
from .terms import negate
from .theorems import TheoremCase, statements_problem, theorem_run

# Seconds for one look.
LOOK = 5.0
# Seconds for all promises of one look.
PATIENCE = 20.0
# Looks: each leaves more open than the one before.
LOOKS = 2
# What a function or a theorem promises; the other obligations are means to it.
PROMISES = ("ensures", "theorem")


def broken_function(
    facts: Facts, name: str, case: Case, solver: str, asker: Asker
) -> Replay | None:
    """A call of a function that breaks its contract on ints."""
    about = Theorem(name, name, name, ())
    taken = {path for path, _ in case}
    for opens, fixed in list(stages(facts, about))[:LOOKS]:
        rest = tuple((path, value) for path, value in fixed if path not in taken)
        problem = function_problem(facts, name, (*case, *rest), opens - {name})
        for words in _models(problem, solver, asker):
            replay = replay_function(facts, name, words)
            if replay is not None and replay.broken:
                return replay
    return None


def broken_theorem(
    facts: Facts, theorem: Theorem, case: TheoremCase, solver: str, asker: Asker
) -> Replay | None:
    """A call of which a statement of a theorem is false on ints."""
    taken = {path for path, _ in case}
    for opens, fixed in list(stages(facts, theorem))[:LOOKS]:
        rest = tuple((path, value) for path, value in fixed if path not in taken)
        run = theorem_run(facts, theorem, case, opens, rest)
        for words in _models(statements_problem(run, theorem, case), solver, asker):
            replay = replay_theorem(facts, theorem, theorem.statements, words)
            if replay is not None and replay.statement is False:
                return replay
    return None


def _models(problem: Problem, solver: str, asker: Asker) -> Iterator[Numbers]:
    """The arguments of every model that a solver proposes, one promise after another.

    All facts are given, also those that share no word with the promise: a call needs every word.
    """
    known = [guard for guard, _ in problem.guards]
    end = time.monotonic() + PATIENCE
    for goal in problem.goals:
        if goal.kind not in PROMISES or time.monotonic() > end:
            continue
        text = script([*problem.facts[: goal.facts], *known, negate(goal.term)], problem.name)
        answer = asker(solver, text, LOOK)
        if answer.word == "sat":
            yield numbers(problem.inputs, answer.model)
