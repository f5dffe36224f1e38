"""The meaning of the tree: running a function on terms instead of ints.

A record is a flat list of words. The two branches of an `if` run one after the other and are merged
word by word; an early `return` ends its path and the rest runs under the negation of its condition;
loops over constants are unrolled. Each `+ - *` owes that its result fits 64 bits, each `//` and `%`
that the dividend is not negative and the divisor positive, each index that it is in range. What a
call means is in `calls`.
"""

from collections.abc import Iterable

from dosekernel.spec.tree import (
    Assign,
    Binary,
    Boolean,
    Call,
    Compare,
    Do,
    Expression,
    Field,
    For,
    If,
    Integer,
    Item,
    Local,
    Logic,
    Name,
    Node,
    Old,
    Return,
    Unary,
)

from . import terms
from .flows import (
    FALLS,
    GREATEST,
    LEAST,
    NOTHING,
    Algebra,
    Bind,
    Facts,
    Flow,
    Frame,
    MeaningError,
    Step,
    compare,
    merge,
    merged_names,
    unrolled,
)
from .knowledge import Knowledge
from .layout import Reference, Value
from .terms import (
    FALSE,
    TRUE,
    Term,
    add,
    at_most,
    below,
    both,
    choose,
    condition,
    constant,
    either,
    equal,
    implies,
    integer,
    multiply,
    negate,
    variable,
)

# A test with more parts than this gets a name.
LONG = 1
# Where the statements and their lemmas stand: nothing there is ever compiled.
LEMMAS = "properties/"


class Machine:
    """Runs statements and evaluates expressions; `calls.Caller` adds what a call means.

    What the operations mean is the algebra's: integers, unless another one is given.
    """

    def __init__(self, facts: Facts, algebra: Algebra = terms) -> None:
        self.facts, self.algebra = facts, algebra
        self.program = facts.program
        self.layout = facts.layout
        self.knowledge = Knowledge()
        self.stores: list[list[Term]] = []
        self.frames: list[Frame] = []
        self.quotients: dict[tuple[Term, Term], tuple[Term, Term]] = {}
        # The two factors of each product of unknowns, as the source has them.
        self.products: dict[tuple[Term, Term], None] = {}
        # Long tests, by the names that they were given.
        self.tests: dict[Term, Term] = {}
        self.names_tests = True
        self._fresh = 0

    # ---- unknowns and records

    def fresh(self, name: str, kind: str = "int") -> Term:
        """A new unknown."""
        self._fresh += 1
        full = f"{name}!{self._fresh}"
        return condition(full) if kind == "bool" else variable(full)

    def record(self, kind: str, words: list[Term]) -> Reference:
        """A new record in the store."""
        store = list(words)
        self.stores.append(store)
        return Reference(store, 0, kind, len(store))

    def unknown_record(self, kind: str, prefix: str) -> Reference:
        """A record of unknowns that are named after its fields."""
        return self.record(kind, [variable(f"{prefix}.{n}") for n in self.layout.names[kind]])

    def detached(self, record: Reference) -> Reference:
        """The words as they are now, out of reach of every statement."""
        return Reference(record.words(), 0, record.type, record.size)

    def call(self, node: Call) -> Value | None:
        """What a call means."""
        raise MeaningError(f"line {node.line}: this machine calls nothing")

    # ---- obligations

    def oblige(self, term: Term, kind: str, node: Node, text: str) -> Term:
        """Owe a term at a place in the function that is being run."""
        function = self.frames[-1].function
        return self.knowledge.oblige(term, kind, function.name, function.file, node.line, text)

    # ---- statements

    def run(self, steps: Iterable[Step]) -> Flow:
        """Run a block; what it leaves in the stores is where it did not return."""
        rest = iter(steps)
        for step in rest:
            flow = self.step(step)
            if flow.test is TRUE:
                return flow
            if flow.test is not FALSE:
                with self.knowledge.assuming(negate(flow.test)):
                    later = self.run(rest)
                return self.either_return(flow, later)
        return FALLS

    def either_return(self, first: Flow, later: Flow) -> Flow:
        """Returned in the first part of a block, or else in the rest of it."""
        if later.test is FALSE:
            return first
        return Flow(
            either(first.test, later.test),
            choose(first.test, first.value, later.value),
            tuple(
                merge(first.test, mine, others)
                for mine, others in zip(first.stores, later.stores, strict=False)
            ),
        )

    def step(self, step: Step) -> Flow:
        """Run one statement."""
        names = self.frames[-1].names
        match step:
            case Bind():
                names[step.variable] = self.algebra.integer(step.value)
            case Assign():
                self.assign(step.target, self.term(step.value))
            case Local():
                source = self.reference(step.source)
                names[step.name] = self.record(step.type, source.words())
            case Do():
                self.call(step.call)
            case For():
                return self.run(unrolled(step))
            case If():
                return self.branch(step)
            case Return():
                value = NOTHING if step.value is None else self.term(step.value)
                return Flow(TRUE, value, self.snapshot())
        return FALLS

    def snapshot(self) -> tuple[list[Term], ...]:
        """All stores as they are now."""
        return tuple([store[:] for store in self.stores])

    def restore(self, stores: tuple[list[Term], ...]) -> None:
        """Put all stores back to a snapshot; those that came later are gone."""
        del self.stores[len(stores) :]
        for store, words in zip(self.stores, stores, strict=True):
            store[:] = words

    def branch(self, step: If) -> Flow:
        """Both branches, merged by the test; only one where the path already decides it."""
        test = self.term(step.test)
        decided = constant(test)
        if decided is None:
            decided = self.knowledge.decides(test)
        if decided is not None:
            return self.run(step.then if decided else step.otherwise)
        frame = self.frames[-1]
        test = self.named(test, step)
        before, names = self.snapshot(), dict(frame.names)
        with self.knowledge.assuming(test):
            then = self.run(step.then)
        then_stores, then_names = self.snapshot()[: len(before)], frame.names
        self.restore(before)
        frame.names = names
        with self.knowledge.assuming(negate(test)):
            otherwise = self.run(step.otherwise)
        del self.stores[len(before) :]
        self.join(test, then, otherwise, then_stores, then_names)
        returned = choose(test, then.test, otherwise.test)
        if returned is FALSE:
            return FALLS
        if then is FALLS or otherwise is FALLS:
            ended = otherwise if then is FALLS else then
            return Flow(returned, ended.value, ended.stores[: len(before)])
        stores = tuple(
            merge(test, mine, others)
            for mine, others in zip(then.stores, otherwise.stores, strict=False)
        )
        return Flow(returned, choose(test, then.value, otherwise.value), stores[: len(before)])

    def named(self, test: Term, step: If) -> Term:
        """A long test by a name: it guards everything that follows, and would be repeated in it."""
        if test in self.tests:
            return self.tests[test]
        if negate(test) in self.tests:
            return negate(self.tests[negate(test)])
        if len(test.kids) <= LONG or not self.names_tests:
            return test
        name = self.fresh(f"{self.frames[-1].function.name}:{step.line}", "bool")
        self.tests[test] = name
        self.knowledge.define(name, test)
        return self.tests[test]

    def join(
        self,
        test: Term,
        then: Flow,
        otherwise: Flow,
        then_stores: tuple[list[Term], ...],
        then_names: dict[str, Value],
    ) -> None:
        """Leave in the stores and the names what holds where neither branch returned."""
        frame = self.frames[-1]
        if otherwise.test is TRUE:
            self.restore(then_stores)
            frame.names = then_names
        elif then.test is not TRUE:
            for store, words in zip(self.stores, then_stores, strict=True):
                store[:] = merge(test, words, store)
            frame.names = dict(merged_names(test, then_names, frame.names))

    def assign(self, target: Expression, value: Term) -> None:
        """`target = value`."""
        match target:
            case Name(id=name):
                self.frames[-1].names[name] = value
            case Field(base=base, field=field):
                record = self.reference(base)
                place = self.layout.places[record.type][field]
                record.store[record.offset + place.offset] = value
            case Item(base=base, index=index):
                store, start, length = self.array(base)
                at = self.index(target, index, length)
                known = constant(at)
                if known is not None and 0 <= known < length:
                    store[start + known] = value
                else:
                    algebra = self.algebra
                    for i in range(length):
                        here = algebra.equal(at, algebra.integer(i))
                        store[start + i] = algebra.choose(here, value, store[start + i])
            case _:
                raise MeaningError(f"line {target.line}: nothing can be assigned there")

    # ---- expressions

    def term(self, expression: Expression) -> Term:
        """The int or bool that an expression stands for."""
        value = self.value(expression)
        if isinstance(value, Term):
            return value
        raise MeaningError(f"line {expression.line}: an int or a bool was expected")

    def reference(self, expression: Expression) -> Reference:
        """The record that an expression stands for."""
        value = self.value(expression)
        if isinstance(value, Reference):
            return value
        raise MeaningError(f"line {expression.line}: a record was expected")

    def value(self, expression: Expression) -> Value | None:
        """What an expression stands for."""
        match expression:
            case Integer(value=number):
                return self.algebra.integer(number)
            case Boolean(value=known):
                return self.algebra.truth(known)
            case Name(id=name):
                return self.frames[-1].names[name]
            case Old(name=name):
                return self.frames[-1].old[name]
            case Field():
                return self.field(expression)
            case Item(base=base, index=index):
                store, start, length = self.array(base)
                return self.item(store[start : start + length], expression, index)
            case Unary(op="not", operand=operand):
                return self.algebra.negate(self.term(operand))
            case Unary(operand=operand):
                return self.in_range(self.algebra.negative(self.term(operand)), expression)
            case Binary():
                return self.arithmetic(expression)
            case Compare():
                left, right = self.term(expression.left), self.term(expression.right)
                return compare(self.algebra, expression.op, left, right)
            case Logic(op=op, operands=operands):
                return self.logic(op == "and", operands)
            case Call():
                return self.call(expression)
        raise MeaningError(f"line {expression.line}: an expression without a meaning")

    def field(self, expression: Field) -> Value:
        """A word, or a nested record that shares its words."""
        record = self.reference(expression.base)
        place = self.layout.places[record.type][expression.field]
        start = record.offset + place.offset
        if place.type == "int":
            return self.knowledge.taken(record.store[start])
        return Reference(record.store, start, place.type, self.layout.size[place.type])

    def array(self, expression: Expression) -> tuple[list[Term], int, int]:
        """The store, the first word and the length of an array."""
        if not isinstance(expression, Field):
            raise MeaningError(f"line {expression.line}: an array was expected")
        record = self.reference(expression.base)
        place = self.layout.places[record.type][expression.field]
        return record.store, record.offset + place.offset, place.length

    def index(self, node: Node, index: Expression, length: int) -> Term:
        """An index, which owes to be in range."""
        at, algebra = self.term(index), self.algebra
        inside = algebra.both(
            algebra.at_most(algebra.integer(0), at), algebra.below(at, algebra.integer(length))
        )
        self.oblige(inside, "index", node, f"index 0..{length - 1}")
        return at

    def item(self, words: list[Term], node: Item, index: Expression) -> Term:
        """One word of an array, at an index that may be unknown."""
        at = self.index(node, index, len(words))
        known = constant(at)
        if known is not None and 0 <= known < len(words):
            return self.knowledge.taken(words[known])
        found = words[-1]
        for i in range(len(words) - 2, -1, -1):
            here = self.algebra.equal(at, self.algebra.integer(i))
            found = self.algebra.choose(here, words[i], found)
        return found

    def logic(self, conjunction: bool, operands: tuple[Expression, ...]) -> Term:
        """`and`, `or`: an operand is met only where those before it did not decide."""
        first, algebra = self.term(operands[0]), self.algebra
        if len(operands) == 1 or first is algebra.truth(not conjunction):
            return first
        with self.knowledge.assuming(first if conjunction else algebra.negate(first)):
            rest = self.logic(conjunction, operands[1:])
        return algebra.both(first, rest) if conjunction else algebra.either(first, rest)

    def in_range(self, term: Term, node: Node) -> Term:
        """A result, which owes to fit 64 bits where it is compiled; a lemma is mathematics."""
        if self.knowledge.owing and not self.frames[-1].function.file.startswith(LEMMAS):
            fits = both(at_most(LEAST, term), at_most(term, GREATEST))
            self.oblige(fits, "range", node, "the result fits 64 bits")
        return term

    def arithmetic(self, node: Binary) -> Term:
        """`+ - * // %`."""
        left, right, algebra = self.term(node.left), self.term(node.right), self.algebra
        if node.op == "+":
            return self.in_range(algebra.add(left, right), node)
        if node.op == "-":
            return self.in_range(algebra.subtract(left, right), node)
        if node.op == "*":
            if constant(left) is None and constant(right) is None:
                self.products[(left, right)] = None
            return self.in_range(algebra.multiply(left, right), node)
        nothing = algebra.integer(0)
        defined = algebra.both(algebra.at_most(nothing, left), algebra.below(nothing, right))
        self.oblige(defined, "division", node, "dividend >= 0 and divisor > 0")
        quotient, remainder = self.divide(left, right)
        return quotient if node.op == "//" else remainder

    def divide(self, left: Term, right: Term) -> tuple[Term, Term]:
        """Quotient and remainder by name: `left == q * right + r` and `0 <= r < right`."""
        a, b = constant(left), constant(right)
        if a is not None and b is not None and b > 0:
            return integer(a // b), integer(a % b)
        if (left, right) not in self.quotients:
            q, r = self.fresh("quotient"), self.fresh("remainder")
            self.quotients[(left, right)] = q, r
            if b is None:
                self.products[(q, right)] = None
            meaning = both(
                equal(left, add(multiply(q, right), r)),
                at_most(NOTHING, r),
                below(r, right),
                implies(at_most(NOTHING, left), both(at_most(NOTHING, q), at_most(q, left))),
            )
            defined = below(NOTHING, right)
            for part in (meaning,) if defined is TRUE else (implies(defined, meaning),):
                self.knowledge.always(part)
        return self.quotients[(left, right)]
