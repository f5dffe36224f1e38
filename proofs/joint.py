"""Theorems that share a run, put to a solver together: most of what a query takes is its text.

The goals of all of them stand in one problem, in order, each with those before it given. If a
query over them is unsatisfiable, every goal in it is shown. If not, nothing is concluded, and its
theorems are asked one by one.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dosekernel.spec.theorem import Theorem

from .problems import Problem
from .strategy import MANY
from .terms import Term
from .witness import Witness
from .work import Query, Settings

# Seconds for a joint query: it takes two, but more where others are at work too.
LOOK = 20.0


@dataclass
class Part:
    """One theorem of a run: its problem, what was read to build it, and the seconds that took."""

    theorem: Theorem
    problem: Problem
    read: list[str]
    building: float
    # By solver: its part of a joint query.
    told: dict[str, Query] = field(default_factory=dict)
    # Joint queries that count as its own: those of which it is the first.
    queries: int = 0


def ask_together(settings: Settings, parts: Sequence[Part]) -> None:
    """Put the parts to every solver together, and note in each part what was shown of it."""
    for group in together(parts):
        problem = joined(parts, group)
        count = len(problem.goals)
        for solver in settings.asked_of(group[0].theorem):
            begin = time.monotonic()
            witness = Witness(problem, solver, settings.timeout, settings.asker)
            said = witness.answer(list(range(count)), LOOK)
            writing = time.monotonic() - begin - witness.outcome.seconds
            group[0].queries += witness.outcome.queries
            for part in group:
                owed = len(part.problem.goals)
                part.building += writing * owed / count
                seconds = witness.outcome.seconds * owed / count
                part.told[solver] = Query(solver, 0, owed - 1, owed, said.word, seconds, count)


def together(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Neighbours that one query may be about: not too many goals, and the same solvers."""
    group: list[Part] = []
    for part in parts:
        goals = sum(len(each.problem.goals) for each in (*group, part))
        if group and (goals > MANY or group[0].theorem.one_solver != part.theorem.one_solver):
            if len(group) > 1:
                yield group
            group = []
        if part.problem.goals:
            group.append(part)
    if len(group) > 1:
        yield group


def joined(parts: Sequence[Part], group: Sequence[Part]) -> Problem:
    """One problem of the goals of a group; what earlier parts showed is given.

    A problem knows the guards of those before it as met; here each is met only behind its goals.
    """
    goals = [goal for part in group for goal in part.problem.goals]
    known = group[0].problem
    guards = list(known.guards)
    start = len(known.goals)
    for part in group[1:]:
        guards += placed(part.problem.guards[len(guards) :], start)
        start += len(part.problem.goals)
    names = ", ".join(part.theorem.name for part in group)
    case = known.name.removeprefix(group[0].theorem.name)
    return Problem(
        f"{known.function.name}{case}: {names}",
        known.function,
        known.inputs,
        known.facts,
        goals,
        guards,
        parts[-1].problem.products,
    )


def placed(guards: Sequence[tuple[Term, int]], start: int) -> list[tuple[Term, int]]:
    """Guards of a part, behind so many goals of the parts before it."""
    return [(guard, before + start) for guard, before in guards]
