"""What a function reads: a pure function of equal words is equal, whatever else differs."""

from dosekernel.spec.effects import WORD_WRITES, calls, operands, record_path, statements
from dosekernel.spec.tree import (
    ARRAY,
    Assign,
    Call,
    Expression,
    Field,
    Function,
    Integer,
    Item,
    Name,
    Program,
    Statement,
)

from .layout import Layout

# For each parameter the words that the function's body reads, itself or through its callees.
Reads = tuple[tuple[int, ...], ...]


class _Reader:
    """Collects the reads of one function."""

    def __init__(self, program: Program, layout: Layout, known: dict[str, Reads]) -> None:
        self.program, self.layout, self.known = program, layout, known

    def of(self, function: Function) -> Reads:
        """The reads of a function whose callees are known."""
        self.types = {each.name: each.type for each in function.parameters}
        self.found: dict[str, set[int]] = {each.name: set() for each in function.parameters}
        for each in function.parameters:
            if each.type not in self.program.records:
                self.found[each.name].add(0)
        for statement in statements(function.body):
            self.statement(statement)
        return tuple(tuple(sorted(self.found[each.name])) for each in function.parameters)

    def statement(self, statement: Statement) -> None:
        """The reads of one statement; what it assigns to is not read, but an index is."""
        for operand in operands(statement):
            if isinstance(statement, Assign) and operand is statement.target:
                if isinstance(operand, Item):
                    self.expression(operand.index)
            else:
                self.expression(operand)

    def expression(self, expression: Expression) -> None:
        """The reads of one expression."""
        match expression:
            case Field():
                self.touch(expression, None)
            case Item(base=base, index=index):
                self.touch(base, index.value if isinstance(index, Integer) else None)
                self.expression(index)
            case Call(function=name, arguments=arguments):
                self.call(name, arguments)
            case _:
                for operand in operands(expression):
                    self.expression(operand)

    def call(self, name: str, arguments: tuple[Expression, ...]) -> None:
        """The reads of a callee, in the words of the caller."""
        for position, argument in enumerate(arguments):
            if not self.is_record(argument):
                self.expression(argument)
            elif name not in WORD_WRITES:
                span = self.span(argument)
                if span is not None:
                    root, words = span
                    reads = self.known[name][position]
                    self.found[root].update(words[word] for word in reads)
            elif position not in WORD_WRITES[name] or name in ("sealed", "same"):
                self.touch(argument, None)

    def is_record(self, expression: Expression) -> bool:
        """True for a record, of a parameter or a local."""
        return isinstance(expression, Name | Field) and expression.type in self.program.records

    def span(self, expression: Expression) -> tuple[str, range] | None:
        """The parameter and the words that a path stands for; None for a local."""
        root, path = record_path(expression)
        if root not in self.found or self.types[root] not in self.program.records:
            return None
        return root, self.layout.span(self.types[root], path)

    def touch(self, expression: Expression, index: int | None) -> None:
        """Read all words of a path, or one of an array."""
        span = self.span(expression)
        if span is not None:
            root, words = span
            array = isinstance(expression, Field) and expression.type == ARRAY
            if array and index is not None and 0 <= index < len(words):
                words = words[index : index + 1]
            self.found[root].update(words)


def reads(program: Program, layout: Layout) -> dict[str, Reads]:
    """The reads of every function of a program."""
    known: dict[str, Reads] = {}
    reader = _Reader(program, layout, known)
    for name, function in program.functions.items():
        known[name] = reader.of(function)
    return known


def called(function: Function) -> set[str]:
    """The functions that a body calls directly."""
    return {
        call.function
        for statement in statements(function.body)
        for call in calls(statement)
        if call.function not in WORD_WRITES
    }
