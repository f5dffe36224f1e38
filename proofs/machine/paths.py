"""One path through a function: registers, memory and what is known, word by word.

Memory is cells of 64 bits, each at a record or at the stack and so many bytes from its start; an
address that is nothing of the kind stops the run, and so does a cell outside the record or frame.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from ..terms import ZERO
from . import words
from .known import Known
from .lift import Place
from .words import WIDTH, Word

STACK = "stack"
CELL = 8
Cell = tuple[str, int]


class StrayError(Exception):
    """An access or a step that has no meaning here; says which."""


def base_of(name: str) -> Word:
    """The address at which a record, or the stack on entry, begins."""
    return words.variable(f"&{name}")


def located(address: Word) -> Cell:
    """An address as a base and a number of bytes from there."""
    offset, pairs = words.polynomial(address)
    if len(pairs) == 1 and pairs[0][1] == 1 and str(pairs[0][0].data).startswith("&"):
        return str(pairs[0][0].data)[1:], offset
    raise StrayError(f"the address {address!r} is no fixed place in a record or the frame")


@dataclass(frozen=True)
class Pending:
    """An operation that is computed when somebody asks for its result: most flags never are."""

    code: str
    width: int
    inputs: tuple["Value", ...]


Value = Word | Pending


@dataclass
class Path:
    """The state of the machine on one path."""

    sizes: dict[str, int]
    known: Known
    at: int
    step: int = 0
    registers: dict[int, Word] = field(default_factory=dict)
    flags: dict[int, Value] = field(default_factory=dict)
    temporaries: dict[int, Value] = field(default_factory=dict)
    memory: dict[Cell, Word] = field(default_factory=dict)
    divisions: list[tuple[Word, Word]] = field(default_factory=list)
    junk: int = 0
    depth: int = 0

    def fork(self) -> "Path":
        """The same, to be continued on its own."""
        return Path(
            self.sizes, self.known.copy(), self.at, self.step, dict(self.registers),
            dict(self.flags), dict(self.temporaries), dict(self.memory),
            list(self.divisions), self.junk, self.depth,
        )  # fmt: skip

    def unknown(self, width: int = 64) -> Word:
        """What a callee left behind: anything."""
        self.junk += 1
        return words.variable(f"left over {self.junk}", width)

    # ---- memory

    def check(self, base: str, offset: int, size: int) -> None:
        """A whole run of cells must lie inside its record, or in the frame."""
        if base == STACK:
            inside = offset + size <= CELL
        else:
            inside = offset >= 0 and offset + size <= CELL * self.sizes[base]
        if not inside or offset % CELL + min(size, CELL) > CELL:
            raise StrayError(f"{size} bytes at {base}{offset:+d}: outside, or across two words")

    def check_access(self, base: str, offset: int, size: int) -> None:
        """One instruction reaches at most one word."""
        if size > CELL:
            raise StrayError(f"{size} bytes at once")
        self.check(base, offset, size)

    def cell(self, base: str, offset: int) -> Word:
        """One word of memory."""
        self.check(base, offset, CELL)
        if (base, offset) not in self.memory:
            raise StrayError(f"{base}{offset:+d} is read and was never written")
        return self.memory[base, offset]

    def cell_or_unknown(self, base: str, offset: int) -> Word:
        """One word of a record that a callee is given; of one in the frame it may be any."""
        if base == STACK and (base, offset) not in self.memory:
            self.memory[base, offset] = self.unknown()
        return self.cell(base, offset)

    def load(self, address: Word, size: int) -> Word:
        """So many bytes, inside one word."""
        base, offset = located(address)
        self.check_access(base, offset, size)
        low = offset % CELL
        return words.part(self.cell(base, offset - low), 8 * low, 8 * size)

    def store(self, address: Word, value: Word) -> None:
        """Write so many bytes inside one word; never above the frame."""
        base, offset = located(address)
        size = value.width // 8
        self.check_access(base, offset, size)
        if base == STACK:
            if offset >= 0:
                raise StrayError(f"a store above the frame, at stack{offset:+d}")
            self.depth = min(self.depth, offset)
        low = offset % CELL
        if size != CELL:
            value = replaced(self.cell(base, offset - low), value, 8 * low)
        self.memory[base, offset - low] = value

    # ---- registers

    def get(self, place: Place) -> Value:
        """What a place holds."""
        if place.space == "const":
            return words.integer(place.offset, 8 * place.size)
        if place.space == "unique":
            if place.offset not in self.temporaries:
                raise StrayError("a temporary that nothing wrote")
            return sized(self.temporaries[place.offset], 8 * place.size)
        if place.space != "register":
            raise StrayError(f"the space {place.space}")
        if place.size > CELL:
            raise StrayError(f"{place.size} bytes of registers at once")
        if place.offset in self.flags:
            return self.flags[place.offset]
        base = place.offset - place.offset % CELL
        if base not in self.registers:
            raise StrayError(f"register {place.offset:#x} is not modelled")
        low = place.offset - base
        return words.part(self.registers[base], 8 * low, 8 * place.size)

    def put(self, place: Place, value: Value) -> None:
        """Write a place; what is written to part of a register leaves the rest."""
        if place.space == "unique":
            self.temporaries[place.offset] = value
            return
        if place.space != "register":
            raise StrayError(f"a write to the space {place.space}")
        if place.offset in self.flags:
            self.flags[place.offset] = value
            return
        base = place.offset - place.offset % CELL
        if base not in self.registers:
            raise StrayError(f"register {place.offset:#x} is not modelled")
        whole = force(value)
        if place.size != CELL:
            whole = replaced(self.registers[base], whole, 8 * (place.offset - base))
        self.registers[base] = whole


def sized(value: Value, width: int) -> Value:
    """A temporary may be read narrower than it was written."""
    return value if value.width == width else words.part(force(value), 0, width)


def replaced(whole: Word, new: Word, low: int) -> Word:
    """A word with some of its bits replaced."""
    top = low + new.width
    if low:
        new = words.join(new, words.part(whole, 0, low))
    if top < whole.width:
        new = words.join(words.part(whole, top, whole.width - top), new)
    return new


def force(value: Value) -> Word:
    """Compute what was pending."""
    if isinstance(value, Word):
        return value
    return compute(value.code, value.width, [force(each) for each in value.inputs])


# ---- what each operation computes ------------------------------------------------------------


def compute(code: str, width: int, given: list[Word]) -> Word:
    """One operation of the lifter as a word; one that is not listed has no meaning."""
    if code in TESTS:
        if given[0].width > WIDTH:
            raise StrayError(f"{code} of {given[0].width} bits")
        return words.flag(TESTS[code](*given), width)
    if code in SAME_WIDTH:
        return SAME_WIDTH[code](*given)
    if code == "COPY":
        return given[0]
    if code == "INT_ZEXT":
        return words.zero_extended(given[0], width)
    if code == "INT_SEXT":
        return words.sign_extended(given[0], width)
    known = words.fixed(given[1]) if len(given) == 2 else None
    if known is None and code == "INT_RIGHT":
        return words.build(words.RIGHT_BY, width, tuple(given))
    if known is None or known < 0:
        raise StrayError(f"{code}, or an amount that is not constant")
    if code == "SUBPIECE":
        return words.part(given[0], 8 * known, width)
    if known >= width:
        raise StrayError(f"{code} by {known}")
    if code == "INT_LEFT":
        return words.combine(width, [(1 << known, given[0])])
    if code in ("INT_RIGHT", "INT_SRIGHT"):
        operator = words.RIGHT if code == "INT_RIGHT" else words.RIGHT_SIGNED
        return words.build(operator, width, (given[0],), known)
    raise StrayError(code)


def holding(word: Word) -> Word:
    """A flag as a truth value."""
    return words.negate(words.build(ZERO, 0, (word,)))


def borrows(left: Word, right: Word) -> Word:
    """The signed difference does not fit: what is below is not what shows a negative one."""
    nothing = words.integer(0, left.width)
    return words.apart(words.below(left, right), words.below(words.subtract(left, right), nothing))


TESTS: dict[str, Callable[..., Word]] = {
    "INT_EQUAL": words.equal,
    "INT_NOTEQUAL": lambda a, b: words.negate(words.equal(a, b)),
    "INT_LESS": words.below_unsigned,
    "INT_LESSEQUAL": lambda a, b: words.negate(words.below_unsigned(b, a)),
    "INT_SLESS": words.below,
    "INT_SLESSEQUAL": lambda a, b: words.negate(words.below(b, a)),
    "INT_SBORROW": borrows,
    "INT_CARRY": lambda a, b: words.below_unsigned(words.add(a, b), a),
    "BOOL_NEGATE": lambda a: words.negate(holding(a)),
    "BOOL_AND": lambda a, b: words.both(holding(a), holding(b)),
    "BOOL_OR": lambda a, b: words.either(holding(a), holding(b)),
    "BOOL_XOR": lambda a, b: words.apart(holding(a), holding(b)),
}
SAME_WIDTH: dict[str, Callable[..., Word]] = {
    "INT_ADD": words.add,
    "INT_SUB": words.subtract,
    "INT_MULT": words.multiply,
    "INT_SDIV": words.quotient,
    "INT_SREM": words.remainder,
    "INT_2COMP": lambda a: words.subtract(words.integer(0, a.width), a),
    "INT_NEGATE": lambda a: words.subtract(words.integer(-1, a.width), a),
    "INT_AND": lambda a, b: words.build(words.BIT_AND, a.width, (a, b)),
    "INT_OR": lambda a, b: words.build(words.BIT_OR, a.width, (a, b)),
    "INT_XOR": lambda a, b: words.build(words.BIT_XOR, a.width, (a, b)),
}
