"""Bytes as operations: what Sleigh, the instruction set's own description, says each one does."""

from dataclasses import dataclass
from functools import cache

import pypcode

from .image import Code, Image

LANGUAGES = {"EM_X86_64": "x86:LE:64:default"}
# No instruction is longer.
LONGEST = 16


class NotUnderstoodError(Exception):
    """Machine code that this prover has no meaning for: where, which instruction, and why."""

    def __init__(self, address: int, instruction: str, why: str) -> None:
        super().__init__(f"{address:#x}: {instruction}: {why}")
        self.address, self.instruction, self.why = address, instruction, why


@dataclass(frozen=True)
class Place:
    """Where an operation reads or writes: a space, an offset in it, and how many bytes."""

    space: str
    offset: int
    size: int


@dataclass(frozen=True)
class Operation:
    """One step of an instruction."""

    code: str
    output: Place | None
    inputs: tuple[Place, ...]


@dataclass(frozen=True)
class Instruction:
    """One instruction with its operations."""

    address: int
    length: int
    text: str
    operations: tuple[Operation, ...]

    @property
    def after(self) -> int:
        """Where the next one begins."""
        return self.address + self.length


@cache
def processor(machine: str) -> pypcode.Context:
    """The description of an instruction set."""
    if machine not in LANGUAGES:
        raise NotUnderstoodError(0, machine, f"only {', '.join(LANGUAGES)} is read")
    return pypcode.Context(LANGUAGES[machine])


@cache
def registers(machine: str) -> dict[str, Place]:
    """Each register by name."""
    found = processor(machine).registers.items()
    return {name: Place("register", each.offset, each.size) for name, each in found}


def lift(image: Image, code: Code) -> dict[int, Instruction]:
    """Every instruction of a function by its address."""
    context, found, at = processor(image.machine), {}, 0
    while at < len(code.data):
        address, data = code.address + at, code.data[at : at + LONGEST]
        try:
            made = context.translate(data, base_address=address, max_instructions=1)
            shown = context.disassemble(data, base_address=address, max_instructions=1)
        except (pypcode.BadDataError, pypcode.UnimplError, pypcode.LowlevelError) as error:
            raise NotUnderstoodError(address, data.hex(), "no such instruction") from error
        head = shown.instructions[0]
        steps = tuple([step(each) for each in made.ops if name_of(each) != "IMARK"])
        found[address] = Instruction(address, head.length, f"{head.mnem} {head.body}", steps)
        at += head.length
    return found


def step(operation: pypcode.PcodeOp) -> Operation:
    """One operation as plain data."""
    output = None if operation.output is None else place(operation.output)
    inputs = tuple([place(each) for each in operation.inputs])
    return Operation(name_of(operation), output, inputs)


def name_of(operation: pypcode.PcodeOp) -> str:
    """Which operation it is."""
    return str(operation.opcode).rpartition(".")[2]


def place(varnode: pypcode.Varnode) -> Place:
    """One varnode as plain data."""
    return Place(varnode.space.name, varnode.offset, varnode.size)
