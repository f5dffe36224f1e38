"""Goals over words as SMT-LIB text, for both solvers: that a goal fails somewhere is asked.

First products, quotients and long sums are unknown functions of their parts: that only forgets, so
`unsat` stands, and it is what makes most goals easy. Where that is not enough they are exact.
"""

from collections.abc import Iterable, Sequence

from ..terms import (
    AND,
    CHOICE,
    CONDITION,
    INTEGER,
    NOT,
    OR,
    PRODUCT,
    SUM,
    TRUTH,
    VARIABLE,
    ZERO,
)
from . import words
from .words import (
    APART,
    APPLY,
    BELOW_SIGNED,
    BELOW_UNSIGNED,
    BIT_AND,
    BIT_OR,
    BIT_XOR,
    HIGH,
    HOLDS,
    JOIN,
    PART,
    QUOTIENT,
    RIGHT,
    RIGHT_BY,
    RIGHT_SIGNED,
    WIDE_SIGN,
    WIDE_ZERO,
    Word,
    after_parts,
    mask,
    number,
    polynomial,
)

# A sum of more monomials than this is one unknown, where not all is exact.
LONG_SUM = 3
SIMPLE = {
    NOT: "not",
    AND: "and",
    OR: "or",
    APART: "xor",
    CHOICE: "ite",
    BELOW_SIGNED: "bvslt",
    BELOW_UNSIGNED: "bvult",
    BIT_AND: "bvand",
    BIT_OR: "bvor",
    BIT_XOR: "bvxor",
    JOIN: "concat",
    PRODUCT: "bvmul",
    QUOTIENT: "bvsdiv",
}


def bits(value: int, width: int) -> str:
    """A constant."""
    return f"(_ bv{value & mask(width)} {width})"


def sort(width: int) -> str:
    """The sort of a word or of a truth value."""
    return f"(_ BitVec {width})" if width else "Bool"


class Text:
    """One query in the making: each word that is met is given a name once."""

    def __init__(self, exact: bool) -> None:
        self.exact = exact
        self.names: dict[Word, str] = {}
        self.lines: list[str] = []
        self.functions: dict[str, str] = {}
        self.long: dict[tuple[object, ...], str] = {}
        self.variables: dict[str, Word] = {}

    def name(self, root: Word) -> str:
        """The name of a word, defined after those that it is made of."""
        for word in after_parts(root, self.names, lambda word: word.kids):
            self.names[word] = self.define(word)
        return self.names[root]

    def define(self, word: Word) -> str:
        """One word, over the names of its parts."""
        if word.operator == INTEGER:
            return bits(number(word.data), word.width)
        if word.operator == TRUTH:
            return "true" if word.data else "false"
        name = f"w{len(self.names)}"
        if word.operator in (VARIABLE, CONDITION):
            self.lines.append(f"(declare-const {name} {sort(word.width)}) ; {word.data}")
            self.variables[name] = word
            return name
        text = self.text(word, [self.names[kid] for kid in word.kids])
        self.lines.append(f"(define-fun {name} () {sort(word.width)} {text})")
        return name

    def unknown(self, key: str, widths: Sequence[int], width: int) -> str:
        """A function of which only the name is known."""
        if key not in self.functions:
            name = self.functions[key] = f"f{len(self.functions)}"
            domain = " ".join(sort(each) for each in widths)
            self.lines.append(f"(declare-fun {name} ({domain}) {sort(width)}) ; {key}")
        return self.functions[key]

    def text(self, word: Word, kids: list[str]) -> str:
        """The operation itself."""
        operator, width, data = word.operator, word.width, word.data
        widths = [kid.width for kid in word.kids]
        if operator in (APPLY, HOLDS):
            key = f"{data} {len(kids)} {operator}"
            return f"({self.unknown(key, widths, width)} {' '.join(kids)})"
        if operator == SUM:
            return self.sum(word, kids)
        if operator == HIGH:
            return self.high(word, kids)
        if not self.exact and (operator == PRODUCT or (operator == QUOTIENT and not easy(word))):
            function = self.unknown(f"{operator} {width} {len(kids)}", widths, width)
            return f"({function} {' '.join(kids)})"
        if operator == QUOTIENT and easy(word):
            return power_quotient(word, kids[0])
        if operator in SIMPLE:
            return f"({SIMPLE[operator]} {' '.join(kids)})"
        return bit_text(word, kids)

    def sum(self, word: Word, kids: list[str]) -> str:
        """Factors times monomials, and the constant; long ones may be one unknown."""
        constant, pairs = polynomial(word)
        if len(kids) > LONG_SUM and not self.exact:
            key = (word.width, word.kids, *[weight for _, weight in pairs])
            if key not in self.long:
                name = self.long[key] = f"s{len(self.long)}"
                self.lines.append(f"(declare-const {name} {sort(word.width)})")
            return f"(bvadd {self.long[key]} {bits(constant, word.width)})"
        parts = [
            kid if weight == 1 else f"(bvmul {bits(weight, word.width)} {kid})"
            for kid, (_, weight) in zip(kids, pairs, strict=True)
        ]
        text = bits(constant, word.width)
        for each in parts:
            text = f"(bvadd {text} {each})"
        return text

    def high(self, word: Word, kids: list[str]) -> str:
        """The high half of a product."""
        if not self.exact:
            return f"({self.unknown('high', [word.width] * 2, word.width)} {' '.join(kids)})"
        width = word.width
        wide = [f"((_ sign_extend {width}) {kid})" for kid in kids]
        return f"((_ extract {2 * width - 1} {width}) (bvmul {' '.join(wide)}))"


def easy(word: Word) -> bool:
    """A division by a power of two that is a shift."""
    by = words.fixed(word.kids[1])
    return by is not None and 0 < by < 1 << 62 and by & (by - 1) == 0


def power_quotient(word: Word, left: str) -> str:
    """Truncated division by a power of two; `lemmas` has it."""
    by = words.fixed(word.kids[1])
    assert by is not None
    width, shift = word.width, by.bit_length() - 1
    words.SHELF.powers.add(shift)
    moved = f"(bvadd {left} {bits(by - 1, width)})"
    negative = f"(bvslt {left} {bits(0, width)})"
    return f"(bvashr (ite {negative} {moved} {left}) {bits(shift, width)})"


def bit_text(word: Word, kids: list[str]) -> str:
    """Parts, extensions and shifts."""
    width, inner = word.width, word.kids[0].width
    if word.operator == ZERO:
        return f"(= {kids[0]} {bits(0, inner)})"
    if word.operator == PART:
        low = number(word.data)
        return f"((_ extract {low + width - 1} {low}) {kids[0]})"
    if word.operator in (WIDE_ZERO, WIDE_SIGN):
        kind = "zero" if word.operator == WIDE_ZERO else "sign"
        return f"((_ {kind}_extend {width - inner}) {kids[0]})"
    if word.operator in (RIGHT, RIGHT_SIGNED):
        kind = "bvlshr" if word.operator == RIGHT else "bvashr"
        return f"({kind} {kids[0]} {bits(number(word.data), width)})"
    if word.operator == RIGHT_BY:
        by = word.kids[1].width
        amount = kids[1] if by == width else f"((_ zero_extend {width - by}) {kids[1]})"
        return f"(bvlshr {kids[0]} {amount})"
    raise ValueError(f"{word.operator} has no SMT-LIB text")


def query(goals: Iterable[Word], exact: bool, title: str) -> Text:
    """That one of the goals fails; `unsat` shows them all."""
    text = Text(exact)
    denied = [f"(not {text.name(goal)})" for goal in goals]
    text.lines = [f"; {title}", "(set-logic QF_UFBV)", *text.lines]
    text.lines += [f"(assert (or false {' '.join(denied)}))", "(check-sat)"]
    return text
