"""What a path knows: the tests that it passed, and what follows from them word for word."""

from collections.abc import Iterable

from ..terms import AND, OR
from .words import FALSE, TRUE, Word, both, negate


class Known:
    """Tests taken as true, in the order in which they were met."""

    def __init__(self, tests: Iterable[Word] = ()) -> None:
        self.tests: list[Word] = []
        self.true: set[Word] = set()
        self.clauses: list[Word] = []
        for test in tests:
            self.learn(test)

    def copy(self) -> "Known":
        """The same, to be continued on its own."""
        made = Known()
        made.tests, made.true = list(self.tests), set(self.true)
        made.clauses = list(self.clauses)
        return made

    def learn(self, test: Word) -> None:
        """One test more; alternatives of which all but one fail leave that one."""
        self.tests.append(test)
        waiting = [test]
        while waiting:
            each = waiting.pop()
            if each in self.true:
                continue
            self.true.add(each)
            if each.operator == AND:
                waiting.extend(each.kids)
            elif each.operator == OR:
                self.clauses.append(each)
            for clause in self.clauses:
                left = [kid for kid in clause.kids if negate(kid) not in self.true]
                if len(left) == 1 and left[0] not in self.true:
                    waiting.append(left[0])

    def decides(self, test: Word) -> bool | None:
        """True or False where that follows, None where it does not show."""
        if test is TRUE or test is FALSE:
            return test is TRUE
        if test in self.true:
            return True
        if negate(test) in self.true:
            return False
        if test.operator in (AND, OR):
            deciding = test.operator == OR
            found = [self.decides(kid) for kid in test.kids]
            if deciding in found:
                return deciding
            return None if None in found else not deciding
        return None

    @property
    def all(self) -> Word:
        """All of them at once."""
        return both(*self.tests)
