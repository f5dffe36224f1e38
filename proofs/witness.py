"""A prover that notes every query: which obligations it was about and what it took."""

from .problems import Problem
from .solvers import Answer, Verdict
from .strategy import Asker, Prover
from .work import Query


class Witness(Prover):
    """Shows one problem with one solver, and remembers how."""

    def __init__(self, problem: Problem, solver: str, timeout: float, asker: Asker) -> None:
        super().__init__(problem, solver, timeout, asker)
        self.asked: list[Query] = []
        # The obligations that this solver showed.
        self.shown: set[int] = set()

    def answer(self, goals: list[int], seconds: float) -> Answer:
        """One query, noted."""
        before = self.outcome.seconds
        said = super().answer(goals, seconds)
        taken = self.outcome.seconds - before
        self.asked.append(Query(self.solver, goals[0], goals[-1], len(goals), said.word, taken))
        if said.word == "unsat":
            self.shown.update(goals)
        return said

    def refuted(self) -> list[int]:
        """The obligations that a model of this solver breaks."""
        failures = self.outcome.failures
        return [each.goal for each in failures if each.verdict is Verdict.REFUTED]

    def told(self, query: Query) -> bool:
        """A query about these obligations and others; true if it showed them all."""
        self.asked.append(query)
        self.outcome.seconds += query.seconds
        if query.answer != "unsat":
            return False
        self.shown.update(range(len(self.problem.goals)))
        return True
