"""How a problem is put to a solver: all obligations at once, then those that remain, one by one.

Each query is tried linear first (products as unknowns, with hints), then as it is, then with hints;
a large one without hints before all that, since lemmas often leave nothing to say of products.
A model is believed only after it was evaluated: one that does not satisfy every assertion is no
model. Obligations are shown in order, each with those before it given: the first that fails is
named, and no later one rests on it unseen.
"""

import itertools
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from .hints import hints, products_in
from .problems import Problem
from .smtlib import script
from .solvers import Answer, Verdict, ask
from .terms import FALSE, Term, Value, either, negate
from .walks import cone, evaluate

Asker = Callable[[str, str, float], Answer]

# Seconds for a first look at many obligations at once.
LOOK = 12.0
# More obligations than this are not put into one query.
MANY = 1500
# In a query of more assertions than this a product is tried as an unknown and nothing more first.
LARGE = 600
# A unit may take this many times what one query may.
PATIENCE = 8
# After this many failing obligations of one problem the others are not looked at one by one.
FAILURES = 6
# Seconds for an obligation that another solver's model breaks: enough to contradict it.
GLANCE = 2.0


@dataclass
class Failure:
    """An obligation that was not shown, with the model that seems to break it."""

    goal: int
    verdict: Verdict
    model: dict[str, Value] = field(default_factory=dict)
    detail: str = ""


@dataclass
class Outcome:
    """What one solver made of one problem."""

    solver: str
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    queries: int = 0

    @property
    def verdict(self) -> Verdict:
        """The first failure decides; none, and all is shown."""
        return self.failures[0].verdict if self.failures else Verdict.PROVED


class Prover:
    """Shows one problem with one solver."""

    def __init__(self, problem: Problem, solver: str, timeout: float, asker: Asker = ask) -> None:
        self.problem, self.solver, self.timeout, self.asker = problem, solver, timeout, asker
        self.outcome = Outcome(solver)

    def prove(self, broken: Collection[int] = ()) -> Outcome:
        """Every obligation of the problem; only a glance at those that a model breaks."""
        for goal in broken:
            self.glance(goal)
        left = [goal for goal in range(len(self.problem.goals)) if goal not in broken]
        for first in range(0, len(left), MANY):
            self.search(left[first : first + MANY], LOOK)
        self.outcome.failures.sort(key=lambda failure: failure.goal)
        return self.outcome

    def glance(self, goal: int) -> None:
        """Whether this solver contradicts a model of another, or finds one too, in a short time."""
        answer = self.answer([goal], GLANCE)
        if answer.word == "sat":
            found = Failure(goal, Verdict.REFUTED, dict(answer.model), answer.detail)
            self.outcome.failures.append(found)
        elif answer.word != "unsat":
            detail = f"another solver's model breaks it; asked for {GLANCE:.0f} s"
            self.outcome.failures.append(Failure(goal, _undecided(answer.word), detail=detail))

    def search(self, goals: list[int], seconds: float) -> None:
        """Show these obligations, or find those among them that fail."""
        while goals:
            if len(self.outcome.failures) >= FAILURES:
                return
            if self.outcome.seconds > PATIENCE * self.timeout:
                self.outcome.failures.append(
                    Failure(goals[0], Verdict.TIMEOUT, detail="the time for this unit is up")
                )
                return
            budget = self.timeout if len(goals) == 1 else min(seconds, self.timeout)
            answer = self.answer(goals, budget)
            if answer.word == "unsat":
                return
            if answer.word == "sat":
                broken = self.broken(goals, answer)
                self.outcome.failures.append(
                    Failure(broken, Verdict.REFUTED, dict(answer.model), answer.detail)
                )
                goals = [goal for goal in goals if goal != broken]
                continue
            if len(goals) == 1:
                self.outcome.failures.append(
                    Failure(goals[0], _undecided(answer.word), detail=answer.detail)
                )
                return
            middle = len(goals) // 2
            self.search(goals[:middle], seconds)
            goals = goals[middle:]

    def broken(self, goals: list[int], answer: Answer) -> int:
        """The first of the obligations that fails in the model."""
        memo: dict[Term, Value] = {}
        for goal in goals:
            if not evaluate(self.problem.goals[goal].term, answer.model, memo):
                return goal
        raise ValueError("a model that satisfies the query breaks none of its obligations")

    def answer(self, goals: list[int], seconds: float) -> Answer:
        """One query, by each way in turn until one decides."""
        assertions = query(self.problem, goals)
        if assertions[-1] is FALSE:
            return Answer("unsat")
        last = Answer("unknown", detail="no way decided it")
        ways = self.ways(assertions)
        for text, believable in ways if len(goals) == 1 else itertools.islice(ways, 3):
            if text in self.problem.vain:
                continue
            last = self.asker(self.solver, text, seconds)
            self.outcome.seconds += last.seconds
            self.outcome.queries += 1
            if last.word == "unsat":
                return last
            if last.word == "sat":
                if believable and holds(assertions, last):
                    return last
                if not believable:
                    self.problem.vain.add(text)
                last = Answer("unknown", last.seconds, {}, "a model of an abstraction only")
        return last

    def ways(self, assertions: list[Term]) -> Iterator[tuple[str, bool]]:
        """The texts to try, and whether a model of one says anything."""
        if not products_in(assertions):
            yield self.text("plain", assertions), True
            return
        if len(assertions) > LARGE:
            yield self.text("bare", assertions), False
        yield self.text("linear", assertions), False
        yield self.text("plain", assertions), True
        yield self.text("helped", assertions), True

    def text(self, way: str, assertions: list[Term]) -> str:
        """One text; each solver reads the same, so it is written once."""
        key = (way, *assertions)
        if key not in self.problem.written:
            helped: list[Term] = []
            if way in ("linear", "helped"):
                helped = hints(assertions, self.problem.products)
            title = f"{self.problem.name}: unsatisfiable if it holds"
            self.problem.written[key] = script(
                [*helped, *assertions], title, linear=way in ("bare", "linear")
            )
        return self.problem.written[key]


def query(problem: Problem, goals: list[int]) -> list[Term]:
    """Assertions that no integers satisfy if these goals hold.

    The guards of the goals before the first are given: those goals are shown by themselves.
    """
    chosen = [problem.goals[goal] for goal in goals]
    denied = either(*[negate(goal.term) for goal in chosen])
    if denied is FALSE:
        return [FALSE]
    facts = list(problem.facts[: chosen[-1].facts])
    facts.extend(guard for guard, before in problem.guards if before <= goals[0])
    return [*cone(facts, denied), denied]


def holds(assertions: list[Term], answer: Answer) -> bool:
    """True if the model satisfies every assertion."""
    memo: dict[Term, Value] = {}
    return all(evaluate(assertion, answer.model, memo) for assertion in assertions)


def _undecided(word: str) -> Verdict:
    return {"timeout": Verdict.TIMEOUT, "unknown": Verdict.UNKNOWN}.get(word, Verdict.ERROR)
