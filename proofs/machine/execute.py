"""Every path of one function of the object, on words: from the entry to each return.

A conditional jump that the path does not decide makes two paths. A call means what the source says
of it, given the words that the machine passes; what the convention lets a callee destroy is unknown
afterwards. Anything else stops with its address.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from dosekernel.spec.tree import NONE

from ..layout import Reference, Value
from . import words
from .image import Code, Image
from .known import Known
from .lift import Instruction, NotUnderstoodError, Operation, lift, registers
from .meaning import Source, Subject, as_machine, word
from .paths import (
    CELL,
    STACK,
    Path,
    Pending,
    StrayError,
    base_of,
    force,
    holding,
    located,
)
from .rules.rule import narrowed, of_constants
from .words import WIDTH, Word

ARGUMENTS = ("RDI", "RSI", "RDX", "RCX", "R8", "R9")
SAVED = ("RBX", "RBP", "R12", "R13", "R14", "R15")
GENERAL = (*ARGUMENTS, *SAVED, "RAX", "RSP", "R10", "R11", "RIP")
FLAGS = ("CF", "PF", "AF", "ZF", "SF", "DF", "OF")
# The direction flag as every function finds and leaves it.
FORWARD = words.integer(0, 8)
# Paths of one function, and steps of one path, that are too many to be worth going on.
MANY_PATHS, MANY_STEPS = 2000, 20000
# Seconds for one function, all that the source may do on its paths included.
PATIENCE = 60.0


class TooLongError(Exception):
    """A function that is not understood in the time that there is, or in so many ways."""


@dataclass(frozen=True)
class End:
    """A path that returned: what it found on entry, and how it leaves."""

    path: Path
    entry: dict[int, Word]


class Execution:
    """One function of an object, run from its entry."""

    def __init__(self, image: Image, code: Code, source: Source, subject: Subject) -> None:
        self.image, self.code, self.source, self.subject = image, code, source, subject
        self.instructions = lift(image, code)
        self.place = registers(image.machine)
        self.calls = frozenset(self.called())
        # The addresses that some path comes by.
        self.visited: set[int] = set()
        self.deadline = time.monotonic() + PATIENCE
        self.returning = words.variable("the return address")

    def called(self) -> Iterator[str]:
        """The functions that some instruction calls, or jumps to as it leaves."""
        for instruction in self.instructions.values():
            for operation in instruction.operations:
                if operation.code in ("CALL", "BRANCH", "CBRANCH"):
                    name = self.image.starts.get(operation.inputs[0].offset)
                    if name is not None:
                        yield name

    def offset(self, register: str) -> int:
        """Where a register lies."""
        return self.place[register].offset

    def begin(self, given: list[Value]) -> Path:
        """The machine as a caller leaves it."""
        sizes: dict[str, int] = {}
        path = Path(sizes, Known(), self.code.address)
        for name in GENERAL:
            path.registers[self.offset(name)] = words.variable(f"{name} on entry")
        for name in FLAGS:
            path.flags[self.offset(name)] = words.variable(f"{name} on entry", 8)
        path.flags[self.offset("DF")] = FORWARD
        path.registers[self.offset("RSP")] = base_of(STACK)
        path.memory[STACK, 0] = self.returning
        pairs = zip(ARGUMENTS, self.subject.parameters, given, strict=False)
        for register, parameter, value in pairs:
            if isinstance(value, Reference):
                sizes[parameter.name] = value.size
                for at, each in enumerate(value.words()):
                    path.memory[parameter.name, CELL * at] = word(each)
                path.registers[self.offset(register)] = base_of(parameter.name)
            else:
                path.registers[self.offset(register)] = as_machine(word(value))
        return path

    def ends(self, given: list[Value]) -> Iterator[End]:
        """Every path, as it returns."""
        first = self.begin(given)
        entry, waiting, count = dict(first.registers), [first], 0
        while waiting:
            path = waiting.pop()
            count += 1
            if count > MANY_PATHS:
                raise TooLongError(f"{self.subject.symbol}: more than {MANY_PATHS} paths")
            waiting.extend(self.follow(path))
            yield End(path, entry)

    def stopped(self, path: Path, why: str) -> NotUnderstoodError:
        """What cannot be followed, at its address."""
        instruction = self.instructions.get(path.at)
        text = "no instruction of this function" if instruction is None else instruction.text
        return NotUnderstoodError(path.at, text, why)

    def follow(self, path: Path) -> list[Path]:
        """Run a path to its return; the other sides of the jumps that it did not decide."""
        others: list[Path] = []
        for _ in range(MANY_STEPS):
            instruction = self.instructions.get(path.at)
            self.look_at_the_clock()
            self.visited.add(path.at)
            try:
                if instruction is None:
                    self.leave(path)
                    return others
                if self.instruction(path, instruction, others):
                    return others
            except StrayError as error:
                raise self.stopped(path, str(error)) from None
        raise TooLongError(f"{self.subject.symbol}: more than {MANY_STEPS} instructions on a path")

    def look_at_the_clock(self) -> None:
        """End what takes too long."""
        if time.monotonic() > self.deadline:
            raise TooLongError(f"{self.subject.symbol}: more than {PATIENCE:g} s")

    def instruction(self, path: Path, instruction: Instruction, others: list[Path]) -> bool:
        """One instruction; True if the path returned."""
        while path.step < len(instruction.operations):
            operation = instruction.operations[path.step]
            path.step += 1
            if operation.code == "RETURN":
                if force(path.get(operation.inputs[0])) is not self.returning:
                    raise StrayError("a return to somewhere else than the caller")
                return True
            if operation.code == "BRANCH":
                self.go(path, self.target(operation))
                return False
            if operation.code == "CBRANCH":
                if self.conditional(path, operation, others):
                    return False
            elif operation.code == "CALL":
                self.call(path, self.target(operation))
            else:
                self.plain(path, operation, others)
        self.go(path, instruction.after)
        return False

    def go(self, path: Path, address: int) -> None:
        """On to another instruction."""
        path.at, path.step = address, 0
        path.temporaries = {}

    def target(self, operation: Operation) -> int:
        """Where a jump or a call goes."""
        place = operation.inputs[0]
        if place.space != "ram":
            raise StrayError("a jump inside an instruction, or to a computed address")
        return place.offset

    def leave(self, path: Path) -> None:
        """A jump to another function, or to this one's start: a call and a return in one."""
        if path.at not in self.image.starts:
            raise StrayError("a jump out of the function")
        if located(path.registers[self.offset("RSP")]) != (STACK, 0):
            raise StrayError("a jump to another function with a frame left")
        self.call(path, path.at)

    def conditional(self, path: Path, operation: Operation, others: list[Path]) -> bool:
        """A conditional jump; True if this path takes it."""
        address = self.target(operation)
        test = holding(force(path.get(operation.inputs[1])))
        decided = path.known.decides(test)
        if decided is None:
            other = path.fork()
            other.known.learn(words.negate(test))
            others.append(other)
            path.known.learn(test)
        if decided is not False:
            self.go(path, address)
            return True
        return False

    def plain(self, path: Path, operation: Operation, others: list[Path]) -> None:
        """An operation that computes, loads or stores."""
        given = operation.inputs
        if operation.code == "STORE":
            address = self.address(path, force(path.get(given[1])), others)
            path.store(address, force(path.get(given[2])))
            return
        output = operation.output
        if output is None:
            raise StrayError(operation.code)
        width = 8 * output.size
        if operation.code == "LOAD":
            address = self.address(path, force(path.get(given[1])), others)
            path.put(output, path.load(address, output.size))
            return
        inputs = tuple([path.get(each) for each in given])
        if operation.code in ("INT_SDIV", "INT_SREM"):
            self.divides(path, [force(each) for each in inputs])
        path.put(output, Pending(operation.code, width, inputs))

    def address(self, path: Path, address: Word, others: list[Path]) -> Word:
        """An address that a flag chooses is one or the other: where it is open, on two paths."""
        for chosen, weight in words.polynomial(address)[1]:
            if not of_constants(chosen):
                continue
            test = chosen.kids[0]
            decided = path.known.decides(test)
            if decided is None:
                other = path.fork()
                other.step -= 1
                other.known.learn(words.negate(test))
                others.append(other)
                path.known.learn(test)
            branch = chosen.kids[2 if decided is False else 1]
            address = words.combine(WIDTH, [(1, address), (weight, branch), (-weight, chosen)])
        return address

    def divides(self, path: Path, given: list[Word]) -> None:
        """A division traps on some words: kept, so that the source is seen to divide them too."""
        half = given[0].width // 2
        pair = [narrowed(each, half) for each in given]
        if pair[0] is None or pair[1] is None:
            raise StrayError("a dividend that is no word with its sign")
        path.divisions.append((pair[0], pair[1]))

    # ---- calls

    def call(self, path: Path, address: int) -> None:
        """A call by its meaning, and by the convention."""
        symbol = self.image.starts.get(address)
        subject = None if symbol is None else self.source.subject(symbol)
        if subject is None or symbol is None:
            raise StrayError(f"a call of {symbol or hex(address)}, which the source does not have")
        if force(path.flags[self.offset("DF")]) is not FORWARD:
            raise StrayError("a call with the direction flag set")
        stack = located(path.registers[self.offset("RSP")])[1]
        given = self.arguments(path, subject, stack)
        result = self.source.apply(subject, [value for value, _ in given])
        for value, (base, offset) in given:
            if isinstance(value, Reference):
                for at, each in enumerate(value.words()):
                    path.memory[base, offset + CELL * at] = word(each)
        for cell in [cell for cell in path.memory if cell[0] == STACK and cell[1] <= stack < 0]:
            del path.memory[cell]
        for name in GENERAL:
            if name not in SAVED and name != "RSP":
                path.registers[self.offset(name)] = path.unknown()
        for name in FLAGS:
            if name != "DF":
                path.flags[self.offset(name)] = path.unknown(8)
        if subject.returns != NONE and result is not None:
            path.registers[self.offset("RAX")] = as_machine(result)
        path.registers[self.offset("RSP")] = words.add(
            path.registers[self.offset("RSP")], words.integer(CELL)
        )

    def arguments(
        self, path: Path, subject: Subject, stack: int
    ) -> list[tuple[Value, tuple[str, int]]]:
        """What a callee is given: words, and records with where they lie."""
        if len(subject.parameters) > len(ARGUMENTS):
            raise StrayError(f"{subject.symbol} has more arguments than registers hold")
        found: list[tuple[Value, tuple[str, int]]] = []
        for register, parameter in zip(ARGUMENTS, subject.parameters, strict=False):
            held = path.registers[self.offset(register)]
            if parameter.type not in self.source.program.records:
                found.append((held, ("", 0)))
                continue
            base, offset = located(held)
            size = self.source.layout.size[parameter.type]
            path.check(base, offset, CELL * size)
            if offset % CELL or (base == STACK and not stack < offset <= -CELL * size):
                raise StrayError(f"{parameter.name} of {subject.symbol} is not in the frame")
            cells = [path.cell_or_unknown(base, offset + CELL * at) for at in range(size)]
            found.append((Reference(list(cells), 0, parameter.type, size), (base, offset)))
        self.apart(subject, found)
        return found

    def apart(self, subject: Subject, given: list[tuple[Value, tuple[str, int]]]) -> None:
        """What a callee writes must not be another of its arguments."""
        for position in self.source.written(subject):
            mine, (base, offset) = given[position]
            for other, (value, (where, start)) in enumerate(given):
                if other == position or where != base or not isinstance(value, Reference):
                    continue
                assert isinstance(mine, Reference)
                if offset < start + CELL * value.size and start < offset + CELL * mine.size:
                    raise StrayError(f"{subject.symbol} writes, and two of its arguments overlap")
