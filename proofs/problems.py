"""From a function and its contract to what must be shown: hypotheses, obligations, queries.

`function_problem` reads one function under its `require`: every range, division, index and
`require` of a callee is owed, and its own `ensure` at the end. A case fixes words of the arguments;
that the cases leave nothing out is an obligation of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dosekernel.spec.tree import INT, Function

from .calls import Caller, bound, solved
from .flows import GREATEST, LEAST, Facts
from .knowledge import Goal
from .layout import Layout, Reference, Value
from .terms import (
    Term,
    at_most,
    both,
    condition,
    conjuncts,
    either,
    equal,
    integer,
    variable,
)
from .walks import unknowns

# The words that a case fixes: by full name, such as `event.kind` or `shift`.
Case = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Input:
    """A parameter as it is on entry: one word, or all words of a record."""

    name: str
    type: str
    words: tuple[Term, ...]


@dataclass
class Problem:
    """Everything that one unit of proof needs; goals in order, each over the facts before it."""

    name: str
    function: Function
    inputs: tuple[Input, ...]
    facts: list[Term]
    goals: list[Goal]
    guards: list[tuple[Term, int]] = field(default_factory=list)
    products: list[tuple[Term, Term]] = field(default_factory=list)
    # The texts written so far, by how they were written and what they assert.
    written: dict[tuple[object, ...], str] = field(default_factory=dict)
    # The texts that forget too much: a solver found a model of one, so none can refute it.
    vain: set[str] = field(default_factory=set)


def case_name(case: Sequence[tuple[str, object]]) -> str:
    """A case as people read it."""
    return ", ".join(f"{path} = {value}" for path, value in case)


def arguments(machine: Caller, function: Function, case: Case) -> list[Value]:
    """Unknown arguments, but for the words that the case fixes."""
    fixed = dict(case)
    found: list[Value] = []
    for parameter in function.parameters:
        name = parameter.name
        if parameter.type in machine.program.records:
            record = machine.unknown_record(parameter.type, name)
            for path in list(fixed):
                if path.startswith(f"{name}."):
                    word = machine.layout.word(parameter.type, path.removeprefix(f"{name}."))
                    record.store[word] = integer(fixed.pop(path))
            found.append(record)
        elif name in fixed:
            found.append(integer(fixed.pop(name)))
        else:
            found.append(variable(name) if parameter.type == INT else condition(name))
    if fixed:
        raise KeyError(f"{function.name} has no word {next(iter(fixed))}")
    return found


def inputs(function: Function, given: list[Value]) -> tuple[Input, ...]:
    """The arguments as they are on entry."""
    return tuple(
        Input(
            parameter.name,
            parameter.type,
            tuple(value.words()) if isinstance(value, Reference) else (value,),
        )
        for parameter, value in zip(function.parameters, given, strict=True)
    )


def substitute(machine: Caller, function: Function, given: list[Value]) -> None:
    """Where a `require` says what a word of the arguments is, the word is that."""
    unknown: dict[Term, tuple[list[Any], int]] = {}
    for position, value in enumerate(given):
        if isinstance(value, Reference):
            for at in range(value.size):
                unknown[value.store[at]] = (value.store, at)
        elif not value.boolean:
            unknown[value] = (given, position)
    required = machine.contract(function, function.requires, bound(function, given), {})
    replaced: set[Term] = set()
    for clause in conjuncts(both(*required)):
        found = solved(clause, unknown, several=True)
        if found is not None and not replaced & unknowns(found[1]):
            word, meaning = found
            store, at = unknown.pop(word)
            store[at] = meaning
            replaced.add(word)
            for other in unknowns(meaning):
                unknown.pop(other, None)


def assume_requires(machine: Caller, function: Function, names: dict[str, Value]) -> None:
    """Take a function's `require` as facts, and that every word fits 64 bits."""
    for value in names.values():
        for word in value.words() if isinstance(value, Reference) else [value]:
            if not word.boolean:
                machine.knowledge.fact(both(at_most(LEAST, word), at_most(word, GREATEST)))
    for part in machine.contract(function, function.requires, names, {}):
        machine.knowledge.fact(part)


def function_problem(
    facts: Facts, name: str, case: Case = (), opens: frozenset[str] = frozenset()
) -> Problem:
    """What a function owes under its contract; with `opens`, over the bodies of those functions."""
    function = facts.program.functions[name]
    machine = Caller(facts, opens)
    given = arguments(machine, function, case)
    substitute(machine, function, given)
    entry = inputs(function, given)
    names = bound(function, given)
    assume_requires(machine, function, names)
    old = machine.snapshots(function, names)
    result = machine.run_function(function, given)
    if function.returns != "None":
        names["result"] = result
    machine.check_ensures(function, names, old)
    return finish(f"totality/{name}", function, entry, machine, case)


def exhaustive_problem(facts: Facts, name: str, cases: Mapping[str, tuple[int, ...]]) -> Problem:
    """That the cases of a function leave nothing out, under its `require`."""
    function = facts.program.functions[name]
    machine = Caller(facts)
    given = arguments(machine, function, ())
    entry = inputs(function, given)
    assume_requires(machine, function, bound(function, given))
    for path, values in cases.items():
        word = word_of(machine.layout, function, given, path)
        covered = either(*[equal(word, integer(value)) for value in values])
        machine.knowledge.oblige(
            covered, "cases", name, function.file, function.line, f"the cases of {path}"
        )
    return finish(f"totality/{name}", function, entry, machine, ())


def word_of(layout: Layout, function: Function, given: list[Value], path: str) -> Term:
    """The word that a full name stands for."""
    root, _, rest = path.partition(".")
    for parameter, value in zip(function.parameters, given, strict=True):
        if parameter.name == root:
            if isinstance(value, Reference):
                return value.words()[layout.word(value.type, rest)]
            return value
    raise KeyError(f"{function.name} has no word {path}")


def finish(
    name: str,
    function: Function,
    entry: tuple[Input, ...],
    machine: Caller,
    case: Sequence[tuple[str, object]],
) -> Problem:
    """The problem that a machine has gathered."""
    knowledge = machine.knowledge
    return Problem(
        f"{name} [{case_name(case)}]" if case else name,
        function,
        entry,
        knowledge.facts,
        knowledge.goals,
        knowledge.guards,
        list(machine.products),
    )
