"""The kernel's functions as definitions of ACSL logic: a bool becomes a predicate, an int a term.

A logic function has no memory of its own: each record it reads is a pointer and a label, the point
of the program at which it is read. So one definition serves a call on the records as they are, as
they were (`OLD`), and on both at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dosekernel.spec.effects import calls as calls_in
from dosekernel.spec.effects import leaves, statements
from dosekernel.spec.tree import (
    BOOL,
    INT,
    Assign,
    Binary,
    Boolean,
    Call,
    Compare,
    Expression,
    Field,
    For,
    Function,
    If,
    Integer,
    Item,
    Logic,
    Name,
    Old,
    Program,
    Return,
    Statement,
    Unary,
)

from .naming import CompileError, record_name

HERE, OLD = "Here", "Old"
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<="}
TRUE, FALSE = "\\true", "\\false"
# How a definition ends that is a boolean term: predicates have no place inside terms.
AS_TERM = "_holds"


@dataclass(frozen=True)
class Place:
    """A record: the C text of its fields' owner (with `->` or `.`), its address, and the label."""

    owner: str
    address: str
    label: str


@dataclass(frozen=True)
class Environment:
    """What each name stands for: a place for a record, a text for an int or a bool."""

    records: dict[str, Place] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Expression] = field(default_factory=dict)
    kept_label: str = OLD

    @staticmethod
    def of(program: Program, function: Function, label: str) -> "Environment":
        """The parameters of a C function, read at one label."""
        records = {
            each.name: Place(f"{each.name}->", each.name, label)
            for each in function.parameters
            if each.type in program.records
        }
        values = {
            each.name: each.name if each.type == INT else f"({each.name} != 0)"
            for each in function.parameters
            if each.type not in program.records
        }
        return Environment(records, values)

    def with_snapshots(
        self, snapshots: Sequence[tuple[str, Expression]], label: str
    ) -> "Environment":
        """The same after the call, when `OLD.name` is known."""
        return Environment(self.records, dict(self.values), dict(snapshots), label)

    def with_result(self, kind: str) -> "Environment":
        """The same, with the value that is returned."""
        text = "\\result" if kind == INT else "(\\result != 0)"
        return Environment(
            self.records, {**self.values, "result": text}, self.kept, self.kept_label
        )

    def with_value(self, name: str, text: str) -> "Environment":
        """The same, with one int or bool known by a text."""
        return Environment(self.records, {**self.values, name: text}, self.kept, self.kept_label)

    def before(self) -> "Environment":
        """The names at the call: what a snapshot was taken of."""
        records = {
            name: Place(place.owner, place.address, self.kept_label)
            for name, place in self.records.items()
        }
        return Environment(records, self.values)


class Writer:
    """Writes expressions and whole functions of the kernel as ACSL."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.count = 0
        # True while a boolean must be a term: then a call is one of the function's term twin.
        self.as_term = False
        self.twins: set[str] = set()

    # ---- definitions

    def definitions(self, roots: Sequence[str]) -> list[str]:
        """The definitions of `roots` and of all that they call, in the program's order."""
        wanted = {name for name in roots if name in self.program.functions}
        for name in reversed(self.program.functions):
            if name in wanted:
                for statement in statements(self.program.functions[name].body):
                    wanted.update(call.function for call in calls_in(statement))
        names = [name for name in self.program.functions if name in wanted]
        self.twins = set()
        texts = {name: self.definition(name, False) for name in names}
        pending = set(self.twins)
        while pending:
            before = set(self.twins)
            for name in pending:
                self.definition(name, True)
            pending = self.twins - before
        lines = []
        for name in names:
            if name in self.twins:
                lines.append(self.definition(name, True))
            lines.append(texts[name])
        return lines

    def definition(self, name: str, as_term: bool) -> str:
        """One function as a predicate or a logic function."""
        function = self.program.functions[name]
        records = [each for each in function.parameters if each.type in self.program.records]
        labels = [f"L{i}" for i in range(len(records))]
        places = {
            each.name: Place(f"{each.name}->", each.name, label)
            for each, label in zip(records, labels, strict=True)
        }
        values = {
            each.name: each.name if each.type == INT else f"({each.name} != 0)"
            for each in function.parameters
            if each.type not in self.program.records
        }
        self.as_term = as_term or function.returns == INT
        body = self.block(function.body, Environment(places, values), function.returns)
        self.as_term = False
        kind = "predicate" if function.returns == BOOL else "logic integer"
        if as_term:
            kind, name = "logic boolean", name + AS_TERM
        parameters = ", ".join(
            f"{record_name(each.type)} *{each.name}"
            if each.type in self.program.records
            else f"integer {each.name}"
            for each in function.parameters
        )
        at = f"{{{', '.join(labels)}}}" if labels else ""
        return f"/*@ {kind} {name}{at}({parameters}) =\n  @   {body};\n  @*/"

    def meaning(self, function: Function, environment: Environment) -> str:
        """That a C function's result is what its definition says."""
        places = [environment.records.get(each.name) for each in function.parameters]
        arguments = ", ".join(each.name for each in function.parameters)
        labels = ", ".join(place.label for place in places if place is not None)
        at = f"{{{labels}}}" if labels else ""
        said = f"{function.name}{at}({arguments})"
        if function.returns == BOOL:
            return f"\\result != 0 <==> {said}"
        return f"\\result == {said}"

    def block(self, body: Sequence[Statement], environment: Environment, kind: str) -> str:
        """Statements that end in a return, as one expression."""
        if not body:
            raise CompileError("a function in a contract must return on every path")
        first, rest = body[0], body[1:]
        match first:
            case Return(value=value) if value is not None:
                if kind == BOOL:
                    return self.predicate(value, environment)
                return self.term(value, environment)
            case Assign(target=Name(id=name, type=target), value=value):
                if target == BOOL:
                    text = f"({self.predicate(value, environment)})"
                    return self.block(rest, environment.with_value(name, text), kind)
                text = self.term(value, environment)
                if _plain(text):
                    return self.block(rest, environment.with_value(name, text), kind)
                self.count += 1
                fresh = f"{name}_{self.count}"
                inner = self.block(rest, environment.with_value(name, fresh), kind)
                return f"(\\let {fresh} = {text}; {inner})"
            case For(variable=variable, count=count, body=inner):
                unrolled: list[Statement] = []
                for i in range(count):
                    index = Integer(line=first.line, value=i)
                    unrolled.append(Assign(first.line, Name(first.line, variable, INT), index))
                    unrolled.extend(inner)
                return self.block([*unrolled, *rest], environment, kind)
            case If(test=test, then=then, otherwise=otherwise):
                return self._choice(
                    test,
                    (*then, *_after(then, rest)),
                    (*otherwise, *_after(otherwise, rest)),
                    environment,
                    kind,
                )
        raise CompileError(f"line {first.line}: {type(first).__name__} has no ACSL")

    def _choice(
        self,
        test: Expression,
        then: Sequence[Statement],
        otherwise: Sequence[Statement],
        environment: Environment,
        kind: str,
    ) -> str:
        yes = self.block(then, environment, kind)
        no = self.block(otherwise, environment, kind)
        if kind != BOOL:
            return f"({self.predicate(test, environment)} ? {yes} : {no})"
        if yes == FALSE:
            return f"({self.predicate(test, environment, False)} && {no})"
        if yes == TRUE:
            return f"({self.predicate(test, environment)} || {no})"
        holds = self.predicate(test, environment)
        fails = self.predicate(test, environment, False)
        return f"(({fails} || {yes}) && ({holds} || {no}))"

    # ---- expressions

    def predicate(self, node: Expression, environment: Environment, positive: bool = True) -> str:
        """A bool, or its opposite; a `not` goes inwards, so that ranges stay in sight."""
        match node:
            case Boolean(value=value):
                return TRUE if value == positive else FALSE
            case Unary(op="not", operand=operand):
                return self.predicate(operand, environment, not positive)
            case Compare(op=op, left=left, right=right):
                sign = op if positive else OPPOSITE[op]
                return f"{self.term(left, environment)} {sign} {self.term(right, environment)}"
            case Logic(op=op, operands=inner):
                joint = " && " if (op == "and") == positive else " || "
                parts = [self.predicate(each, environment, positive) for each in inner]
                return f"({joint.join(parts)})"
            case Name(id=name):
                return environment.values[name] if positive else f"!{environment.values[name]}"
            case Call(function="sealed" | "same", arguments=(a, b)):
                return self._words(
                    node, self.place(a, environment), self.place(b, environment), positive
                )
            case Call(function=name):
                if self.as_term:
                    self.twins.add(name)
                    text = self.call(node, environment, AS_TERM)
                else:
                    text = self.call(node, environment)
                return text if positive else f"!{text}"
        raise CompileError(f"line {node.line}: {type(node).__name__} has no ACSL as a bool")

    def term(self, node: Expression, environment: Environment) -> str:
        """An int."""
        match node:
            case Integer(value=value):
                return str(value) if value >= 0 else f"({value})"
            case Name(id=name):
                return environment.values[name]
            case Old(name=name):
                return self.term(environment.kept[name], environment.before())
            case Field(base=base, field=name):
                place = self.place(base, environment)
                return self._at(f"{place.owner}{name}", place)
            case Item(base=Field(base=base, field=name), index=index):
                place = self.place(base, environment)
                return self._at(f"{place.owner}{name}[{self.term(index, environment)}]", place)
            case Unary(op="-", operand=operand):
                return f"(-{self.term(operand, environment)})"
            case Binary(op=op, left=left, right=right):
                return _sum(op, self.term(left, environment), self.term(right, environment))
            case Call():
                return self.call(node, environment)
        raise CompileError(f"line {node.line}: {type(node).__name__} has no ACSL as an int")

    def place(self, node: Expression, environment: Environment) -> Place:
        """A record."""
        match node:
            case Name(id=name):
                return environment.records[name]
            case Old(name=name):
                return self.place(environment.kept[name], environment.before())
            case Call(function="copy", arguments=(source,)):
                return self.place(source, environment)
            case Field(base=base, field=name):
                outer = self.place(base, environment)
                inner = f"{outer.owner}{name}"
                return Place(f"{inner}.", f"&{inner}", outer.label)
        raise CompileError(f"line {node.line}: {type(node).__name__} is no record")

    def call(self, call: Call, environment: Environment, ending: str = "") -> str:
        """A call of a definition: each record at its own label."""
        labels: list[str] = []
        arguments: list[str] = []
        parameters = self.program.functions[call.function].parameters
        for given, parameter in zip(call.arguments, parameters, strict=True):
            if parameter.type in self.program.records:
                place = self.place(given, environment)
                labels.append(place.label)
                bare = place.address.startswith("&") and place.label != HERE
                arguments.append(self._at(place.address, place) if bare else place.address)
            elif parameter.type == BOOL:
                arguments.append(f"({self._condition(given, environment)} ? 1 : 0)")
            else:
                arguments.append(self.term(given, environment))
        at = f"{{{', '.join(labels)}}}" if labels else ""
        return f"{call.function}{ending}{at}({', '.join(arguments)})"

    def _condition(self, test: Expression, environment: Environment) -> str:
        """A bool inside a term."""
        outer, self.as_term = self.as_term, True
        text = self.predicate(test, environment)
        self.as_term = outer
        return text

    def words(self, record: str) -> list[str]:
        """Every word of a record, as the text after its owner."""
        found: list[str] = []
        for path in leaves(self.program, record):
            kind, length = record, 0
            for name in path:
                word = next(w for w in self.program.records[kind].words if w.name == name)
                kind, length = word.type, word.length
            text = ".".join(path)
            found += [f"{text}[{i}]" for i in range(length)] if length else [text]
        return found

    def _words(self, call: Call, a: Place, b: Place, positive: bool) -> str:
        """`sealed` or `same`, word for word."""
        first = call.arguments[0]
        if not isinstance(first, Name | Field | Old):
            raise CompileError(f"line {call.line}: {call.function} of what is no record")
        inverse = "-1 - " if call.function == "sealed" else ""
        sign, joint = ("==", " && ") if positive else ("!=", " || ")
        return (
            "("
            + joint.join(
                f"{self._at(a.owner + word, a)} {sign} {inverse}{self._at(b.owner + word, b)}"
                for word in self.words(first.type)
            )
            + ")"
        )

    def _at(self, text: str, place: Place) -> str:
        return text if place.label == HERE else f"\\at({text}, {place.label})"


def _after(body: Sequence[Statement], rest: Sequence[Statement]) -> Sequence[Statement]:
    """What follows a branch: nothing, if it has returned."""
    return () if body and isinstance(body[-1], Return) else rest


def _plain(text: str) -> bool:
    """A number or a name, which needs no name of its own."""
    return text.replace("_", "").isalnum()


def _sum(op: str, left: str, right: str) -> str:
    """An operation; of two numbers, as an index of an unrolled loop has them, its value."""
    if left.isdigit() and right.isdigit() and op in "+-*":
        value = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}[op](int(left), int(right))
        return str(value) if value >= 0 else f"({value})"
    return f"({left} {'/' if op == '//' else op} {right})"
