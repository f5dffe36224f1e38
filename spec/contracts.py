"""Contracts at functions: `require`, `ensure` and `snapshot`."""

import ast

from .effects import Writes
from .expressions import Expressions, Scope, a_type, type_of
from .names import Module
from .tree import BOOL, INT, NONE, Call, Expression, Parameter, Program


class Contract:
    """The contract at a function: `require`, `ensure` and `snapshot`, each over a lambda."""

    def __init__(
        self,
        program: Program,
        module: Module,
        writes: dict[str, Writes],
        parameters: tuple[Parameter, ...],
        returns: str,
    ) -> None:
        """The contract of a function with these parameters, which returns `returns`."""
        self.program, self.module, self.writes = program, module, writes
        self.types = {each.name: each.type for each in parameters}
        self.returns = returns
        self.old: dict[str, str] = {}

    def read(
        self, decorators: list[ast.expr]
    ) -> tuple[tuple[Expression, ...], tuple[Expression, ...], tuple[tuple[str, Expression], ...]]:
        """The requires, the ensures and the snapshots, each in the order of the source."""
        words = [self.word(node) for node in decorators]
        snapshots = tuple(self.snapshot(c, of) for name, c, of in words if name == "snapshot")
        requires = tuple(self.condition(c, of, False) for name, c, of in words if name == "require")
        ensures = tuple(self.condition(c, of, True) for name, c, of in words if name == "ensure")
        return requires, ensures, snapshots

    def word(self, node: ast.expr) -> tuple[str, ast.Call, ast.Lambda]:
        """Which of the three words a decorator is, its call and its lambda."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in ("require", "ensure", "snapshot") and self.module.kind(name) == "word":
                if len(node.args) != 1 or not isinstance(node.args[0], ast.Lambda):
                    raise self.module.error(node, f"{name} takes a lambda")
                return name, node, node.args[0]
        raise self.module.error(node, "a decorator is require, ensure or snapshot of .contract")

    def condition(self, node: ast.Call, of: ast.Lambda, after: bool) -> Expression:
        """The bool of a require or of an ensure."""
        if node.keywords:
            raise self.module.error(node, "require and ensure take a lambda alone")
        return self.checker(of, after).of_type(of.body, BOOL, "a contract")

    def snapshot(self, node: ast.Call, of: ast.Lambda) -> tuple[str, Expression]:
        """The name and the value of a snapshot; a record by `copy(record)`."""
        names = [each.value for each in node.keywords if each.arg == "name"]
        if len(node.keywords) != 1 or len(names) != 1:
            raise self.module.error(node, 'a snapshot is named: name="..."')
        text = names[0].value if isinstance(names[0], ast.Constant) else None
        if not isinstance(text, str):
            raise self.module.error(node, 'a snapshot is named: name="..."')
        if text in self.old:
            raise self.module.error(node, f"the snapshot {text} is there already")
        checker = self.checker(of, False)
        body = of.body
        value: Expression
        if (
            isinstance(body, ast.Call)
            and isinstance(body.func, ast.Name)
            and body.func.id == "copy"
        ):
            if self.module.kind("copy") != "word" or len(body.args) != 1 or body.keywords:
                raise self.module.error(body, "a record is kept by copy(record) of .contract")
            record = checker.record(body.args[0], "copy")
            value = Call(body.lineno, "copy", (record,), type_of(record))
        else:
            value = checker.expression(body)
            if type_of(value) not in (INT, BOOL):
                raise self.module.error(
                    body,
                    f"a snapshot keeps int, bool or copy(record), not {a_type(type_of(value))}",
                )
        self.old[text] = type_of(value)
        return text, value

    def checker(self, node: ast.Lambda, after: bool) -> Expressions:
        """The scope of a lambda: parameters of the function; in an ensure, `result` and `OLD`."""
        given = node.args
        if given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or given.defaults:
            raise self.module.error(node, "a contract's lambda takes plain names")
        scope = Scope(contract=True)
        for each in given.args:
            name = each.arg
            if name == "OLD" and after:
                scope.old = self.old
                continue
            kind = self.types.get(name, "")
            if after and name == "result":
                if name in self.types:
                    raise self.module.error(
                        each, "a parameter named result hides the value returned"
                    )
                kind = self.returns
            if not kind or kind == NONE:
                raise self.module.error(each, f"{name} is no parameter of the function")
            scope.types[name] = kind
            scope.assigned.add(name)
        return Expressions(self.program, self.module, self.writes, scope)
