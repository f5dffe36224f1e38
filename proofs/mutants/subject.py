"""What all mutants are judged against: the kernel as it is, its theorems, and recorded calls."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from dosekernel.kernel.contract import Record
from dosekernel.spec.effects import (
    WORD_WRITES,
    Writes,
    calls,
    function_writes,
    operands,
    statements,
    writes,
)
from dosekernel.spec.language import LanguageError, parse_text
from dosekernel.spec.theorem import Theorem
from dosekernel.spec.tree import Expression, Function, Program

from ..flows import Facts
from ..semantics import LEMMAS
from ..theorems import ANY, StatementError
from ..work import Split
from .edges import edge_calls, named_by
from .generate import Mutant
from .places import without_import
from .pool import Pool, recorded_calls
from .promises import Call, Left, contract_of, left_by, make, records_in, stands_for
from .replica import Replica

# How many imports a fault may leave without a use.
IMPORTS = 12
# An import of a module of the kernel, as another package writes it.
IMPORT, ABSOLUTE = re.compile(r"^from \.(?=\w+ import)", re.MULTILINE), "from dosekernel.kernel."


class NotAKernelError(Exception):
    """A mutant that the kernel language refuses; says why."""


@dataclass(frozen=True)
class Subject:
    """A kernel's sources, the statements on top, the theorems, and how functions are split."""

    kernel: Mapping[str, str]
    properties: Mapping[str, str]
    theorems: tuple[Theorem, ...]
    splits: Mapping[str, Split]
    recorded: Pool | None = field(default=None, compare=False)
    coverings: dict[str, list[Call]] = field(default_factory=dict, compare=False)
    held: dict[str, list[tuple[Call, Record]]] = field(default_factory=dict, compare=False)
    begun: dict[str, Program] = field(default_factory=dict, compare=False)
    led: dict[str, list[tuple[Call, Left]]] = field(default_factory=dict, compare=False)

    @cached_property
    def program(self) -> Program:
        """The kernel as it is, with the statements."""
        return program_of(self.kernel, self.properties)

    def checked(self) -> "Subject":
        """Itself, if all that its theorems name is there; else StatementError."""
        for theorem in self.theorems:
            cover = (theorem.cover,) if theorem.cover else ()
            for name in (theorem.about, *theorem.statements, *cover):
                if name not in self.program.functions:
                    raise StatementError(f"theorem {theorem.name}: there is no function {name}")
        return self

    @cached_property
    def facts(self) -> Facts:
        """What can be read off it."""
        return Facts(self.program)

    @cached_property
    def homes(self) -> dict[str, str]:
        """Every kernel function with its module."""
        return {
            name: module_of(function)
            for name, function in self.program.functions.items()
            if module_of(function) in self.kernel
        }

    @cached_property
    def pool(self) -> Pool:
        """The recorded calls."""
        return recorded_calls(self.kernel, self.homes) if self.recorded is None else self.recorded

    @cached_property
    def replica(self) -> Replica:
        """The kernel as it is, run by Python."""
        return Replica({**self.kernel, **self.properties})

    def records(self, kind: str) -> list[tuple[Call, Record]]:
        """Every record of a type in the recorded calls, on entry or on exit, with its call."""
        if kind not in self.held:
            self.held[kind] = list(records_of(self.pool, kind))
        return self.held[kind]

    def covering(self, theorem: Theorem) -> list[Call]:
        """The recorded calls that have a theorem's cover; none if it has none."""
        if theorem.name not in self.coverings:
            self.coverings[theorem.name] = list(self._covering(theorem))
        return self.coverings[theorem.name]

    def _covering(self, theorem: Theorem) -> Iterator[Call]:
        if not theorem.cover or theorem.about not in self.homes:
            return
        statement = self.program.functions[theorem.cover]
        if any(each.name.startswith(ANY) for each in statement.parameters):
            return
        function = self.replica.function(self.homes[theorem.about], theorem.about)
        said = self.replica.function(module_of(statement), theorem.cover)
        contract = contract_of(function)
        for call in self.pool[theorem.about]:
            made = make(function, call.arguments, contract)
            if made is not None and not made.broken:
                given = [stands_for(each.name, made, {}) for each in statement.parameters]
                if said(*given):
                    yield call

    def edges(self, name: str) -> list[tuple[Call, Left]]:
        """Calls of a function at its edges, with what each leaves."""
        if name not in self.led:
            bodies = [self.program.functions[each] for each in self.bodies[name]]
            fields, numbers = named_by(bodies)
            self.led[name] = list(self.at_edges(name, fields, numbers))
        return self.led[name]

    def at_edges(
        self, name: str, fields: frozenset[str], numbers: frozenset[int]
    ) -> Iterator[tuple[Call, Left]]:
        """Recorded calls of a function with one of these fields at an edge."""
        function = self.replica.function(self.homes[name], name)
        contract = contract_of(function)
        for call in edge_calls(self.pool.get(name, ()), fields, numbers, contract):
            left = left_by(function, call)
            if left is not None:
                yield call, left

    @cached_property
    def bodies(self) -> dict[str, frozenset[str]]:
        """For each function itself and the definitions that it uses, theirs too."""
        found: dict[str, frozenset[str]] = {}
        for name, function in self.program.functions.items():
            used = [
                found[each]
                for each in called(body_expressions(function))
                if not self.facts.has_contract(each)
            ]
            found[name] = frozenset((name,)).union(*used)
        return found

    @cached_property
    def writes(self) -> dict[str, Writes]:
        """What each function may write."""
        return writes(self.program)

    def before(self, module: str) -> Program:
        """The program as far as it is read before a module."""
        if module not in self.begun:
            whole = self.program
            files = whole.modules[: [Path(each).stem for each in whole.modules].index(module)]
            self.begun[module] = Program(
                {name: each for name, each in whole.constants.items() if each.file in files},
                {name: each for name, each in whole.records.items() if each.file in files},
                {name: each for name, each in whole.functions.items() if each.file in files},
                files,
            )
        return self.begun[module]

    @cached_property
    def opened(self) -> dict[str, frozenset[str]]:
        """For each function those whose bodies its proof may read, itself included."""
        return opened_by(self.program, self.facts)


@dataclass(frozen=True)
class Faulty:
    """A mutant as a program."""

    mutant: Mutant
    text: str
    program: Program
    changed: frozenset[str]


def records_of(pool: Pool, kind: str) -> Iterator[tuple[Call, Record]]:
    """Every record of a type in recorded calls, those alike once."""
    seen: set[int] = set()
    for call_list in pool.values():
        for call in call_list:
            for given, words in zip(call.arguments, call.left, strict=False):
                if not isinstance(given, Record):
                    continue
                after = given.duplicate()
                after.set_words(list(words))
                for each in (*records_in(given), *records_in(after)):
                    if type(each).__name__ == kind and hash(each) not in seen:
                        seen.add(hash(each))
                        yield call, each


def module_of(function: Function) -> str:
    """The module of a function, by its last name."""
    return Path(function.file).stem


def program_of(kernel: Mapping[str, str], properties: Mapping[str, str]) -> Program:
    """A kernel and the properties on top of it."""
    program = parse_text(kernel)
    return parse_text(properties, program, LEMMAS) if properties else program


def faulty(subject: Subject, mutant: Mutant) -> Faulty:
    """A mutant as a program; NotAKernelError if it is none.

    An import that the fault left without a use is taken out: nobody would leave it there.
    """
    text = mutant.apply(subject.kernel[mutant.module])
    for _ in range(IMPORTS):
        try:
            program = with_module(subject, mutant.module, text)
        except LanguageError as error:
            name, _, rest = error.reason.partition(" ")
            if rest != "is imported and not used":
                raise NotAKernelError(str(error)) from error
            text = without_import(text, name)
            continue
        before = subject.program.functions
        changed = frozenset(
            name for name, function in program.functions.items() if function != before[name]
        )
        return Faulty(mutant, text, program, changed)
    raise NotAKernelError(f"{mutant.module}.py: more than {IMPORTS} imports without a use")


def with_module(subject: Subject, module: str, text: str) -> Program:
    """The program with another text of one module.

    While its functions write what they wrote, no other module need be read again.
    """
    begun = parse_text({module: IMPORT.sub(ABSOLUTE, text)}, subject.before(module))
    known = dict(subject.writes)
    functions = dict(subject.program.functions)
    for name, function in begun.functions.items():
        if Path(function.file).stem == module:
            known[name] = function_writes(begun, function, known)
            functions[name] = function
    if known != subject.writes:
        return program_of({**subject.kernel, module: text}, subject.properties)
    return replace(subject.program, functions=functions)


def opened_by(program: Program, facts: Facts) -> dict[str, frozenset[str]]:
    """For each function those whose bodies its own problem may read: its contract's words too."""
    found: dict[str, frozenset[str]] = {}
    for name, function in program.functions.items():
        bodies = {name}
        for callee in called(body_expressions(function)):
            bodies |= known_of(program, facts, found, callee)
        for callee in called(contract_expressions(function)):
            bodies |= known_of(program, facts, found, callee)
        found[name] = frozenset(bodies)
    return found


def known_of(
    program: Program, facts: Facts, found: Mapping[str, frozenset[str]], name: str
) -> frozenset[str]:
    """What a caller may read of a callee: all of a definition, of a promise only its words."""
    function = program.functions[name]
    if not facts.has_contract(name) or (facts.is_pure(name) and function.returns == "bool"):
        return found[name]
    words: frozenset[str] = frozenset()
    for callee in called(contract_expressions(function)):
        words |= found.get(callee, frozenset())
    return words


def body_expressions(function: Function) -> Iterator[Expression]:
    """The expressions of a body."""
    for statement in statements(function.body):
        yield from operands(statement)


def contract_expressions(function: Function) -> Sequence[Expression]:
    """The expressions of a contract."""
    kept = [expression for _, expression in function.snapshots]
    return [*function.requires, *function.ensures, *kept]


def called(expressions: Iterable[Expression]) -> set[str]:
    """The functions that expressions call."""
    found: set[str] = set()
    for expression in expressions:
        for call in calls(expression):
            if call.function not in WORD_WRITES:
                found.add(call.function)
    return found
