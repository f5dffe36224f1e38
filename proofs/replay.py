"""Replaying a model on ints: a counterexample counts only if it really happens.

The kernel is run on constants with every call opened: overflow, division, index, every contract on
the way and, for a theorem, its statements are looked at with real numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dosekernel.spec.theorem import Theorem
from dosekernel.spec.tree import Function, Parameter

from .calls import Caller, bound
from .flows import GREATEST, LEAST, Facts
from .knowledge import Goal
from .layout import Reference, Value
from .problems import Input
from .terms import TRUE, Term, at_most, both, constant, integer, truth
from .terms import Value as Number
from .theorems import Run, free_parameters
from .walks import evaluate

# The words of each argument, in the order of the parameters.
Numbers = tuple[tuple[Number, ...], ...]


@dataclass(frozen=True)
class Replay:
    """What happened on ints: the arguments before and after, and what failed."""

    function: str
    before: Numbers
    after: Numbers
    result: Number | None
    broken: tuple[Goal, ...]
    statement: bool | None = None
    # What a statement said of any value: name, type and the words for which it fails.
    free: tuple[tuple[str, str, tuple[Number, ...]], ...] = ()


def numbers(inputs: Sequence[Input], model: Mapping[str, Number]) -> Numbers:
    """The arguments that a model stands for; what it leaves open is 0."""
    return tuple(tuple(evaluate(word, model) for word in each.words) for each in inputs)


def constants(machine: Caller, parameters: Sequence[Parameter], words: Numbers) -> list[Value]:
    """Arguments made of numbers."""
    found: list[Value] = []
    for parameter, given in zip(parameters, words, strict=True):
        if parameter.type in machine.program.records:
            found.append(machine.record(parameter.type, [integer(int(word)) for word in given]))
        elif parameter.type == "bool":
            found.append(truth(bool(given[0])))
        else:
            found.append(integer(int(given[0])))
    return found


def admissible(machine: Caller, function: Function, given: list[Value]) -> bool:
    """True if the words fit 64 bits and the function's `require` holds."""
    for value in given:
        for word in value.words() if isinstance(value, Reference) else [value]:
            if not word.boolean and both(at_most(LEAST, word), at_most(word, GREATEST)) is not TRUE:
                return False
    required = machine.contract(function, function.requires, bound(function, given), {})
    return all(term is TRUE for term in required)


def words_of(given: Sequence[Value]) -> Numbers:
    """The numbers in arguments."""
    found = []
    for value in given:
        words = value.words() if isinstance(value, Reference) else [value]
        found.append(tuple(_number(word) for word in words))
    return tuple(found)


def _number(word: Term) -> Number:
    """A word as a number; what an undefined division left open counts as 0."""
    return evaluate(word, {})


def replay_function(facts: Facts, name: str, words: Numbers) -> Replay | None:
    """Run a function on numbers; None if they do not meet its `require`."""
    function = facts.program.functions[name]
    machine = Caller(facts, concrete=True)
    given = constants(machine, function.parameters, words)
    if not admissible(machine, function, given):
        return None
    names = bound(function, given)
    old = machine.snapshots(function, names)
    result = machine.run_function(function, given)
    if function.returns != "None":
        names["result"] = result
    machine.check_ensures(function, names, old)
    returned = constant(result) if function.returns != "None" else None
    return Replay(name, words, words_of(given), returned, tuple(machine.knowledge.goals))


def replay_theorem(
    facts: Facts, theorem: Theorem, statements: Sequence[str], words: Numbers
) -> Replay | None:
    """Run the function of a theorem on numbers and look at statements about the run."""
    function = facts.program.functions[theorem.about]
    machine = Caller(facts, concrete=True)
    count = len(function.parameters)
    given = constants(machine, function.parameters, words[:count])
    if not admissible(machine, function, given):
        return None
    run = Run(facts, theorem, machine, given)
    free = free_parameters(facts, statements)
    values = constants(machine, free, words[count:])
    run.free = {each.name: value for each, value in zip(free, values, strict=True)}
    run.call()
    said = [run.statement(name) for name in statements]
    return Replay(
        theorem.about,
        words[:count],
        words_of(given),
        constant(run.result) if function.returns != "None" else None,
        tuple(machine.knowledge.goals),
        all(term is TRUE for term in said),
        tuple((each.name, each.type, w) for each, w in zip(free, words[count:], strict=True)),
    )
