"""What a function writes, and what it can reach: read off the tree, with no run and no proof."""

from collections.abc import Iterable

from .tree import (
    Assign,
    Binary,
    Call,
    Compare,
    Do,
    Expression,
    Field,
    For,
    Function,
    If,
    Item,
    Local,
    Logic,
    Name,
    Program,
    Return,
    Statement,
    Unary,
)

# A path of field names down to an int or an array; an array counts as one path.
Path = tuple[str, ...]
Writes = frozenset[tuple[int, Path]]

# Which arguments each word over whole records writes.
WORD_WRITES: dict[str, tuple[int, ...]] = {
    "copy": (),
    "assign": (0,),
    "clear": (0,),
    "seal": (0,),
    "sealed": (),
    "same": (),
}


def leaves(program: Program, record: str) -> list[Path]:
    """Every int and array of a record, as paths, in the order of the layout."""
    found: list[Path] = []
    for word in program.records[record].words:
        if word.type in program.records:
            found.extend((word.name, *path) for path in leaves(program, word.type))
        else:
            found.append((word.name,))
    return found


def record_path(expression: Expression) -> tuple[str, Path]:
    """The variable a record, field or item belongs to, and the path down from it."""
    path: list[str] = []
    while not isinstance(expression, Name):
        if isinstance(expression, Field):
            path.append(expression.field)
        elif not isinstance(expression, Item):
            return "", ()
        expression = expression.base
    return expression.id, tuple(reversed(path))


def statements(body: Iterable[Statement]) -> Iterable[Statement]:
    """Every statement of a body, those inside others too, in the order of the source."""
    for statement in body:
        yield statement
        if isinstance(statement, If):
            yield from statements(statement.then)
            yield from statements(statement.otherwise)
        elif isinstance(statement, For):
            yield from statements(statement.body)


def operands(node: Expression | Statement) -> tuple[Expression, ...]:
    """The expressions directly inside an expression or a statement (bodies of statements not)."""
    match node:
        case Field(base=base):
            return (base,)
        case Item(base=base, index=index):
            return (base, index)
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right) | Compare(left=left, right=right):
            return (left, right)
        case Logic(operands=inner) | Call(arguments=inner):
            return inner
        case Assign(target=target, value=value):
            return (target, value)
        case Local(source=source):
            return (source,)
        case Do(call=call):
            return (call,)
        case If(test=test):
            return (test,)
        case Return(value=value) if value is not None:
            return (value,)
    return ()


def calls(node: Expression | Statement) -> Iterable[Call]:
    """Every call inside an expression or a statement (bodies of statements not)."""
    if isinstance(node, Call):
        yield node
    for operand in operands(node):
        yield from calls(operand)


def function_writes(program: Program, function: Function, known: dict[str, Writes]) -> Writes:
    """The words of its parameters that a function may write, itself or through its callees."""
    index = {parameter.name: i for i, parameter in enumerate(function.parameters)}
    found: set[tuple[int, Path]] = set()

    def write(target: Expression, below: Iterable[Path]) -> None:
        root, path = record_path(target)
        if root in index:
            found.update((index[root], path + rest) for rest in below)

    for statement in statements(function.body):
        if isinstance(statement, Assign) and not isinstance(statement.target, Name):
            write(statement.target, [()])
        for call in calls(statement):
            if call.function in WORD_WRITES:
                for position in WORD_WRITES[call.function]:
                    target = call.arguments[position]
                    write(target, leaves(program, record_type(target)))
            else:
                for position, path in known[call.function]:
                    write(call.arguments[position], [path])
    return frozenset(found)


def record_type(expression: Expression) -> str:
    """The name of the record that an expression stands for."""
    if isinstance(expression, Name | Field | Call):
        return expression.type
    raise TypeError(f"line {expression.line}: not a record")


def writes(program: Program) -> dict[str, Writes]:
    """For each function the (parameter index, path) pairs that it may write; empty if pure."""
    known: dict[str, Writes] = {}
    for name, function in program.functions.items():
        known[name] = function_writes(program, function, known)
    return known


def reachable(program: Program, entries: Iterable[str]) -> list[str]:
    """The functions that the bodies of `entries` call, entries too, in the program's order."""
    wanted = set(entries)
    unknown = wanted - set(program.functions)
    if unknown:
        raise KeyError(f"no function {sorted(unknown)[0]}")
    for name in reversed(program.functions):
        if name in wanted:
            for statement in statements(program.functions[name].body):
                wanted.update(
                    call.function for call in calls(statement) if call.function not in WORD_WRITES
                )
    return [name for name in program.functions if name in wanted]
