"""Every small fault that a kernel's source can have: one edit of one place, the lines kept.

The faults are those of a hand that slips: a comparison that is off by one, a sum for a difference,
`or` for `and`, a guard the wrong way round or gone, a constant beside the right one, arguments in
the wrong order, the neighbouring field. What only a contract reads is no part of the machine: it
is left alone, as contracts and docstrings are. A module's constant is changed where a function uses
it, one place at a time; changed where it is defined, it would change in every theorem too. The
order and the names depend on the source and on nothing else.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dosekernel.spec.language import reachable
from dosekernel.spec.tree import INT, Program

from ..counterexample import RATES, TIMES, VOLUMES
from .places import Place, Source

OPERATORS = (
    "comparison",
    "arithmetic",
    "logic",
    "negation",
    "constant",
    "statement",
    "arguments",
    "field",
    "result",
)

COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=", "<=")),
    ast.NotEq: ("!=", ("==", ">")),
}
ARITHMETIC: dict[type[ast.operator], tuple[str, tuple[str, ...]]] = {
    ast.Add: ("+", ("-",)),
    ast.Sub: ("-", ("+",)),
    ast.Mult: ("*", ("//", "%")),
    ast.FloorDiv: ("//", ("*", "%")),
    ast.Mod: ("%", ("*", "//")),
}
# What a pump calls; all else is reached from here.
ENTRIES = ("adopt", "initialise", "step")
# Other fields that stand in for one, at most.
NEIGHBOURS = 2
# A name keeps this much of what was edited.
SHOWN = 60


@dataclass(frozen=True)
class Mutant:
    """One edit of one module: `text` stands in place of what stood from `start` to `end`."""

    module: str
    line: int
    function: str
    operator: str
    start: int
    end: int
    text: str
    shown: str
    number: int = 1

    @property
    def name(self) -> str:
        """Where and what, the same in every run."""
        return f"{self.module}.py:{self.line} {self.described}"

    @property
    def key(self) -> str:
        """The name without the line: it stays when only other functions are edited."""
        return f"{self.module}.py {self.described}"

    @property
    def described(self) -> str:
        """In which function, and what; the same edit in another place of it has a number."""
        again = f" ({self.number})" if self.number > 1 else ""
        return f"{self.function}: {self.shown}{again}"

    def apply(self, source: str) -> str:
        """The module with the fault, every line where it was."""
        return source[: self.start] + self.text + source[self.end :]


def mutants(
    sources: Mapping[str, str], program: Program, entries: Sequence[str] = ENTRIES
) -> list[Mutant]:
    """Every mutant of what the entries run, in the order of the modules' names and their lines."""
    found: list[Mutant] = []
    machine = set(reachable(program, entries))
    for module in sorted(sources):
        seen: dict[str, int] = {}
        texts: set[str] = set()
        for mutant in sorted(
            _Module(module, sources[module], program).all(machine),
            key=lambda each: (each.line, each.start, OPERATORS.index(each.operator)),
        ):
            text = mutant.apply(sources[module])
            if text in texts:
                continue
            texts.add(text)
            seen[mutant.key] = seen.get(mutant.key, 0) + 1
            found.append(replace(mutant, number=seen[mutant.key]))
    return found


class _Module:
    """The mutants of one module."""

    def __init__(self, name: str, text: str, program: Program) -> None:
        self.name, self.program = name, program
        self.source = Source(text)
        self.tree = ast.parse(text)
        self.function = ""
        self.types: dict[str, str] = {}
        self.returns = ""

    def all(self, machine: set[str]) -> Iterator[Mutant]:
        """Those of every function's body, if the machine runs it."""
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef) and node.name in machine:
                self.function = node.name
                self.returns = ast.unparse(node.returns) if node.returns is not None else ""
                self.types = {
                    each.arg: ast.unparse(each.annotation)
                    for each in node.args.args
                    if each.annotation is not None
                }
                yield from self.body(node)

    def edit(self, operator: str, place: Place, text: str, before: str, after: str) -> Mutant:
        """One mutant."""
        line = self.source.line(place[0])
        shown = f"{_short(before)} -> {_short(after)}" if after else f"without {_short(before)}"
        return Mutant(self.name, line, self.function, operator, place[0], place[1], text, shown)

    def over(self, operator: str, node: ast.expr, text: str) -> Mutant:
        """Another text in place of a whole expression."""
        place = self.source.place(node)
        return self.edit(operator, place, text, self.source.text[slice(*place)], text)

    def body(self, function: ast.FunctionDef) -> Iterator[Mutant]:
        """What can go wrong in a function."""
        first = 1 if ast.get_docstring(function) is not None else 0
        for statement in function.body[first:]:
            for node in ast.walk(statement):
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                    self.learn(node)
        for statement in function.body[first:]:
            for node in ast.walk(statement):
                yield from self.node(node)

    def learn(self, node: ast.Assign) -> None:
        """A local record has the type of what it copies."""
        call, target = node.value, node.targets[0]
        assert isinstance(call, ast.Call)
        if isinstance(target, ast.Name) and ast.unparse(call.func) == "copy":
            kind = self.type_of(call.args[0])
            if kind is not None:
                self.types[target.id] = kind

    def node(self, node: ast.AST) -> Iterator[Mutant]:
        """What can go wrong at one node."""
        match node:
            case ast.Compare():
                yield from self.comparison(node)
            case ast.BinOp():
                old, others = ARITHMETIC[type(node.op)]
                yield from self.between("arithmetic", node, node.left, node.right, old, others)
            case ast.BoolOp():
                yield self.logic(node)
            case ast.UnaryOp(op=ast.Not()):
                yield self.over("negation", node, self.source.of(node.operand))
            case ast.Constant():
                yield from self.literal(node)
            case ast.Name() if node.id in self.program.constants:
                for text in (f"({node.id} + 1)", f"0 * {node.id}"):
                    yield self.over("constant", node, text)
            case ast.Call():
                yield from self.arguments(node)
            case ast.Attribute():
                yield from self.field(node)
            case ast.Assign() | ast.Expr():
                yield self.dropped(node)
            case ast.If():
                yield self.dropped(node)
                yield from self.turned("negation", node.test)
            case ast.Return(value=value) if value is not None and self.returns == "bool":
                yield from self.turned("result", value)

    def turned(self, operator: str, test: ast.expr) -> Iterator[Mutant]:
        """The opposite of a condition, unless another operator makes it."""
        single = isinstance(test, ast.Compare) and len(test.ops) == 1
        negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        if not (single or negated or isinstance(test, ast.Constant)):
            yield self.over(operator, test, f"not ({self.source.of(test)})")

    def comparison(self, node: ast.Compare) -> Iterator[Mutant]:
        """A neighbouring comparison."""
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            old, others = COMPARISONS[type(operator)]
            yield from self.between("comparison", node, left, right, old, others)
            left = right

    def between(
        self,
        operator: str,
        whole: ast.expr,
        left: ast.expr,
        right: ast.expr,
        old: str,
        others: tuple[str, ...],
    ) -> Iterator[Mutant]:
        """Another word between two operands."""
        place = self.source.word_between(left, right, old)
        whole_place = self.source.place(whole)
        before = self.source.text[slice(*whole_place)]
        for other in others:
            after = (
                self.source.text[whole_place[0] : place[0]]
                + other
                + self.source.text[place[1] : whole_place[1]]
            )
            yield self.edit(operator, place, other, before, after)

    def logic(self, node: ast.BoolOp) -> Mutant:
        """`or` for every `and` of a condition, or the other way round."""
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        start, end = self.source.place(node)
        text = self.source.text[start:end]
        for left, right in reversed(list(zip(node.values, node.values[1:], strict=False))):
            place = self.source.word_between(left, right, old)
            text = text[: place[0] - start] + new + text[place[1] - start :]
        # What binds less tightly than its surroundings needs brackets.
        return self.over("logic", node, f"({text})")

    def literal(self, node: ast.Constant) -> Iterator[Mutant]:
        """A truth turned round; a number beside the right one."""
        if isinstance(node.value, bool):
            yield self.over("result", node, str(not node.value))
        elif isinstance(node.value, int):
            others = (node.value + 1, node.value - 1, 0)
            for value in dict.fromkeys(each for each in others if each != node.value):
                yield self.over("constant", node, str(value))

    def arguments(self, node: ast.Call) -> Iterator[Mutant]:
        """Two arguments of one type in each other's place."""
        name = ast.unparse(node.func)
        if name not in self.program.functions:
            return
        types = [each.type for each in self.program.functions[name].parameters]
        given = [self.source.of(each) for each in node.args]
        for i, one in enumerate(given):
            for j in range(i + 1, len(given)):
                if types[i] != types[j] or one == given[j]:
                    continue
                first, second = self.source.place(node.args[i]), self.source.place(node.args[j])
                text = given[j] + self.source.text[first[1] : second[0]] + one
                place = (first[0], second[1])
                before = self.source.text[slice(*place)]
                yield self.edit("arguments", place, text, f"{name}({before})", f"{name}({text})")

    def field(self, node: ast.Attribute) -> Iterator[Mutant]:
        """The next fields of the same record that hold the same kind of quantity."""
        record = self.type_of(node.value)
        if record not in self.program.records:
            return
        words = [each for each in self.program.records[record].words if each.type == INT]
        names = [
            each.name
            for each in words
            if not each.length and _group(each.name) == _group(node.attr)
        ]
        if node.attr not in names:
            return
        at = names.index(node.attr)
        for other in (names[at + 1 :] + names[:at])[:NEIGHBOURS]:
            yield self.over("field", node, f"{self.source.of(node.value)}.{other}")

    def type_of(self, node: ast.expr) -> str | None:
        """The record that an expression stands for, if it is one."""
        if isinstance(node, ast.Name):
            return self.types.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self.type_of(node.value)
            if base in self.program.records:
                for word in self.program.records[base].words:
                    if word.name == node.attr:
                        return word.type
        return None

    def dropped(self, node: ast.stmt) -> Mutant:
        """A statement that is not there."""
        place = self.source.place(node)
        text = self.source.text[slice(*place)]
        blank = "".join(each if each == "\n" else " " for each in text)
        return self.edit("statement", place, blank, text, "")


def _group(name: str) -> str:
    """The kind of quantity that a field holds."""
    for group, names in (("volume", VOLUMES), ("rate", RATES), ("time", TIMES)):
        if name in names:
            return group
    return "word"


def _short(text: str) -> str:
    """On one line, and not too much of it."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 3]}..."
