"""Calls on a state that only the mutant takes for sound.

A predicate with a fault may let in what it should keep out. A solver finds such a record; put in
the place of the one in recorded calls, it shows what then goes wrong.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from dosekernel.kernel.contract import Record, seal

from .promises import Call, duplicate, records_in

# Of each function so many recorded calls are tried.
TRIED = 6
# Where two fields are confused, so many calls, spread over all, with so many values each.
CALLS, VALUES = 12, 24
SECOND = 1000


def grafted(calls: Sequence[Call], record: Record) -> Iterator[Call]:
    """Recorded calls with another record in the place of theirs, and times that fit it."""
    for call in calls[:TRIED]:
        if not any(holds_type(each, type(record).__name__) for each in call.arguments):
            continue
        given = [with_record(duplicate(each), record) for each in call.arguments]
        now = next((each.now for each in map(state_in, given) if each is not None), None)
        for later in (0, SECOND) if now is not None else (0,):
            yield Call(call.function, tuple(timed(duplicate(each), now, later) for each in given))


def confused(calls: Sequence[Call], field: str, other: str) -> Iterator[Call]:
    """Recorded calls in which another field holds what a field holds somewhere.

    Who reads the wrong field is seen where the two differ in the right way.
    """
    values: list[int] = []
    for call in calls:
        for record in with_fields(call.arguments, field, other):
            if record.__dict__[field] not in values:
                values.append(record.__dict__[field])
    for call in calls[:: max(1, len(calls) // CALLS)]:
        for value in values[:VALUES]:
            given = tuple(duplicate(each) for each in call.arguments)
            for record in with_fields(given, field, other):
                record.__dict__[other] = value
            yield Call(call.function, given, call.inside)


def with_fields(values: Sequence[Any], *fields: str) -> Iterator[Record]:
    """The records in some values that have these fields, each an int."""
    for value in values:
        for record in records_in(value):
            if all(isinstance(record.__dict__.get(field), int) for field in fields):
                yield record


def holds_type(value: Any, kind: str) -> bool:
    """True if a value is, or holds, a record of a type."""
    if not isinstance(value, Record):
        return False
    return type(value).__name__ == kind or any(
        holds_type(inner, kind) for inner in value.__dict__.values()
    )


def with_record(value: Any, record: Record) -> Any:
    """A value in which a record stands in the place of its own of that type, sealed again."""
    if not isinstance(value, Record):
        return value
    if type(value).__name__ == type(record).__name__:
        return record.duplicate()
    if type(value).__name__ == "Memory":
        memory: Any = value
        memory.state = with_record(memory.state, record)
        seal(memory.inverse, memory.state)
        return memory
    for name, inner in value.__dict__.items():
        if isinstance(inner, Record):
            value.__dict__[name] = with_record(inner, record)
    return value


def state_in(value: Any) -> Any:
    """The state in a value, if there is one."""
    if not isinstance(value, Record):
        return None
    if type(value).__name__ == "Memory":
        return value.__dict__["state"]
    return value if type(value).__name__ == "State" else None


def timed(value: Any, now: int | None, later: int) -> Any:
    """An event at the state's own time or a little later."""
    if now is not None and type(value).__name__ == "Event":
        value.at = value.issued_at = now + later
    return value
