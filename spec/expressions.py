"""Expressions of the kernel language: from Python's syntax to the typed tree, or an error."""

import ast
from dataclasses import dataclass, field

from .effects import WORD_WRITES, Writes, record_path
from .names import GREATEST, REFUSED, Module, refusal
from .tree import (
    ARRAY,
    BOOL,
    INT,
    NONE,
    Binary,
    Boolean,
    Call,
    Compare,
    Expression,
    Field,
    Integer,
    Item,
    Logic,
    Name,
    Old,
    Program,
    Unary,
    Word,
)

ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.FloorDiv: "//",
    ast.Mod: "%",
}
# What else Python has, by its sign, for the error.
OTHER_SIGNS: dict[type[ast.AST], str] = {
    ast.Div: "/",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
COMPARISON: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def type_of(expression: Expression) -> str:
    """The type of a checked expression."""
    match expression:
        case Integer() | Item() | Binary():
            return INT
        case Boolean() | Compare() | Logic():
            return BOOL
        case Unary(op=op):
            return INT if op == "-" else BOOL
    return expression.type


def constant_value(expression: Expression) -> int | None:
    """The value of an expression of literals and constants alone; None if it is anything else."""
    match expression:
        case Integer(value=value):
            return value
        case Unary(op="-", operand=operand):
            inner = constant_value(operand)
            return None if inner is None else -inner
        case Binary(op=op, left=left, right=right):
            a, b = constant_value(left), constant_value(right)
            if a is None or b is None or (op in ("//", "%") and (a < 0 or b <= 0)):
                return None
            return (
                {"+": a + b, "-": a - b, "*": a * b}.get(op)
                if op in "+-*"
                else (a // b if op == "//" else a % b)
            )
    return None


def a_type(kind: str) -> str:
    """A type as a reader would call it."""
    article = "an" if kind[0] in "aeiouAEIOU" else "a"
    return "no value" if kind == NONE else f"{article} {kind}"


def counted(count: int) -> str:
    """A number of arguments."""
    return "1 argument" if count == 1 else f"{count} arguments"


@dataclass
class Scope:
    """The names of one function, or of one contract's lambda."""

    types: dict[str, str] = field(default_factory=dict)
    # What holds a value on every path to here.
    assigned: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    # In a contract nothing may write; `old` holds the types of the snapshots.
    contract: bool = False
    old: dict[str, str] | None = None


class Expressions:
    """Checks the expressions of one function."""

    def __init__(
        self, program: Program, module: Module, writes: dict[str, Writes], scope: Scope
    ) -> None:
        """Expressions of `module` over the names in `scope`; `writes` of every function so far."""
        self.program = program
        self.module = module
        self.writes = writes
        self.scope = scope

    def integer(self, node: ast.expr, what: str) -> Expression:
        """An int."""
        return self.of_type(node, INT, what)

    def test(self, node: ast.expr, what: str) -> Expression:
        """A bool, in which a call that writes may stand alone."""
        return self.of_type(node, BOOL, what, alone=True)

    def of_type(self, node: ast.expr, kind: str, what: str, alone: bool = False) -> Expression:
        """An expression of the given type; `what` says in the error where it stands."""
        found = self.expression(node, alone)
        if type_of(found) != kind:
            raise self.module.error(
                node, f"{what} takes {a_type(kind)}, not {a_type(type_of(found))}"
            )
        return found

    def record(self, node: ast.expr, what: str) -> Expression:
        """A whole record: a variable, or a record inside one."""
        found = self.expression(node)
        if type_of(found) not in self.program.records or isinstance(found, Call):
            raise self.module.error(node, f"{what} takes a record, not {a_type(type_of(found))}")
        return found

    def expression(self, node: ast.expr, alone: bool = False) -> Expression:
        """Any expression; a call that writes only where it is `alone`, the whole value."""
        match node:
            case ast.Constant():
                return self.literal(node)
            case ast.Name():
                return self.name(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Subscript():
                return self.item(node)
            case ast.UnaryOp():
                return self.unary(node)
            case ast.BinOp():
                return self.binary(node)
            case ast.Compare():
                return self.compare(node)
            case ast.BoolOp():
                op = "and" if isinstance(node.op, ast.And) else "or"
                operands = tuple(self.of_type(each, BOOL, op) for each in node.values)
                return Logic(node.lineno, op, operands)
            case ast.Call():
                return self.call(node, alone)
        raise self.module.error(node, refusal(node))

    def literal(self, node: ast.Constant) -> Expression:
        """True, False or an int of 64 bits."""
        value = node.value
        if isinstance(value, bool):
            return Boolean(node.lineno, value)
        if isinstance(value, int):
            if value > GREATEST:
                raise self.module.error(node, f"{value} does not fit 64 bits")
            return Integer(node.lineno, value)
        kind = {float: "floats", complex: "complex numbers", str: "strings", bytes: "bytes"}
        if type(value) in kind:
            raise self.module.error(node, f"there are no {kind[type(value)]}")
        raise self.module.error(node, f"{ast.unparse(node)} is not a value")

    def name(self, node: ast.Name) -> Expression:
        """A variable or a constant."""
        scope = self.scope
        if node.id in scope.types:
            if node.id not in scope.assigned:
                raise self.module.error(node, f"{node.id} has no value on some path to here")
            scope.used.add(node.id)
            return Name(node.lineno, node.id, scope.types[node.id])
        kind = self.module.kind(node.id)
        if kind == "constant":
            return Integer(node.lineno, self.program.constants[node.id].value, node.id)
        if kind:
            raise self.module.error(node, f"{node.id} is a {kind}, not a value")
        raise self.module.error(node, f"{node.id} is not a name known here")

    def attribute(self, node: ast.Attribute) -> Expression:
        """`record.field`, or `OLD.name` in an ensure."""
        if isinstance(node.value, ast.Name) and node.value.id == "OLD":
            if self.scope.old is None:
                raise self.module.error(node, "OLD stands only in an ensure that takes it")
            if node.attr not in self.scope.old:
                raise self.module.error(node, f"there is no snapshot {node.attr}")
            return Old(node.lineno, node.attr, self.scope.old[node.attr])
        base = self.expression(node.value)
        word = self.word(node, base)
        return Field(node.lineno, base, word.name, ARRAY if word.length else word.type)

    def word(self, node: ast.Attribute, base: Expression) -> Word:
        """The declaration of the field that an attribute names."""
        record = self.program.records.get(type_of(base))
        if record is None or isinstance(base, Call):
            raise self.module.error(node, f"{a_type(type_of(base))} has no fields")
        for word in record.words:
            if word.name == node.attr:
                return word
        raise self.module.error(node, f"{record.name} has no field {node.attr}")

    def item(self, node: ast.Subscript) -> Expression:
        """`record.array[index]`."""
        if isinstance(node.slice, ast.Slice):
            raise self.module.error(node, refusal(node.slice))
        base = self.expression(node.value)
        if (
            not isinstance(base, Field)
            or base.type != ARRAY
            or not isinstance(node.value, ast.Attribute)
        ):
            raise self.module.error(node, f"{a_type(type_of(base))} has no items")
        length = self.word(node.value, base.base).length
        index = self.integer(node.slice, "an index")
        value = constant_value(index)
        if value is not None and not 0 <= value < length:
            raise self.module.error(node, f"index {value} is outside 0..{length - 1}")
        return Item(node.lineno, base, index, length)

    def unary(self, node: ast.UnaryOp) -> Expression:
        """`-x` or `not x`."""
        if isinstance(node.op, ast.Not):
            return Unary(node.lineno, "not", self.of_type(node.operand, BOOL, "not"))
        if isinstance(node.op, ast.USub):
            return Unary(node.lineno, "-", self.integer(node.operand, "-"))
        sign = "+" if isinstance(node.op, ast.UAdd) else "~"
        raise self.module.error(node, f"the operator {sign} before a value is not in the language")

    def binary(self, node: ast.BinOp) -> Expression:
        """`+ - * // %`."""
        op = ARITHMETIC.get(type(node.op))
        if op is None:
            raise self.module.error(
                node, f"the operator {OTHER_SIGNS[type(node.op)]} is not one of + - * // %"
            )
        left, right = self.integer(node.left, op), self.integer(node.right, op)
        divisor = constant_value(right)
        if op in ("//", "%") and divisor is not None and divisor <= 0:
            raise self.module.error(node, f"{op} by {divisor}: a divisor is greater than 0")
        return Binary(node.lineno, op, left, right)

    def compare(self, node: ast.Compare) -> Expression:
        """A comparison of ints; a chain is read as `and`, so its middle is only read twice."""
        for middle in node.comparators[:-1]:
            if not isinstance(middle, ast.Name | ast.Attribute | ast.Subscript | ast.Constant):
                raise self.module.error(
                    middle, "the middle of a chain is a name, a field, an item or a constant"
                )
        values = [node.left, *node.comparators]
        pairs: list[Expression] = []
        for position, operator in enumerate(node.ops):
            op = COMPARISON.get(type(operator))
            if op is None:
                raise self.module.error(
                    node, f"{OTHER_SIGNS[type(operator)]} is not one of == != < <= > >="
                )
            left = self.integer(values[position], op)
            right = self.integer(values[position + 1], op)
            pairs.append(Compare(node.lineno, op, left, right))
        return pairs[0] if len(pairs) == 1 else Logic(node.lineno, "and", tuple(pairs))

    def call(self, node: ast.Call, alone: bool = False) -> Call:
        """A call of an earlier function or of a word over whole records."""
        if not isinstance(node.func, ast.Name):
            raise self.module.error(node, "only functions of the program are called")
        name = node.func.id
        if node.keywords:
            raise self.module.error(node, "arguments are given by position")
        if any(isinstance(each, ast.Starred) for each in node.args):
            raise self.module.error(node, REFUSED[ast.Starred])
        if name in self.scope.types:
            raise self.module.error(node, f"{name} is a variable, not a function")
        kind = self.module.kind(name)
        if kind == "word" and name in WORD_WRITES:
            return self.word_call(node, name, alone)
        if kind != "function":
            raise self.module.error(node, f"{name} is not a function known here")
        function = self.program.functions[name]
        if len(node.args) != len(function.parameters):
            raise self.module.error(
                node, f"{name} takes {counted(len(function.parameters))}, not {len(node.args)}"
            )
        arguments: list[Expression] = []
        for given, parameter in zip(node.args, function.parameters, strict=True):
            what = f"{parameter.name} of {name}"
            if parameter.type in self.program.records:
                self.record(given, what)
            arguments.append(self.of_type(given, parameter.type, what))
        written = {position for position, _ in self.writes[name]}
        if written:
            self.check_writer(node, name, alone)
        self.check_overlap(node, name, arguments, written)
        return Call(node.lineno, name, tuple(arguments), function.returns)

    def word_call(self, node: ast.Call, name: str, alone: bool) -> Call:
        """`assign`, `clear` and `seal` as statements; `sealed` and `same` as bools."""
        count = 1 if name in ("copy", "clear") else 2
        if len(node.args) != count:
            raise self.module.error(node, f"{name} takes {counted(count)}, not {len(node.args)}")
        arguments = [self.record(each, name) for each in node.args]
        kinds = [type_of(each) for each in arguments]
        if len(set(kinds)) != 1:
            raise self.module.error(
                node, f"{name} takes two of one record, not {kinds[0]} and {kinds[1]}"
            )
        if name == "copy":
            raise self.module.error(node, "copy stands only as `name = copy(record)`")
        if WORD_WRITES[name]:
            self.check_writer(node, name, alone)
        self.check_overlap(node, name, arguments, set(WORD_WRITES[name]))
        return Call(
            node.lineno, name, tuple(arguments), BOOL if name in ("sealed", "same") else NONE
        )

    def check_writer(self, node: ast.Call, name: str, alone: bool) -> None:
        """A call that writes stands alone, so that no order of evaluation matters."""
        if self.scope.contract:
            raise self.module.error(node, f"{name} writes, so it cannot stand in a contract")
        if not alone:
            raise self.module.error(
                node, f"{name} writes, so its call stands alone: as a statement, a value or a test"
            )

    def check_overlap(
        self, node: ast.Call, name: str, arguments: list[Expression], written: set[int]
    ) -> None:
        """No record that the callee writes may lie in, or hold, another that it is given."""
        for i, first in enumerate(arguments):
            for j, second in enumerate(arguments):
                records = {type_of(first), type_of(second)} <= set(self.program.records)
                if i >= j or not records or not {i, j} & written:
                    continue
                (root, path), (other, rest) = record_path(first), record_path(second)
                short = min(len(path), len(rest))
                if root == other and path[:short] == rest[:short]:
                    hit = (root, *path) if i in written else (other, *rest)
                    raise self.module.error(
                        node, f"{name} writes {'.'.join(hit)}, which overlaps another argument"
                    )
