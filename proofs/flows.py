"""Runs in the making: a program's fixed facts, the frame of a function, where a block returns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from dosekernel.spec.effects import writes
from dosekernel.spec.tree import For, Function, Node, Program, Statement

from .footprint import reads
from .layout import Layout, Value
from .terms import FALSE, Term, choose, integer

LEAST = integer(-(2**63))
GREATEST = integer(2**63 - 1)
NOTHING = integer(0)


class Algebra(Protocol):
    """What the operations of the language mean on values.

    The module `terms` is the algebra of integers, in which the theorems are proved; that of 64-bit
    words is in `machine`. That both agree on all that the kernel does is the theorem of totality.
    """

    def integer(self, value: int, /) -> Term:
        """The constant."""

    def truth(self, value: bool, /) -> Term:
        """The constant."""

    def add(self, *terms: Term) -> Term:
        """The sum of all."""

    def subtract(self, left: Term, right: Term, /) -> Term:
        """`left - right`."""

    def negative(self, term: Term, /) -> Term:
        """`-term`."""

    def multiply(self, left: Term, right: Term, /) -> Term:
        """The product."""

    def at_most(self, left: Term, right: Term, /) -> Term:
        """`left <= right`."""

    def below(self, left: Term, right: Term, /) -> Term:
        """`left < right`."""

    def equal(self, left: Term, right: Term, /) -> Term:
        """`left == right`."""

    def negate(self, term: Term, /) -> Term:
        """`not term`."""

    def both(self, *terms: Term) -> Term:
        """The conjunction of all."""

    def either(self, *terms: Term) -> Term:
        """The disjunction of all."""

    def choose(self, test: Term, then: Term, otherwise: Term, /) -> Term:
        """`then` where the test holds, else `otherwise`."""


class MeaningError(Exception):
    """A program that the parser should not have let through; says where."""


class Facts:
    """What can be read off a program once, for every proof about it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.layout = Layout(program)
        self.writes = writes(program)
        self.reads = reads(program, self.layout)

    def has_contract(self, name: str) -> bool:
        """True if a function promises something; one that does not is a definition."""
        function = self.program.functions[name]
        return bool(function.requires or function.ensures or function.snapshots)

    def is_pure(self, name: str) -> bool:
        """True if a function writes no argument and returns a value."""
        return not self.writes[name] and self.program.functions[name].returns != "None"


@dataclass
class Frame:
    """A function being run: its names, and `OLD` in an `ensure`."""

    function: Function
    names: dict[str, Value]
    old: dict[str, Value]


@dataclass(frozen=True)
class Flow:
    """Where a block returned: under `test`, with `value`, leaving `stores`."""

    test: Term
    value: Term = NOTHING
    stores: tuple[list[Term], ...] = ()


FALLS = Flow(FALSE)


@dataclass(frozen=True)
class Bind(Node):
    """One turn of an unrolled loop."""

    variable: str
    value: int


Step = Statement | Bind


def unrolled(loop: For) -> Iterator[Step]:
    """The turns of a loop, one after another."""
    for i in range(loop.count):
        yield Bind(loop.line, loop.variable, i)
        yield from loop.body


def compare(algebra: Algebra, op: str, left: Term, right: Term) -> Term:
    """`== != < <= > >=`."""
    match op:
        case "==":
            return algebra.equal(left, right)
        case "!=":
            return algebra.negate(algebra.equal(left, right))
        case "<":
            return algebra.below(left, right)
        case "<=":
            return algebra.at_most(left, right)
        case ">":
            return algebra.below(right, left)
        case ">=":
            return algebra.at_most(right, left)
    raise MeaningError(f"no comparison is written {op!r}")


def merge(test: Term, then: list[Term], otherwise: list[Term]) -> list[Term]:
    """The words of one path or the other."""
    if then == otherwise:
        return otherwise
    return [a if a is b else choose(test, a, b) for a, b in zip(then, otherwise, strict=True)]


def merged_names(
    test: Term, then: dict[str, Value], otherwise: dict[str, Value]
) -> Iterator[tuple[str, Value]]:
    """The names that both paths know; a record is the same on both or local to one."""
    for name, a in then.items():
        b = otherwise.get(name)
        if a is b:
            yield name, a
        elif isinstance(a, Term) and isinstance(b, Term):
            yield name, choose(test, a, b)
