"""What the source means on 64-bit words: the same reading of the tree, in another algebra.

Sums wrap and division truncates, as in the C that the source becomes. Where no sum leaves its
range and no dividend is negative, which the theorem of totality shows of the whole kernel, these
are the integers of the theorems.

A call means an unknown function of all words that it is given, on both sides the same: what the
callee may write becomes new words, each a function of those. Calls have no cycle, so the functions
are shown to be equal one by one.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from dosekernel.compile import symbols, word_function
from dosekernel.spec.effects import WORD_WRITES
from dosekernel.spec.language import reachable
from dosekernel.spec.tree import BOOL, INT, NONE, Call, Expression, Function, If, Parameter, Program

from ..calls import Caller
from ..flows import Facts, Flow
from ..knowledge import Knowledge
from ..layout import Reference, Value
from ..terms import Term
from . import words
from .known import Known
from .words import Word

Pair = tuple[Word, Word]


class UndecidedError(Exception):
    """The path that the machine took does not say which way the source goes."""

    def __init__(self, test: Word) -> None:
        super().__init__(repr(test))
        self.test = test


def word(term: Term) -> Word:
    """A term that must be a word."""
    if isinstance(term, Word):
        return term
    raise TypeError(f"{term!r} is an integer, and a word was expected")


class WordAlgebra:
    """The operations of the language on words of 64 bits."""

    def integer(self, value: int, /) -> Term:
        """The constant."""
        return words.integer(value)

    def truth(self, value: bool, /) -> Term:
        """The constant."""
        return words.truth(value)

    def add(self, *terms: Term) -> Term:
        """The sum, which wraps."""
        return words.add(*[word(each) for each in terms])

    def subtract(self, left: Term, right: Term, /) -> Term:
        """The difference, which wraps."""
        return words.subtract(word(left), word(right))

    def negative(self, term: Term, /) -> Term:
        """`-term`, which wraps."""
        return words.subtract(words.integer(0), word(term))

    def multiply(self, left: Term, right: Term, /) -> Term:
        """The product, which wraps."""
        return words.multiply(word(left), word(right))

    def at_most(self, left: Term, right: Term, /) -> Term:
        """`left <= right`, signed."""
        return words.negate(words.below(word(right), word(left)))

    def below(self, left: Term, right: Term, /) -> Term:
        """`left < right`, signed."""
        return words.below(word(left), word(right))

    def equal(self, left: Term, right: Term, /) -> Term:
        """`left == right`."""
        return words.equal(word(left), word(right))

    def negate(self, term: Term, /) -> Term:
        """`not term`."""
        return words.negate(word(term))

    def both(self, *terms: Term) -> Term:
        """The conjunction."""
        return words.both(*[word(each) for each in terms])

    def either(self, *terms: Term) -> Term:
        """The disjunction."""
        return words.either(*[word(each) for each in terms])

    def choose(self, test: Term, then: Term, otherwise: Term, /) -> Term:
        """`then` where the test holds, else `otherwise`."""
        return words.choose(word(test), word(then), word(otherwise))


class PathKnowledge(Knowledge):
    """Knowledge of one path of the machine code; nothing is owed here."""

    def __init__(self, known: Known) -> None:
        super().__init__(owing=False)
        self.known = known

    def learn(self, term: Term) -> None:
        """What the source met is known to the path already, or splits it."""

    def decides(self, test: Term) -> bool | None:
        """Whether the path decides a test."""
        return self.known.decides(word(test))


@dataclass(frozen=True)
class Subject:
    """A function of the object: one of the source, or a word over all of a record."""

    symbol: str
    name: str
    parameters: tuple[Parameter, ...]
    returns: str
    function: Function | None = None


class Source:
    """The functions that an object must have, and what a call of each means."""

    def __init__(self, program: Program, version: str = "") -> None:
        self.program, self.facts, self.version = program, Facts(program), version
        self.layout = self.facts.layout
        self.subjects: dict[str, Subject] = {}
        self.by_name: dict[str, Subject] = {}
        for name, symbol in symbols(program).items():
            function = program.functions[name]
            subject = Subject(symbol, name, function.parameters, function.returns, function)
            self.subjects[symbol] = self.by_name[name] = subject
        self.words = {
            word_function(name, record): (name, record)
            for record in program.records
            for name in WORD_WRITES
        }

    def subject(self, symbol: str) -> Subject | None:
        """The function behind a symbol of the object; None if the source has none."""
        if symbol in self.subjects:
            return self.subjects[symbol]
        if symbol not in self.words:
            return None
        name, record = self.words[symbol]
        count = 1 if name == "clear" else 2
        parameters = [Parameter(0, each, record) for each in ("target", "source")[:count]]
        returns = BOOL if name in ("sealed", "same") else NONE
        return Subject(symbol, name, tuple(parameters), returns)

    def reached(self, subject: Subject) -> set[str]:
        """The symbols of all that a function of the source may call, itself or below: no cycle."""
        if subject.function is None:
            return set()
        below = reachable(self.program, [subject.name])
        found = {self.by_name[name].symbol for name in below if name != subject.name}
        return found | set(self.words)

    def apply(self, subject: Subject, given: Sequence[Value]) -> Word | None:
        """A call: what it writes is put into the records, what it returns is returned."""
        if subject.function is None:
            return Meaning(self, Known()).outcome(subject, list(given))
        packed = []
        for each in given:
            if isinstance(each, Reference):
                packed.append(words.apply("record", [word(term) for term in each.words()]))
            else:
                packed.append(as_machine(word(each)))
        for position, path in sorted(self.facts.writes[subject.name]):
            record = given[position]
            assert isinstance(record, Reference)
            for at in self.layout.span(record.type, path):
                name = f"{subject.name} leaves {subject.parameters[position].name}[{at}]"
                record.store[record.offset + at] = words.apply(name, packed)
        if subject.returns == NONE:
            return None
        if subject.returns == BOOL:
            return words.holds(f"{subject.name} returns", packed)
        return words.apply(f"{subject.name} returns", packed)

    def written(self, subject: Subject) -> set[int]:
        """Which arguments a call may write."""
        if subject.function is None:
            return set(WORD_WRITES[subject.name])
        return {position for position, _ in self.facts.writes[subject.name]}

    def entry(self, subject: Subject, case: dict[str, int]) -> list[Value]:
        """The arguments on entry: unknown words, but for those that a case fixes."""
        found: list[Value] = []
        for parameter in subject.parameters:
            if parameter.type in self.program.records:
                names = self.layout.names[parameter.type]
                store: list[Term] = [words.variable(f"{parameter.name}.{name}") for name in names]
                found.append(Reference(store, 0, parameter.type, len(store)))
            elif parameter.name in case:
                found.append(words.integer(case[parameter.name]))
            elif parameter.type == INT:
                found.append(words.variable(parameter.name))
            else:
                found.append(words.condition(parameter.name))
        return found


def as_machine(value: Word) -> Word:
    """A value as the machine passes it: truth is 1 or 0."""
    return words.flag(value) if value.boolean else value


class Meaning(Caller):
    """Runs one function of the source along one path of the machine code.

    `called` are the symbols that the machine code calls: a callee that is none of them was put in
    place by the compiler, and is read in place here.
    """

    def __init__(self, source: Source, known: Known, called: Set[str] = frozenset()) -> None:
        super().__init__(source.facts, trusting=True, algebra=WordAlgebra())
        self.source, self.way, self.called = source, known, called
        self.knowledge = PathKnowledge(known)
        self.divisions: set[Pair] = set()

    def outcome(self, subject: Subject, given: list[Value]) -> Word | None:
        """Run a function; what it writes is left in the records."""
        if subject.function is None:
            made = self.word(Call(0, subject.name, (), subject.returns), given)
        else:
            self.stores = [each.store for each in given if isinstance(each, Reference)]
            made = self.run_function(subject.function, given)
        return None if subject.returns == NONE or not isinstance(made, Term) else word(made)

    def term(self, expression: Expression) -> Term:
        """A truth value that the path decides is what the path says."""
        found = word(super().term(expression))
        decided = self.way.decides(found) if found.boolean else None
        return found if decided is None else words.truth(decided)

    def branch(self, step: If) -> Flow:
        """The branch that the path takes."""
        test = word(self.term(step.test))
        if test is words.TRUE:
            return self.run(step.then)
        if test is words.FALSE:
            return self.run(step.otherwise)
        raise UndecidedError(test)

    def divide(self, left: Term, right: Term) -> tuple[Term, Term]:
        """Quotient and remainder as C has them."""
        pair = word(left), word(right)
        self.divisions.add(pair)
        return words.quotient(*pair), words.remainder(*pair)

    def invoke(self, node: Call, function: Function, arguments: list[Value]) -> Term:
        """A call means what it means to the machine code."""
        self.no_alias(node, arguments)
        subject = self.source.by_name[function.name]
        if subject.symbol not in self.called:
            return self.run_function(function, arguments)
        result = self.source.apply(subject, arguments)
        return words.integer(0) if result is None else result
