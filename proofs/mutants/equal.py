"""A fault that is none: the function and its mutant, on the same unknown arguments, do the same.

Both stand in one program under two names. What both call by contract is one and the same function,
so equal arguments leave equal words behind. A definition that is not equal everywhere may still be
equal wherever it is used: then every function that uses it must be equal.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dosekernel.spec.effects import WORD_WRITES
from dosekernel.spec.tree import Call, Expression, Function, Node, Program

from ..calls import Caller, bound
from ..flows import Facts
from ..layout import Reference, Value
from ..problems import Case, Problem, arguments, assume_requires, finish, inputs
from ..terms import Term, at_most, both, equal, implies, integer
from .signs import never_below_nothing
from .subject import (
    Faulty,
    Subject,
    body_expressions,
    called,
    contract_expressions,
)

FAULT = "_with_a_fault"
# An expression as it is in the function and in its faulty twin.
Difference = tuple[Expression, Expression]
# Two calls whose arguments differ in no more words than this are told to be alike if those are.
ALIKE = 12


class Twins(Caller):
    """A machine in which a function that writes does the same each time to the same words."""

    def __init__(self, facts: Facts, opens: frozenset[str]) -> None:
        super().__init__(facts, opens)
        self.done: dict[str, list[Done]] = {}
        self.positive = never_below_nothing(facts.program)

    def pure(self, function: Function, arguments: list[Value], unmet: Term) -> Term:
        """A call that writes nothing, and its sign where the body shows it."""
        return self.signed(function, super().pure(function, arguments, unmet))

    def signed(self, function: Function, result: Term) -> Term:
        """A result that is known not to be below nothing, if it is so."""
        if function.name in self.positive:
            self.knowledge.fact(at_most(integer(0), result))
        return result

    def impure(self, function: Function, arguments: list[Value]) -> Term:
        """A call that writes, or what it left behind when the words were the same."""
        key = [word for each in arguments for word in words_of(each)]
        earlier = self.done.setdefault(function.name, [])
        for done in earlier:
            if done.entry == key:
                return self.again(function, arguments, done)
        result = self.signed(function, super().impure(function, arguments))
        left = [words_of(each) for each in arguments]
        for done in earlier:
            differ = unlike(zip(done.entry, key, strict=True))
            if len(differ) <= ALIKE:
                pairs = zip(done.words(), [*flat(left), result], strict=True)
                alike = both(*(equal(one, other) for one, other in differ))
                same = both(*(equal(one, other) for one, other in unlike(pairs)))
                self.knowledge.fact(implies(alike, same))
        earlier.append(Done(key, left, result))
        return result

    def again(self, function: Function, arguments: list[Value], done: "Done") -> Term:
        """What a call left behind when the words were the same."""
        names = bound(function, arguments)
        old = self.snapshots(function, names)
        for each, words in zip(arguments, done.left, strict=True):
            if isinstance(each, Reference):
                each.set_words(list(words))
        if function.returns != "None":
            names["result"] = done.result
        for part in self.contract(function, function.ensures, names, old):
            self.knowledge.fact(part)
        return done.result


@dataclasses.dataclass(frozen=True)
class Done:
    """A call that writes, as it was made: the words on entry, on exit, and the result."""

    entry: list[Term]
    left: list[list[Term]]
    result: Term

    def words(self) -> list[Term]:
        """All that it left."""
        return [*flat(self.left), self.result]


def flat(groups: Iterable[Iterable[Term]]) -> list[Term]:
    """The words of all groups."""
    return [word for words in groups for word in words]


def unlike(pairs: Iterable[tuple[Term, Term]]) -> list[tuple[Term, Term]]:
    """The pairs of terms that do not say the same in the same way."""
    return [(one, other) for one, other in pairs if one is not other and one != other]


def words_of(value: Value) -> list[Term]:
    """The words of a record, or the one of an int."""
    return value.words() if isinstance(value, Reference) else [value]


def both_versions(subject: Subject, mutated: Faulty, name: str) -> Program:
    """The kernel as it is, and on top of it a function's faulty version with all that it opens."""
    faulty = {each: f"{each}{FAULT}" for each in faulty_below(subject, mutated, name)}
    functions = dict(subject.program.functions)
    for each in mutated.program.functions:
        if each in faulty:
            twin = renamed(mutated.program.functions[each], faulty)
            functions[faulty[each]] = dataclasses.replace(twin, name=faulty[each])
    return dataclasses.replace(subject.program, functions=functions)


def faulty_below(subject: Subject, mutated: Faulty, name: str) -> Iterator[str]:
    """The functions that a run of `name` opens and in which the fault shows."""
    for each in subject.opened[name]:
        if subject.opened[each] & mutated.changed:
            yield each


def renamed(node: Any, names: Mapping[str, str]) -> Any:
    """A tree in which calls go to other functions."""
    if isinstance(node, tuple):
        return tuple(renamed(each, names) for each in node)
    if not isinstance(node, Node):
        return node
    fields = {
        each.name: renamed(getattr(node, each.name), names) for each in dataclasses.fields(node)
    }
    if isinstance(node, Call):
        fields["function"] = names.get(node.function, node.function)
    return dataclasses.replace(node, **fields)


def openings(subject: Subject, name: str) -> list[frozenset[str]]:
    """What is read of a function's callees, in the order of what it costs.

    First their promises alone, then the bodies of those that write nothing, then all of them.
    """
    facts = subject.facts
    callees = called(body_expressions(subject.program.functions[name]))
    every = frozenset(each for each in callees if facts.has_contract(each))
    pure = frozenset(each for each in every if facts.is_pure(each))
    return list(dict.fromkeys((frozenset[str](), pure, every)))


def equal_problem(
    facts: Facts, name: str, opens: frozenset[str] = frozenset(), case: Case = ()
) -> Problem:
    """That a function and its faulty twin do the same, and the twin nothing that it may not."""
    function, twin = facts.program.functions[name], facts.program.functions[f"{name}{FAULT}"]
    machine = Twins(facts, opens)
    given = arguments(machine, function, case)
    entry = inputs(function, given)
    assume_requires(machine, function, bound(function, given))
    others: list[Value] = [
        machine.record(each.type, each.words()) if isinstance(each, Reference) else each
        for each in given
    ]
    result = machine.run_function(function, given)
    knowledge = machine.knowledge
    # What the function itself owes was proved with it.
    knowledge.facts.extend(goal.term for goal in knowledge.goals)
    knowledge.goals = []
    knowledge.guards = [(guard, 0) for guard, _ in knowledge.guards]
    twin_result = machine.run_function(twin, others)
    pairs = [
        pair
        for each, other in zip(given, others, strict=True)
        for pair in zip(words_of(each), words_of(other), strict=True)
    ]
    if function.returns != "None":
        pairs.append((result, twin_result))
    for mine, theirs in pairs:
        knowledge.oblige(
            equal(mine, theirs), "equal", name, function.file, function.line, "the same"
        )
    return finish(f"equal/{name}", function, entry, machine, case)


class Watcher(Caller):
    """A machine that runs the function as it is, and owes that the faulty expression is equal."""

    def __init__(self, facts: Facts, watched: Expression, faulty: Expression) -> None:
        super().__init__(facts)
        self.watched, self.faulty = watched, faulty
        self.met = 0
        self.knowledge.owing = False

    def value(self, expression: Expression) -> Value | None:
        """What an expression stands for; beside the watched one its faulty twin is met."""
        found = super().value(expression)
        if expression is self.watched and isinstance(found, Term) and not self.contract_depth:
            self.met += 1
            self.knowledge.owing = True
            twin = super().value(self.faulty)
            assert isinstance(twin, Term)
            self.oblige(equal(found, twin), "equal", expression, "the same in this place")
            self.knowledge.owing = False
        return found


def differences(function: Function, twin: Function) -> list[Difference]:
    """The expressions that differ, as each is in both, the innermost first.

    There is none if more than the body differs, or what differs is not read but written to.
    """
    if dataclasses.replace(twin, body=function.body) != function:
        return []
    return nested_differences(function.body, twin.body)


def nested_differences(one: Any, other: Any) -> list[Difference]:
    """The expressions in which alone two trees differ, one within the next; none if it is more."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        inside = list(zip(one, other, strict=False)) if len(one) == len(other) else []
    elif isinstance(one, Node) and type(one) is type(other):
        names = [each.name for each in dataclasses.fields(one)]
        inside = [(getattr(one, each), getattr(other, each)) for each in names]
    else:
        inside = []
    differ = [(mine, theirs) for mine, theirs in inside if mine != theirs]
    found = nested_differences(*differ[0]) if len(differ) == 1 else []
    if isinstance(one, Expression) and isinstance(other, Expression):
        found = [*found, (one, other)]
    return found


def in_place_problem(
    facts: Facts, function: Function, difference: Difference, case: Case = ()
) -> Problem | None:
    """That the faulty expression is what the right one is wherever it is met.

    None if it is never met as a value, or if it writes.
    """
    if not all(facts.is_pure(each) for each in called(difference) - WORD_WRITES.keys()):
        return None
    machine = Watcher(facts, *difference)
    given = arguments(machine, function, case)
    entry = inputs(function, given)
    assume_requires(machine, function, bound(function, given))
    machine.run_function(function, given)
    finished = finish(f"equal/{function.name}", function, entry, machine, case)
    return finished if machine.met else None


def users(subject: Subject, mutated: Faulty) -> list[str]:
    """The functions with a contract in which alone the fault shows; none if contracts show it."""
    program, facts, changed = subject.program, subject.facts, mutated.changed
    found: list[str] = []
    for name, function in program.functions.items():
        words = called(contract_expressions(function))
        if any(subject.opened[word] & changed for word in words):
            return []
        # A statement of a theorem that speaks of it would speak of something else.
        if name not in subject.homes and subject.opened[name] & changed:
            return []
        if facts.has_contract(name) and subject.opened[name] & changed:
            if function.returns == "bool" and facts.is_pure(name):
                return []
            found.append(name)
    return found
