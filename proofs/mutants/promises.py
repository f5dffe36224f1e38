"""What a function promises, looked at with numbers: its contract and the theorems about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from dosekernel.kernel.contract import Record

from .replica import Function

# The words of a call's arguments and of its result when it is over.
Left = tuple[tuple[int, ...], ...]
LEAST, GREATEST = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Clause:
    """One condition of a contract, or a value that it keeps, with what it asks for."""

    expression: Function
    asks: tuple[str, ...]
    line: int
    name: str = ""

    def of(self, names: Mapping[str, Any]) -> Any:
        """Its value."""
        return self.expression(*[names[each] for each in self.asks])


@dataclass(frozen=True)
class Contract:
    """A function's contract in the order of the source."""

    requires: tuple[Clause, ...]
    ensures: tuple[Clause, ...]
    snapshots: tuple[Clause, ...]
    parameters: tuple[str, ...]


def contract_of(function: Function) -> Contract:
    """The contract that stands at a function; decorators are applied from the last to the first."""
    clauses: dict[str, list[Clause]] = {"require": [], "ensure": [], "snapshot": []}
    for word, expression, name in reversed(function.__dict__.get("contract", [])):
        line = expression.__code__.co_firstlineno
        clauses[word].append(Clause(expression, parameters_of(expression), line, name))
    return Contract(
        tuple(clauses["require"]),
        tuple(clauses["ensure"]),
        tuple(clauses["snapshot"]),
        parameters_of(function),
    )


def parameters_of(function: Function) -> tuple[str, ...]:
    """The names of a function's parameters."""
    code = function.__code__
    return tuple(code.co_varnames[: code.co_argcount])


@dataclass(frozen=True)
class Call:
    """One call that was made: its arguments on entry, what it left, what ran inside."""

    function: str
    arguments: tuple[Any, ...]
    inside: frozenset[str] = frozenset()
    # The words of the arguments on exit and of the result; none if they are not known.
    left: Left = ()


@dataclass
class Made:
    """A call as it went this time."""

    before: dict[str, Any]
    after: dict[str, Any]
    result: Any
    broken: str = ""


def make(function: Function, arguments: Sequence[Any], contract: Contract) -> Made | None:
    """Call a function; None if its `require` does not hold. What breaks on the way is named."""
    after = dict(zip(contract.parameters, map(duplicate, arguments), strict=True))
    made = Made({}, after, None)
    try:
        if not all(clause.of(after) for clause in contract.requires):
            return None
        old = SimpleNamespace(**{clause.name: clause.of(after) for clause in contract.snapshots})
        made.before = {name: duplicate(value) for name, value in after.items()}
        made.result = function(*after.values())
    except (ArithmeticError, LookupError) as error:
        made.broken = f"{type(error).__name__}: {error}"
        return made
    if not in_range((*after.values(), made.result)):
        made.broken = "a word does not fit 64 bits"
        return made
    names = {**after, "result": made.result, "OLD": old}
    for clause in contract.ensures:
        try:
            kept = clause.of(names)
        except (ArithmeticError, LookupError) as error:
            made.broken = f"its promise in line {clause.line}: {error}"
            return made
        if not kept:
            made.broken = f"its promise in line {clause.line}"
            return made
    return made


def same_as_ever(function: Function, call: Call) -> bool:
    """True if a call leaves what it left when it was recorded."""
    return left_by(function, call) == call.left


def left_by(function: Function, call: Call) -> Left | None:
    """What a call leaves; None if it goes wrong."""
    given = [duplicate(each) for each in call.arguments]
    try:
        result = function(*given)
    except (ArithmeticError, LookupError):
        return None
    return words_left(given, result)


def words_left(given: Sequence[Any], result: Any) -> Left:
    """All words after a call."""
    return tuple(tuple(words_of(each)) for each in (*given, result))


def duplicate(value: Any) -> Any:
    """A value that no call can change."""
    return value.duplicate() if isinstance(value, Record) else value


def in_range(values: Sequence[Any]) -> bool:
    """True if every word fits 64 bits."""
    return all(
        min(words) >= LEAST and max(words) <= GREATEST for words in map(words_of, values) if words
    )


def words_of(value: Any) -> list[int]:
    """The words of an argument or a result."""
    if isinstance(value, Record):
        return value.words()
    return [] if value is None else [int(value)]


def stands_for(name: str, made: Made, free: Mapping[str, Any]) -> Any:
    """What a statement's parameter stands for in a call, by the rules of `spec/theorem`."""
    if name == "result":
        return made.result
    if name in free:
        return free[name]
    if name in ("before", "after"):
        values = made.before if name == "before" else made.after
        return values["state"] if "state" in values else values["memory"].state
    if name in made.after:
        return made.after[name]
    root, _, when = name.rpartition("_")
    return (made.before if when == "before" else made.after)[root]


def free_values(parameters: Sequence[tuple[str, type]], made: Made) -> Iterator[dict[str, Any]]:
    """Some of the values that `any_...` parameters stand for: those near the words of the call."""
    if not parameters:
        yield {}
        return
    words = sorted({0, 1, *(word for each in made.before.values() for word in words_of(each))})
    near = [word for word in words if 0 <= word < 2**62]
    for turn in range(TRIED):
        yield {
            name: record_near(kind, made, near, turn + i)
            if issubclass(kind, Record)
            else near[(7 * turn + 3 * i) % len(near)]
            for i, (name, kind) in enumerate(parameters)
        }


# How many values a statement about any value is tried with.
TRIED = 6


def record_near(kind: type[Record], made: Made, near: Sequence[int], turn: int) -> Record:
    """A record of the call with one word changed; of a type that it lacks, one of such words."""
    for value in (*made.before.values(), *made.after.values()):
        for each in records_in(value):
            if type(each).__name__ == kind.__name__:
                other = each.duplicate()
                words = other.words()
                at = (turn * 31) % len(words)
                words[at] = -1 - words[at] if turn % 2 else words[at] + 1
                other.set_words(words)
                return other
    record = kind()
    count = len(record.words())
    record.set_words([near[(turn * (at + 1)) % len(near)] for at in range(count)])
    return record


def records_in(value: Any) -> Iterator[Record]:
    """A record and every record inside it."""
    if isinstance(value, Record):
        yield value
        for inner in value.__dict__.values():
            yield from records_in(inner)
