"""Bodies of functions: statements, and what holds a value where."""

import ast
from typing import TypeGuard

from .effects import Writes
from .expressions import Expressions, Scope, a_type, constant_value, type_of
from .names import Module, refusal
from .tree import (
    ARRAY,
    BOOL,
    INT,
    NONE,
    Assign,
    Call,
    Do,
    Field,
    For,
    If,
    Item,
    Local,
    Name,
    Parameter,
    Program,
    Return,
    Statement,
)


class Body:
    """Checks the statements of one function; `assigned` follows every path."""

    def __init__(
        self,
        program: Program,
        module: Module,
        writes: dict[str, Writes],
        parameters: tuple[Parameter, ...],
        returns: str,
    ) -> None:
        """The body of a function with these parameters, which returns `returns`."""
        self.program = program
        self.module = module
        self.returns = returns
        self.parameters = {parameter.name for parameter in parameters}
        self.scope = Scope({each.name: each.type for each in parameters}, set(self.parameters))
        self.first_lines: dict[str, int] = {}
        self.loops: set[str] = set()
        self.active: set[str] = set()
        self.expressions = Expressions(program, module, writes, self.scope)

    def check(self, nodes: list[ast.stmt], function: ast.FunctionDef) -> tuple[Statement, ...]:
        """The whole body: every path returns if it must, and nothing is named in vain."""
        body, ends = self.block(nodes)
        if self.returns != NONE and not ends:
            raise self.module.error(function, f"a path of {function.name} returns no value")
        for name in self.scope.types:
            if name not in self.scope.used and name not in self.loops:
                line = self.first_lines.get(name, function.lineno)
                what = "parameter" if name in self.parameters else "variable"
                raise self.module.error(line, f"the {what} {name} is never read")
        return body

    def block(self, nodes: list[ast.stmt]) -> tuple[tuple[Statement, ...], bool]:
        """Statements one after another, and whether every path through them returns."""
        found: list[Statement] = []
        ends = False
        for node in nodes:
            if ends:
                raise self.module.error(node, "nothing runs after a return")
            statement, ends = self.statement(node)
            found.append(statement)
        return tuple(found), ends

    def statement(self, node: ast.stmt) -> tuple[Statement, bool]:
        """One statement, and whether every path through it returns."""
        match node:
            case ast.Assign():
                return self.assign(node), False
            case ast.Expr():
                return self.do(node), False
            case ast.Return():
                return self.give(node), True
            case ast.If():
                return self.choose(node)
            case ast.For():
                return self.loop(node), False
        raise self.module.error(node, refusal(node))

    def assign(self, node: ast.Assign) -> Statement:
        """A value to a variable, a field or an item; `name = copy(record)` makes a record."""
        if len(node.targets) != 1 or isinstance(node.targets[0], ast.Tuple | ast.List):
            raise self.module.error(node, "one assignment has one target")
        target = node.targets[0]
        if isinstance(target, ast.Name):
            if _is_copy(node.value) and self.module.kind("copy") == "word":
                return self.local(node, target, node.value)
            return self.assign_name(node, target)
        place = self.expressions.expression(target)
        if not isinstance(place, Field | Item):
            raise self.module.error(target, "only a variable, a field or an item is assigned")
        if type_of(place) == ARRAY:
            raise self.module.error(target, "an array is assigned item by item")
        if type_of(place) in self.program.records:
            raise self.module.error(target, "a whole record is assigned by assign(target, source)")
        value = self.expressions.of_type(node.value, INT, "a word of a record", alone=True)
        if (
            isinstance(place, Item)
            and isinstance(value, Call)
            and self.expressions.writes[value.function]
        ):
            raise self.module.error(
                node, f"{value.function} writes, so its value is kept in a variable first"
            )
        return Assign(node.lineno, place, value)

    def assign_name(self, node: ast.Assign, target: ast.Name) -> Assign:
        """An int or bool variable: made at its first assignment, of one type ever after."""
        value = self.expressions.expression(node.value, alone=True)
        kind = type_of(value)
        if kind in self.program.records:
            raise self.module.error(
                node, f"a second name for a record: write {target.id} = copy(...)"
            )
        if kind not in (INT, BOOL):
            raise self.module.error(node, f"{target.id} takes an int or a bool, not {a_type(kind)}")
        self.declare(target, kind)
        return Assign(node.lineno, Name(target.lineno, target.id, kind), value)

    def local(self, node: ast.Assign, target: ast.Name, call: ast.Call) -> Local:
        """`name = copy(record)`: a record of the function's own, made once."""
        if len(call.args) != 1 or call.keywords:
            raise self.module.error(node, f"copy takes 1 argument, not {len(call.args)}")
        source = self.expressions.record(call.args[0], "copy")
        if target.id in self.scope.types and target.id not in self.parameters | self.active:
            raise self.module.error(
                node, f"{target.id} is a variable already; a record is made once, then assigned to"
            )
        self.declare(target, type_of(source))
        return Local(node.lineno, target.id, type_of(source), source)

    def declare(self, node: ast.Name, kind: str) -> None:
        """Give a variable a value of a type."""
        name = node.id
        if name in self.parameters:
            raise self.module.error(node, f"the parameter {name} is not assigned to")
        if name in self.active:
            raise self.module.error(node, f"the loop variable {name} is not assigned to")
        if name in self.loops:
            raise self.module.error(node, f"{name} is the variable of a loop")
        if name not in self.scope.types:
            self.module.check_name(node, name, "variable")
            self.first_lines[name] = node.lineno
        known = self.scope.types.setdefault(name, kind)
        if known != kind:
            raise self.module.error(node, f"{name} is {a_type(known)}, not {a_type(kind)}")
        self.scope.assigned.add(name)

    def do(self, node: ast.Expr) -> Do:
        """A call of a function that returns nothing."""
        if not isinstance(node.value, ast.Call):
            raise self.module.error(node, "a statement that does nothing")
        call = self.expressions.call(node.value, alone=True)
        if call.type != NONE:
            raise self.module.error(node, f"the value of {call.function} is not used")
        return Do(node.lineno, call)

    def give(self, node: ast.Return) -> Return:
        """`return` or `return value`."""
        if self.returns == NONE:
            if node.value is not None:
                raise self.module.error(node, "a function of None returns no value")
            return Return(node.lineno, None)
        if node.value is None:
            raise self.module.error(node, f"return takes {a_type(self.returns)}")
        value = self.expressions.of_type(node.value, self.returns, "return", alone=True)
        return Return(node.lineno, value)

    def choose(self, node: ast.If) -> tuple[If, bool]:
        """`if`: afterwards a variable holds a value if it does on each path that goes on."""
        test = self.expressions.test(node.test, "if")
        before = set(self.scope.assigned)
        then, then_ends = self.block(node.body)
        after_then = set(self.scope.assigned)
        self.scope.assigned.clear()
        self.scope.assigned.update(before)
        otherwise, otherwise_ends = self.block(node.orelse)
        if otherwise_ends:
            self.scope.assigned.clear()
            self.scope.assigned.update(after_then)
        elif not then_ends:
            self.scope.assigned.intersection_update(after_then)
        return If(node.lineno, test, then, otherwise), then_ends and otherwise_ends

    def loop(self, node: ast.For) -> For:
        """`for name in range(constant)`: it runs at least once."""
        if node.orelse:
            raise self.module.error(node, "for has no else")
        if not isinstance(node.target, ast.Name):
            raise self.module.error(node, "for has one variable")
        count = self.range_count(node.iter)
        name = node.target.id
        if name in self.active or (name in self.scope.types and name not in self.loops):
            raise self.module.error(node, f"{name} is a variable already")
        if name not in self.loops:
            self.module.check_name(node.target, name, "variable")
        self.loops.add(name)
        self.active.add(name)
        self.scope.types[name] = INT
        self.scope.assigned.add(name)
        body, ends = self.block(node.body)
        if ends:
            raise self.module.error(node, "every path of the loop returns the first time")
        self.active.discard(name)
        self.scope.assigned.discard(name)
        return For(node.lineno, name, count, body)

    def range_count(self, node: ast.expr) -> int:
        """The constant N of `range(N)`."""
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "range"
            and len(node.args) == 1
            and not node.keywords
        ):
            raise self.module.error(node, "for runs over range(constant) and nothing else")
        count = constant_value(self.expressions.integer(node.args[0], "range"))
        if count is None:
            raise self.module.error(node, "the length of a range is a constant")
        if count < 1:
            raise self.module.error(node, f"range({count}) runs not once")
        return count


def _is_copy(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "copy"
