"""Calls at the edges: recorded calls with one word set to where a comparison of the body turns.

A fault that is off by one shows there and nowhere else. What a word is set to is what the function
itself names: its constants, the other words that it reads, and the neighbours of all these.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from dosekernel.kernel.contract import seal
from dosekernel.spec.tree import Field, Function, Integer, Node

from .promises import Call, Contract, duplicate, records_in

# Of the recorded calls so many, spread over all, are led to their edges.
BASES = 12
# So many edges of one function are tried, spread over all.
TRIED = 3000
GREATEST = 2**62
# An argument, a record in it, a field of that, and an item of the field; -1 where there is none.
Place = tuple[int, int, str, int]


def nodes(node: Any) -> Iterator[Node]:
    """A tree, node by node."""
    if isinstance(node, tuple):
        for each in node:
            yield from nodes(each)
    elif isinstance(node, Node):
        yield node
        for part in dataclasses.fields(node):
            yield from nodes(getattr(node, part.name))


def named_by(functions: Sequence[Function]) -> tuple[frozenset[str], frozenset[int]]:
    """The fields that some bodies name, and their numbers."""
    found = [node for function in functions for node in nodes(function.body)]
    fields = frozenset(node.field for node in found if isinstance(node, Field))
    return fields, frozenset(node.value for node in found if isinstance(node, Integer))


def edge_calls(
    calls: Sequence[Call], fields: frozenset[str], numbers: frozenset[int], contract: Contract
) -> list[Call]:
    """Recorded calls with one word at an edge, as far as the function may be called so."""
    edges: list[tuple[Call, Place, int]] = []
    for call in calls[:: max(1, len(calls) // BASES)]:
        places = dict(settable(call.arguments, fields))
        near = beside({*numbers, *places.values()})
        edges.extend(
            (call, place, value)
            for place, before in places.items()
            for value in near
            if value != before
        )
    found = []
    for call, place, value in edges[:: 1 + len(edges) // TRIED]:
        given = with_word(call.arguments, place, value)
        names = dict(zip(contract.parameters, given, strict=True))
        if all(clause.of(names) for clause in contract.requires):
            found.append(Call(call.function, given, call.inside))
    return found


def settable(arguments: Sequence[Any], fields: frozenset[str]) -> Iterator[tuple[Place, int]]:
    """The words that a function reads, with their values; of an array the outermost items."""
    for which, argument in enumerate(arguments):
        if isinstance(argument, int):
            if not isinstance(argument, bool):
                yield (which, -1, "", -1), argument
            continue
        for inner, record in enumerate(records_in(argument)):
            for field, value in record.__dict__.items():
                if field not in fields:
                    continue
                if isinstance(value, int):
                    yield (which, inner, field, -1), value
                elif isinstance(value, list):
                    for item in (0, 1, len(value) - 2, len(value) - 1):
                        yield (which, inner, field, item), value[item]


def with_word(arguments: Sequence[Any], place: Place, value: int) -> tuple[Any, ...]:
    """The arguments with another word in one place; a memory's state is sealed again."""
    which, inner, field, item = place
    given = [duplicate(each) for each in arguments]
    if inner < 0:
        given[which] = value
        return tuple(given)
    record = list(records_in(given[which]))[inner]
    if item < 0:
        record.__dict__[field] = value
    else:
        record.__dict__[field][item] = value
    memory = given[which]
    if type(memory).__name__ == "Memory" and any(
        each is record for each in records_in(memory.state)
    ):
        seal(memory.inverse, memory.state)
    return tuple(given)


def beside(values: set[int]) -> list[int]:
    """Values and their neighbours."""
    return sorted(
        {each + more for each in values | {0} for more in (-1, 0, 1) if abs(each) < GREATEST}
    )
