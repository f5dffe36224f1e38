"""A mutant on recorded calls: contracts and theorems looked at with numbers, in milliseconds."""

from collections.abc import Sequence

from dosekernel.spec.theorem import Theorem

from ..theorems import free_parameters
from .promises import (
    Call,
    Contract,
    Made,
    contract_of,
    free_values,
    make,
    same_as_ever,
    stands_for,
)
from .replica import Function, Replica
from .subject import Faulty, Subject, called, contract_expressions, module_of

# Where a contract or a statement itself reads the fault, so many calls of a function are looked at
# although they went as ever.
AS_EVER = 3


class Trial:
    """One mutant, run by Python."""

    def __init__(self, subject: Subject, mutated: Faulty) -> None:
        self.subject, self.mutated = subject, mutated
        texts = {**subject.kernel, mutated.mutant.module: mutated.text, **subject.properties}
        self.replica = Replica(texts, subject.replica)
        self.contracts: dict[str, Contract] = {}

    def refuted(self) -> str:
        """What is false of a recorded call; empty if nothing is."""
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
            if not call.inside & changed or same_as_ever(function, call):
                left -= 1
                if left < 0:
                    continue
            broken = self.broken(call, theorems)
            if broken:
                return broken
        return ""

    def broken(self, call: Call, theorems: Sequence[Theorem]) -> str:
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
                if self.false(statement, made):
                    return f"{theorem.name}: {statement}"
        return ""

    def function(self, name: str) -> Function:
        """A function of the mutant."""
        return self.replica.function(module_of(self.mutated.program.functions[name]), name)

    def false(self, name: str, made: Made) -> bool:
        """True if a statement is false of a call."""
        statement = self.function(name)
        parameters = self.mutated.program.functions[name].parameters
        asked = free_parameters(self.subject.facts, (name,))
        for free in free_values([(each.name, each.type) for each in asked], made):
            given = [stands_for(each.name, made, free) for each in parameters]
            if not statement(*given):
                return True
        return False
