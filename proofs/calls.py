"""What a call means: a definition is opened, a function with a contract is known by its contract.

At a call its `require` is owed; what the callee may write becomes unknown; its `ensure` is a fact.
A pure function with an int result is a function in the mathematical sense too: the same words read
give the same unknown result, wherever it is called, in code or in a contract. A pure function with
a bool result is a predicate and means its body everywhere, but for a lemma, which promises to be
true. Contracts are mathematics: inside them
nothing is owed, and a call whose `require` is not known promises its `ensure` only if it holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from dosekernel.spec.effects import WORD_WRITES
from dosekernel.spec.tree import Call, Compare, Expression, Function, Logic, Name

from . import terms
from .flows import Algebra, Facts, Flow, Frame, MeaningError, merge
from .layout import Reference, Value
from .semantics import Machine
from .terms import (
    FALSE,
    TRUE,
    VARIABLE,
    ZERO,
    Term,
    both,
    combine,
    conjuncts,
    constant,
    implies,
    integer,
    polynomial,
)

WORDS = ("copy", "assign", "clear", "seal", "sealed", "same")
Key = tuple[object, ...]


class Caller(Machine):
    """A machine that calls.

    `opens` names functions that are opened although they have a contract. `trusting` is for
    theorems: what calls owe was proved with each function, so it is not looked at again.
    `concrete` runs everything, on constants, and checks every contract on the way.
    """

    def __init__(
        self,
        facts: Facts,
        opens: frozenset[str] = frozenset(),
        trusting: bool = False,
        concrete: bool = False,
        algebra: Algebra = terms,
    ) -> None:
        super().__init__(facts, algebra)
        self.opens, self.trusting, self.concrete = opens, trusting, concrete
        self.knowledge.owing = not trusting
        self.contract_depth = 0
        self.results: dict[Key, Term] = {}
        self._opened: dict[Key, list[tuple[tuple[Term, ...], Term]]] = {}
        self._promised: dict[Key, list[tuple[Term, ...]]] = {}

    # ---- calls

    def call(self, node: Call) -> Value | None:
        """One call, of a word of the language or of a function."""
        arguments = [self.value(argument) for argument in node.arguments]
        given: list[Value] = [each for each in arguments if each is not None]
        if node.function in WORD_WRITES:
            return self.word(node, given)
        return self.invoke(node, self.program.functions[node.function], given)

    def word(self, node: Call, arguments: list[Value]) -> Value:
        """`copy`, `assign`, `clear`, `seal`, `sealed`, `same`: over all words of a record."""
        records, algebra = [each for each in arguments if isinstance(each, Reference)], self.algebra
        target, words = records[0], records[-1].words()
        if node.function == "copy":
            return self.detached(target)
        if node.function == "sealed":
            pairs = zip(target.words(), words, strict=True)
            return algebra.both(*[algebra.equal(mine, self.inverse(word)) for mine, word in pairs])
        if node.function == "same":
            pairs = zip(target.words(), words, strict=True)
            return algebra.both(*[algebra.equal(*pair) for pair in pairs])
        if node.function == "clear":
            words = [algebra.integer(0)] * target.size
        if node.function == "seal":
            words = [self.inverse(word) for word in words]
        target.set_words(words)
        return algebra.integer(0)

    def inverse(self, word: Term) -> Term:
        """The bitwise inverse: `-1 - word`."""
        return self.algebra.subtract(self.algebra.integer(-1), word)

    def invoke(self, node: Call, function: Function, arguments: list[Value]) -> Term:
        """One call of a function, on values."""
        name = function.name
        if self.concrete:
            return self.checked(node, function, arguments)
        if not self.facts.has_contract(name) or name in self.opens:
            if self.contract_depth and self.facts.is_pure(name):
                return self.opened(function, arguments)
            if self.trusting and not self.contract_depth and function.ensures:
                return self.opened_with_promise(function, arguments)
            return self.run_function(function, arguments)
        self.no_alias(node, arguments)
        names = bound(function, arguments)
        unmet = self.requirement(node, function, names)
        if self.facts.is_pure(name):
            return self.pure(function, arguments, unmet)
        if self.contract_depth:
            raise MeaningError(f"line {node.line}: {name} writes, so no contract can call it")
        return self.impure(function, arguments)

    def no_alias(self, node: Call, arguments: list[Value]) -> None:
        """A contract speaks of separate records: what is written must not be another argument."""
        records = [each for each in arguments if isinstance(each, Reference)]
        if not self.facts.writes[node.function]:
            return
        for i, one in enumerate(records):
            for other in records[:i]:
                if any(True for _ in one.overlaps(other)):
                    raise MeaningError(
                        f"line {node.line}: {node.function} writes, and two arguments overlap"
                    )

    def requirement(self, node: Call, function: Function, names: dict[str, Value]) -> Term:
        """Owe a callee's `require`; in a contract, return what of it is not known."""
        if not function.requires or (self.trusting and not self.contract_depth):
            return TRUE
        required = both(*self.contract(function, function.requires, names, {}))
        if self.contract_depth:
            return self.knowledge.residue(required)
        owed = self.oblige(required, "requires", node, f"the requirement of {function.name}")
        self.knowledge.guard(owed)
        return TRUE

    # ---- by contract

    def pure(self, function: Function, arguments: list[Value], unmet: Term) -> Term:
        """The result of a function that writes nothing."""
        if self.known(arguments):
            with self.mathematics():
                return self.opened(function, arguments)
        if function.returns == "bool" and not is_lemma(function):
            with self.mathematics():
                result = self.opened(function, arguments)
        else:
            key = (function.name, *self.read_words(function, arguments))
            if key not in self.results:
                self.results[key] = self.fresh(function.name, function.returns)
            result = self.results[key]
        if function.ensures:
            self.promise(function, arguments, result, unmet)
        return result

    def known(self, arguments: list[Value]) -> bool:
        """True if a function is asked at a known place: it has numbers, and each is a constant."""
        numbers = [each for each in arguments if isinstance(each, Term) and not each.boolean]
        return bool(numbers) and all(constant(each) is not None for each in numbers)

    def promise(
        self, function: Function, arguments: list[Value], result: Term, unmet: Term
    ) -> None:
        """Take the `ensure` of a pure call as a fact, once for each path."""
        words: list[Term] = []
        for each in arguments:
            words.extend(each.words() if isinstance(each, Reference) else (each,))
        key = (function.name, result, *words)
        path = tuple(self.knowledge.path)
        if any(path[: len(earlier)] == earlier for earlier in self._promised.get(key, ())):
            return
        if unmet is TRUE:
            self._promised.setdefault(key, []).append(path)
        names = bound(function, arguments)
        old = self.snapshots(function, names)
        names["result"] = result
        for part in self.contract(function, function.ensures, names, old):
            self.knowledge.fact(implies(unmet, part))

    def impure(self, function: Function, arguments: list[Value]) -> Term:
        """A call that writes: what it may write is unknown, but for what it promises."""
        names = bound(function, arguments)
        old = self.snapshots(function, names)
        written: dict[Term, tuple[list[Term], int]] = {}
        for position, path in sorted(self.facts.writes[function.name]):
            record = arguments[position]
            assert isinstance(record, Reference)
            for word in self.layout.span(record.type, path):
                name = f"{function.name}.{self.layout.names[record.type][word]}"
                unknown = self.fresh(name)
                record.store[record.offset + word] = unknown
                written[unknown] = (record.store, record.offset + word)
        result = integer(0)
        if function.returns != "None":
            result = self.fresh(function.name, function.returns)
            names["result"] = result
        self.substitute(function, names, old, written)
        for part in self.contract(function, function.ensures, names, old):
            self.knowledge.fact(part)
        return result

    def substitute(
        self,
        function: Function,
        names: dict[str, Value],
        old: dict[str, Value],
        written: dict[Term, tuple[list[Term], int]],
    ) -> None:
        """Where a promise says what a word is, the word is that: no unknown is left for it."""
        telling = [each for each in function.ensures if tells(each)]
        self.put_in_place(self.contract(function, telling, names, old), written)

    def put_in_place(
        self, promises: Iterable[Term], written: dict[Term, tuple[list[Term], int]]
    ) -> None:
        """Put what equalities say into the words that they say it of."""
        for promise in promises:
            for clause in conjuncts(promise):
                found = solved(clause, written)
                if found is not None:
                    unknown, meaning = found
                    store, at = written.pop(unknown)
                    store[at] = meaning

    def opened_with_promise(self, function: Function, arguments: list[Value]) -> Term:
        """A body that is run, and what was proved of it besides: the promise is true as well."""
        names = bound(function, arguments)
        old = self.snapshots(function, names)
        result = self.run_function(function, arguments)
        if function.returns != "None":
            names["result"] = result
        for part in self.contract(function, function.ensures, names, old):
            self.knowledge.fact(part)
        return result

    def snapshots(self, function: Function, names: dict[str, Value]) -> dict[str, Value]:
        """`OLD`: what a contract keeps from before the call."""
        with self.inside(function, dict(names), {}), self.mathematics():
            return {
                name: self.kept(self.value(expression)) for name, expression in function.snapshots
            }

    def kept(self, value: Value | None) -> Value:
        """A value that no statement can change any more."""
        if isinstance(value, Reference):
            return self.detached(value)
        assert value is not None
        return value

    def contract(
        self,
        function: Function,
        expressions: Iterable[Expression],
        names: dict[str, Value],
        old: dict[str, Value],
    ) -> list[Term]:
        """The terms of a contract's conditions; each is read where those before it hold."""
        found: list[Term] = []
        with self.inside(function, dict(names), old), self.mathematics(), ExitStack() as held:
            for expression in expressions:
                term = self.term(expression)
                found.append(term)
                held.enter_context(self.knowledge.assuming(term))
        return found

    # ---- running

    @contextmanager
    def mathematics(self) -> Iterator[None]:
        """Inside, expressions are those of a contract."""
        self.contract_depth += 1
        names_tests, self.names_tests = self.names_tests, False
        try:
            with self.knowledge.silent():
                yield
        finally:
            self.contract_depth -= 1
            self.names_tests = names_tests

    @contextmanager
    def inside(
        self, function: Function, names: dict[str, Value], old: dict[str, Value]
    ) -> Iterator[None]:
        """Inside, names are those of a function."""
        self.frames.append(Frame(function, names, old))
        try:
            yield
        finally:
            self.frames.pop()

    def run_function(self, function: Function, arguments: list[Value]) -> Term:
        """Run a body; the stores are left as the function leaves them."""
        with self.inside(function, bound(function, arguments), {}):
            count = len(self.stores)
            flow = self.run(function.body)
            self.leave(flow, count)
            return flow.value

    def leave(self, flow: Flow, count: int) -> None:
        """Leave a function: its own records are gone, early and late returns are merged."""
        del self.stores[count:]
        if flow.test is not FALSE:
            for store, words in zip(self.stores, flow.stores, strict=False):
                store[:] = words if flow.test is TRUE else merge(flow.test, words, store)

    def opened(self, function: Function, arguments: list[Value]) -> Term:
        """A pure function as its body, remembered for the words that it reads."""
        key = (function.name, *self.read_words(function, arguments))
        path = tuple(self.knowledge.path)
        for earlier, value in self._opened.get(key, ()):
            if path[: len(earlier)] == earlier:
                return value
        value = self.run_function(function, arguments)
        self._opened.setdefault(key, []).append((path, value))
        return value

    def read_words(self, function: Function, arguments: list[Value]) -> Iterator[Term]:
        """The words that decide the result of a pure function."""
        for argument, words in zip(arguments, self.facts.reads[function.name], strict=True):
            if isinstance(argument, Reference):
                for word in words:
                    yield self.knowledge.taken(argument.store[argument.offset + word])
            elif words:
                yield self.knowledge.taken(argument)

    def checked(self, node: Call, function: Function, arguments: list[Value]) -> Term:
        """A call on constants: run it, and check its contract before and after."""
        if self.contract_depth:
            return self.run_function(function, arguments)
        names = bound(function, arguments)
        for part in self.contract(function, function.requires, names, {}):
            self.oblige(part, "requires", node, f"the requirement of {function.name}")
        old = self.snapshots(function, names)
        result = self.run_function(function, arguments)
        self.check_ensures(function, {**names, "result": result}, old)
        return result

    def check_ensures(
        self, function: Function, names: dict[str, Value], old: dict[str, Value]
    ) -> None:
        """Owe each `ensure` of a function, at its own line."""
        terms = self.contract(function, function.ensures, names, old)
        for expression, term in zip(function.ensures, terms, strict=True):
            self.knowledge.oblige(
                term, "ensures", function.name, function.file, expression.line, "its promise"
            )


def bound(function: Function, arguments: list[Value]) -> dict[str, Value]:
    """The parameters' names with what they stand for."""
    names = [parameter.name for parameter in function.parameters]
    return dict(zip(names, arguments, strict=True))


def is_lemma(function: Function) -> bool:
    """A function that promises to be true and what follows: its contract says all, not its body.

    One that promises nothing besides is a predicate that always holds: its body is what it says.
    """
    truths = [each for each in function.ensures if isinstance(each, Name) and each.id == "result"]
    return 0 < len(truths) < len(function.ensures)


def tells(promise: Expression) -> bool:
    """True if a promise may say what a word is: an equality, or a word about several things."""
    if isinstance(promise, Compare):
        return promise.op == "=="
    if isinstance(promise, Logic):
        return promise.op == "and" and any(tells(each) for each in promise.operands)
    return isinstance(promise, Call) and len(promise.arguments) > 1


def solved(
    clause: Term, written: Mapping[Term, tuple[list[Any], int]], several: bool = False
) -> tuple[Term, Term] | None:
    """The unknown word of an equality, and what it is by that equality.

    With `several` unknowns in it the youngest is told by the others.
    """
    if clause.operator != ZERO:
        return None
    fixed, terms = polynomial(clause.kids[0])
    mine = [(term, weight) for term, weight in terms if term in written and abs(weight) == 1]
    if not mine or (len(mine) > 1 and not several):
        return None
    unknown, sign = max(mine, key=lambda pair: pair[0].number)
    rest = [(-sign * weight, term) for term, weight in terms if term is not unknown]
    if not all(term.operator == VARIABLE for _, term in rest):
        return None
    if not several and any(term in written for _, term in rest):
        return None
    return unknown, combine([(-sign * fixed, integer(1)), *rest])
