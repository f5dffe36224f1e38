"""What is known and what is owed while a function is read: path, facts and obligations.

A fact may be used for an obligation only if it came before it. What a callee promises is known
only if its `require` held, so each such fact carries a guard: the conjunction of the `require`s
met before. A query over many obligations at once therefore never proves one with the fruits of
another that fails.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .terms import (
    CHOICE,
    OR,
    TRUE,
    Term,
    both,
    clauses,
    condition,
    conjuncts,
    either,
    equal,
    negate,
)


@dataclass(frozen=True)
class Goal:
    """One obligation: `term` must follow from the first `facts` facts."""

    kind: str
    function: str
    file: str
    line: int
    text: str
    term: Term
    facts: int

    @property
    def place(self) -> str:
        """Where in the source, as `file:line`."""
        return f"{self.file}:{self.line}"


@dataclass
class Knowledge:
    """Facts and goals in the order in which the source gives rise to them."""

    facts: list[Term] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    path: list[Term] = field(default_factory=list)
    # The guards, each with the number of goals before which it may be taken as true.
    guards: list[tuple[Term, int]] = field(default_factory=list)
    owing: bool = True
    _known: set[Term] = field(default_factory=set)
    _learnt: list[list[Term]] = field(default_factory=lambda: [[]])
    _meanings: dict[Term, Term] = field(default_factory=dict)
    _guard: Term = TRUE
    # Facts by their last alternative, as far as they were sorted in.
    _index: dict[Term, list[Term]] = field(default_factory=dict)
    _indexed: int = 0

    @contextmanager
    def assuming(self, test: Term) -> Iterator[None]:
        """Inside, the path has one more condition."""
        self.path.append(test)
        self._learnt.append([])
        self.learn(test)
        try:
            yield
        finally:
            self.path.pop()
            self._known.difference_update(self._learnt.pop())

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Inside, nothing is owed: contracts are mathematics, not code."""
        owing, self.owing = self.owing, False
        try:
            yield
        finally:
            self.owing = owing

    def learn(self, term: Term) -> None:
        """Hold a term as known on this path."""
        for part in conjuncts(term):
            if part not in self._known:
                self._known.add(part)
                self._learnt[-1].append(part)
                if part in self._meanings:
                    self.learn(self._meanings[part])

    def knows(self, term: Term) -> bool:
        """True if every part of a term stands among what is known, word for word."""
        return all(part in self._known for part in conjuncts(term))

    def decides(self, test: Term) -> bool | None:
        """Whether the test is known to hold, known to fail, or neither."""
        if self.knows(test):
            return True
        if self.knows(negate(test)):
            return False
        if any(part.negation in self._known for part in conjuncts(test) if part.negation):
            return False
        return None

    def taken(self, term: Term) -> Term:
        """A choice that the path has decided is the branch that it takes."""
        while term.operator == CHOICE:
            decided = self.decides(term.kids[0])
            if decided is None:
                return term
            term = term.kids[1 if decided else 2]
        return term

    def on_path(self, term: Term) -> Term:
        """The term, as far as the path is taken."""
        return either(*[negate(test) for test in self.path], term) if self.path else term

    def fact(self, term: Term) -> None:
        """A promise of a callee on this path: true if all that was owed before it holds."""
        for part in clauses(term):
            if part not in self._known:
                self.facts.append(either(negate(self._guard), self.on_path(part)))
                self.learn(part)

    def always(self, term: Term) -> None:
        """True of all integers, whatever the path."""
        self.facts.extend(clauses(term))

    def define(self, name: Term, meaning: Term) -> None:
        """Give a term a name; who knows the name to hold, or to fail, knows what that means."""
        self.always(equal(name, meaning))
        self._meanings[name] = meaning
        self._meanings[negate(name)] = negate(meaning)

    def oblige(self, term: Term, kind: str, function: str, file: str, line: int, text: str) -> Term:
        """Owe the parts of a term that are not known yet; returns what is owed, on this path."""
        if not self.owing:
            return TRUE
        return self.owe(term, kind, function, file, line, text)

    def owe(self, term: Term, kind: str, function: str, file: str, line: int, text: str) -> Term:
        """Owe it even where code is trusted: what a theorem says."""
        owed = [part for part in clauses(term) if part not in self._known]
        unmet = []
        for part in owed:
            goal = self.on_path(part)
            if goal is not TRUE and not self.follows(goal):
                self.goals.append(Goal(kind, function, file, line, text, goal, len(self.facts)))
                unmet.append(goal)
            self.learn(part)
        return both(*unmet)

    def follows(self, term: Term) -> bool:
        """True if some fact says it, word for word, or says more."""
        parts = set(alternatives(term))
        while self._indexed < len(self.facts):
            fact = self.facts[self._indexed]
            self._index.setdefault(alternatives(fact)[-1], []).append(fact)
            self._indexed += 1
        return any(
            all(kid in parts for kid in alternatives(fact))
            for part in parts
            for fact in self._index.get(part, ())
        )

    def guard(self, owed: Term) -> None:
        """From here on, facts hold only if this does."""
        if owed is TRUE:
            return
        guard = condition(f"met!{len(self.guards) + 1}")
        self.facts.append(equal(guard, both(self._guard, owed)))
        self.guards.append((guard, len(self.goals)))
        self._guard = guard

    def residue(self, term: Term) -> Term:
        """The parts of a term that are not known on this path."""
        return both(*[part for part in conjuncts(term) if part not in self._known])


def alternatives(term: Term) -> tuple[Term, ...]:
    """The parts of which one must hold."""
    return term.kids if term.operator == OR else (term,)
