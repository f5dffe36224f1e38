"""Theorems about one call of a kernel function: the run, the statements, and what covers them."""

import itertools
from collections.abc import Iterator, Sequence

from dosekernel.spec.theorem import Theorem
from dosekernel.spec.tree import Function, Parameter

from .calls import Caller, bound
from .flows import Facts
from .layout import Reference, Value
from .problems import Case, Input, Problem, arguments, assume_requires, finish, inputs, word_of
from .terms import Term, both, conjuncts, equal, integer, negate, variable

# In a case: none of the values that the other cases have.
OTHERWISE: None = None
# How the name of a parameter begins that stands for any value.
ANY = "any_"
TheoremCase = tuple[tuple[str, int | None], ...]


class StatementError(Exception):
    """A statement that asks for something its function does not have."""


def theorem_cases(theorem: Theorem) -> Iterator[TheoremCase]:
    """Every combination of the values of the cases, and of none of them."""
    paths = list(theorem.cases)
    values = [(*theorem.cases[path], OTHERWISE) for path in paths]
    for chosen in itertools.product(*values):
        yield tuple(zip(paths, chosen, strict=True))


class Run:
    """One call of the function that a theorem is about, on unknown or on constant arguments."""

    def __init__(self, facts: Facts, theorem: Theorem, machine: Caller, given: list[Value]) -> None:
        self.facts, self.theorem, self.machine, self.given = facts, theorem, machine, given
        self.function = facts.program.functions[theorem.about]
        # What a statement says of any value at all, by name.
        self.free: dict[str, Value] = {}

    def call(self) -> None:
        """Run the function under its `require`."""
        self.inputs = inputs(self.function, self.given)
        names = bound(self.function, self.given)
        assume_requires(self.machine, self.function, names)
        self.before = {name: self.machine.kept(value) for name, value in names.items()}
        self.after = names
        opened = self.machine.concrete or self.function.name in self.machine.opens
        if self.theorem.rests_on and not opened:
            self.rest_on_others()
        else:
            self.result = self.machine.run_function(self.function, self.given)

    def rest_on_others(self) -> None:
        """Know of the call only its contract and what the theorems say that this one rests on."""
        told: list[str] = []
        for other in self.theorem.rests_on:
            if other.about != self.theorem.about:
                raise StatementError(
                    f"theorem {self.theorem.name}: it is about {self.theorem.about} and rests on "
                    f"{other.name}, which is about {other.about}"
                )
            told += [each for each in other.statements if not free_parameters(self.facts, (each,))]
        self.result = self.machine.impure(self.function, self.given)
        self.machine.put_in_place([self.statement(name) for name in told], self.written())
        for name in told:
            self.machine.knowledge.fact(self.statement(name))

    def written(self) -> dict[Term, tuple[list[Term], int]]:
        """The words that are not known from before the call, with their places."""
        found: dict[Term, tuple[list[Term], int]] = {}
        for parameter, value in zip(self.function.parameters, self.given, strict=True):
            before = self.before[parameter.name]
            if isinstance(value, Reference) and isinstance(before, Reference):
                for at, word in enumerate(before.words()):
                    if value.store[at] is not word:
                        found[value.store[at]] = (value.store, at)
        return found

    def argument(self, name: str, statement: Function) -> Value:
        """What a parameter of a statement stands for."""
        if name == "result":
            return self.result
        if name in self.free:
            return self.free[name]
        if name in ("before", "after"):
            values = self.before if name == "before" else self.after
            if "state" in values:
                return values["state"]
            memory = values.get("memory")
            if isinstance(memory, Reference):
                place = self.facts.layout.places[memory.type]["state"]
                size = self.facts.layout.size[place.type]
                return Reference(memory.store, memory.offset + place.offset, place.type, size)
        if name in self.after:
            return self.after[name]
        root, _, when = name.rpartition("_")
        if root in self.after and when in ("before", "after"):
            return (self.before if when == "before" else self.after)[root]
        raise StatementError(
            f"{statement.file}:{statement.line}: {statement.name} asks for {name}, which is no "
            f"parameter of {self.function.name}, nor one with _before or _after, nor result"
        )

    def statement(self, name: str) -> Term:
        """What a statement says of this call."""
        if name not in self.facts.program.functions:
            raise StatementError(f"theorem {self.theorem.name}: no property {name}")
        statement = self.facts.program.functions[name]
        given = [self.argument(each.name, statement) for each in statement.parameters]
        with self.machine.mathematics():
            return self.machine.run_function(statement, given)


def theorem_run(
    facts: Facts,
    theorem: Theorem,
    case: TheoremCase,
    opens: frozenset[str] | None = None,
    fixed: Case = (),
) -> Run:
    """The call on unknown arguments, over the contracts of what is not opened."""
    opened = frozenset(theorem.opens) if opens is None else opens
    machine = Caller(facts, opened, trusting=True)
    function = facts.program.functions[theorem.about]
    chosen = tuple((path, value) for path, value in case if value is not None)
    given = arguments(machine, function, (*fixed, *chosen))
    for path, value in case:
        for other in theorem.cases[path] if value is None else ():
            word = word_of(machine.layout, function, given, path)
            machine.knowledge.fact(negate(equal(word, integer(other))))
    run = Run(facts, theorem, machine, given)
    run.call()
    return run


def statements_problem(run: Run, theorem: Theorem, case: TheoremCase) -> Problem:
    """That every statement of a theorem holds of a run, which several theorems may share."""
    knowledge = run.machine.knowledge
    knowledge.goals = []
    # The theorems before were shown by themselves.
    knowledge.guards = [(guard, 0) for guard, _ in knowledge.guards]
    free = free_parameters(run.facts, theorem.statements)
    for parameter in free:
        if parameter.type in run.facts.program.records:
            unknown: Value = run.machine.unknown_record(parameter.type, parameter.name)
        else:
            unknown = variable(parameter.name)
        run.free[parameter.name] = unknown
    for name in theorem.statements:
        _owe(run, name, run.statement(name), "theorem")
    entry = (*run.inputs, *free_inputs(run, free))
    return finish(theorem.name, run.function, entry, run.machine, shown(case))


def free_parameters(facts: Facts, statements: Sequence[str]) -> list[Parameter]:
    """The parameters of statements that stand for any value: those whose name begins `any_`."""
    found: dict[str, Parameter] = {}
    for name in statements:
        statement = facts.program.functions.get(name)
        for parameter in statement.parameters if statement is not None else ():
            if parameter.name.startswith(ANY):
                found.setdefault(parameter.name, parameter)
    return list(found.values())


def free_inputs(run: Run, free: Sequence[Parameter]) -> Iterator[Input]:
    """What stands for any value, after the arguments of the call."""
    for parameter in free:
        value = run.free[parameter.name]
        words = value.words() if isinstance(value, Reference) else [value]
        yield Input(parameter.name, parameter.type, tuple(words))


def cover_problem(
    facts: Facts, theorem: Theorem, case: TheoremCase, opens: frozenset[str], fixed: Case
) -> Problem:
    """A problem whose refutation is a call that has the covering property."""
    run = theorem_run(facts, theorem, case, opens, fixed)
    _owe(run, theorem.cover, negate(run.statement(theorem.cover)), "cover")
    return finish(f"{theorem.name} cover", run.function, run.inputs, run.machine, shown(case))


def _owe(run: Run, name: str, said: Term, kind: str) -> None:
    statement = run.facts.program.functions[name]
    knowledge = run.machine.knowledge
    owed = [
        knowledge.owe(part, kind, name, statement.file, statement.line, statement.doc or name)
        for part in conjuncts(said)
    ]
    # What a later statement takes from this one, it takes only if this one holds.
    knowledge.guard(both(*owed))


def shown(case: TheoremCase) -> tuple[tuple[str, str], ...]:
    """A case as people read it."""
    return tuple((path, "other" if value is None else str(value)) for path, value in case)
