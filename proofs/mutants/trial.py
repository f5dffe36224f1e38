"""A mutant on recorded calls: contracts and theorems looked at with numbers, in milliseconds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from dosekernel.kernel.contract import Record
from dosekernel.spec.theorem import Theorem

from ..theorems import free_parameters
from .edges import named_by
from .graft import confused, grafted
from .promises import (
    Call,
    Contract,
    Left,
    Made,
    contract_of,
    free_values,
    left_by,
    make,
    same_as_ever,
    stands_for,
)
from .replica import Function, Replica
from .subject import Faulty, Subject, called, contract_expressions, module_of

# Where a contract or a statement itself reads the fault, so many calls of a function are looked at
# although they went as ever.
AS_EVER = 3
# The functions next to the fault whose edges are tried, and so many differing calls of each.
NEAREST, LOOKED_AT = 3, 60


class Trial:
    """One mutant, run by Python."""

    def __init__(self, subject: Subject, mutated: Faulty) -> None:
        self.subject, self.mutated = subject, mutated
        texts = {**subject.kernel, mutated.mutant.module: mutated.text, **subject.properties}
        self.replica = Replica(texts, subject.replica)
        self.contracts: dict[str, Contract] = {}

    def refuted(self) -> str:
        """What is false of a recorded call, or of one at an edge; empty if nothing is."""
        broken = self.differing()
        if broken:
            return broken
        for name in self.near():
            asked = called(contract_expressions(self.subject.program.functions[name]))
            broken = self.among(name, (), asked)
            if broken:
                return broken
        about: dict[str, list[Theorem]] = {}
        for theorem in self.subject.theorems:
            about.setdefault(theorem.about, []).append(theorem)
        for name, theorems in about.items():
            asked = {each for theorem in theorems for each in theorem.statements}
            broken = self.among(name, theorems, asked)
            if broken:
                return broken
        return self.confused_by()

    def differing(self) -> str:
        """What is false of calls on which the faulty function, or one that uses it, differs."""
        for name in self.nearest():
            about = [each for each in self.subject.theorems if each.about == name]
            function, looked = self.function(name), 0
            for call, left in self.led_to(name):
                if left_by(function, call) == left:
                    continue
                broken = self.broken(call, about)
                if broken:
                    return broken
                looked += 1
                if looked >= LOOKED_AT:
                    break
        return ""

    def nearest(self) -> list[str]:
        """The faulty function, or those next to it of which something is said."""
        opened, changed = self.subject.opened, self.mutated.changed
        said = {each.about for each in self.subject.theorems}
        found = [
            name
            for name in self.subject.homes
            if self.subject.bodies[name] & changed
            and (name in said or self.subject.facts.has_contract(name))
        ]
        return sorted(found, key=lambda name: (name not in changed, len(opened[name])))[:NEAREST]

    def led_to(self, name: str) -> Iterator[tuple[Call, Left]]:
        """The recorded calls of a function, then those at its edges, each with what it left."""
        for call in self.subject.pool.get(name, ()):
            yield call, call.left
        yield from self.subject.edges(name)
        mutant = self.mutated.mutant
        if mutant.operator == "field":
            fields = frozenset(each.rpartition(".")[2] for each in mutant.shown.split(" -> "))
            _, numbers = named_by([self.subject.program.functions[name]])
            yield from self.subject.at_edges(name, fields, numbers)

    def confused_by(self) -> str:
        """What is false of calls in which two confused fields hold each other's values."""
        mutant = self.mutated.mutant
        if mutant.operator != "field":
            return ""
        field, other = (each.rpartition(".")[2] for each in mutant.shown.split(" -> "))
        for name in self.subject.homes:
            calls = self.subject.pool.get(name, ())
            reached = [call for call in calls if call.inside & self.mutated.changed]
            about = [each for each in self.subject.theorems if each.about == name]
            if not reached or not (about or self.subject.facts.has_contract(name)):
                continue
            for one, two in ((field, other), (other, field)):
                for call in confused(reached, one, two):
                    broken = self.broken(call, about)
                    if broken:
                        return broken
        return ""

    def near(self) -> list[str]:
        """The functions whose contract the fault may break, the nearest first."""
        opened, changed = self.subject.opened, self.mutated.changed
        found = [
            name
            for name in self.subject.homes
            if opened[name] & changed and self.subject.facts.has_contract(name)
        ]
        return sorted(found, key=lambda name: (name not in changed, len(opened[name])))

    def among(self, name: str, theorems: Sequence[Theorem], asked: set[str]) -> str:
        """What is false of the recorded calls of one function."""
        changed = self.mutated.changed
        reads = any(self.subject.opened[each] & changed for each in asked)
        function, left = self.function(name), AS_EVER if reads else 0
        for call in self.subject.pool.get(name, ()):
            as_ever = not call.inside & changed or same_as_ever(function, call)
            if as_ever and not (reads and id(call) in self.told_apart):
                left -= 1
                if left < 0:
                    continue
            broken = self.broken(call, theorems)
            if broken:
                return broken
        return ""

    @cached_property
    def told_apart(self) -> frozenset[int]:
        """The recorded calls with a record of which the faulty predicate says something else."""
        found: set[int] = set()
        for name in self.mutated.changed:
            function = self.subject.program.functions[name]
            kinds = [each.type for each in function.parameters]
            if function.returns != "bool" or len(kinds) != 1:
                continue
            before = self.subject.replica.function(module_of(function), name)
            now = self.function(name)
            for call, record in self.subject.records(kinds[0]):
                try:
                    same = before(record) == now(record)
                except (ArithmeticError, LookupError):
                    same = False
                if not same:
                    found.add(id(call))
        return frozenset(found)

    def covers_lost(self) -> Iterator[Theorem]:
        """Theorems that no recorded call covers any more, where some did; the first one only."""
        for theorem in self.subject.theorems:
            calls = self.subject.covering(theorem)
            if calls and not any(self.covered(theorem, call) for call in calls):
                yield theorem
                return

    def covered(self, theorem: Theorem, call: Call) -> bool:
        """True if a call still has a theorem's cover."""
        contract = contract_of(self.function(theorem.about))
        made = make(self.function(theorem.about), call.arguments, contract)
        return made is not None and not made.broken and self.says(theorem.cover, made)

    def let_in(self, record: Record) -> str:
        """What goes wrong with a record that only the mutant takes for sound."""
        for name in self.subject.homes:
            about = [each for each in self.subject.theorems if each.about == name]
            for call in grafted(self.subject.pool.get(name, ()), record):
                broken = self.broken(call, about)
                if broken:
                    return broken
        return ""

    @cached_property
    def original(self) -> "Trial":
        """The kernel as it is, tried in the same way."""
        text = self.subject.kernel[self.mutated.mutant.module]
        unchanged = replace(
            self.mutated, text=text, program=self.subject.program, changed=frozenset()
        )
        return Trial(self.subject, unchanged)

    def broken(self, call: Call, theorems: Sequence[Theorem]) -> str:
        """What is false of a call, and not false of it in the kernel as it is.

        That holds of a recorded call at once; of one that was made up it is looked at.
        """
        broken = self.false_of(call, theorems)
        if broken and not call.left and self.original.false_of(call, theorems):
            return ""
        return broken

    def false_of(self, call: Call, theorems: Sequence[Theorem]) -> str:
        """What is false of a call: the function's own contract, then the theorems' statements."""
        name = call.function
        if name not in self.contracts:
            self.contracts[name] = contract_of(self.function(name))
        made = make(self.function(name), call.arguments, self.contracts[name])
        if made is None:
            return ""
        if made.broken:
            return f"totality: {name}: {made.broken}"
        for theorem in theorems:
            for statement in theorem.statements:
                if not self.says(statement, made):
                    return f"{theorem.name}: {statement}"
        return ""

    def function(self, name: str) -> Function:
        """A function of the mutant."""
        return self.replica.function(module_of(self.mutated.program.functions[name]), name)

    def type(self, name: str) -> type:
        """The Python type of a type of the kernel language."""
        records = self.mutated.program.records
        if name not in records:
            return {"int": int, "bool": bool}[name]
        found: type = self.replica.modules[Path(records[name].file).stem][name]
        return found

    def says(self, name: str, made: Made) -> bool:
        """True if a statement is true of a call, with every value that was tried for any."""
        statement = self.function(name)
        parameters = self.mutated.program.functions[name].parameters
        asked = free_parameters(self.subject.facts, (name,))
        for free in free_values([(each.name, self.type(each.type)) for each in asked], made):
            given = [stands_for(each.name, made, free) for each in parameters]
            if not statement(*given):
                return False
        return True
