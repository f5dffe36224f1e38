"""Words of 1 to 128 bits and truth values, shared, each with its value in sixteen sample worlds.

A word exists once, so two words are equal if they are the same object. `build` is the only way to
make one of an operation: it tries the rules of `rules` in turn and makes a node where none applies.
Every word carries the value it has in sixteen fixed worlds, in which each variable is some number
and each unknown function a hash; `build` holds what a rule returns against the operation itself in
all of them, so a wrong rewrite stops the run that makes it.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b

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
    Term,
)

APART = "exclusive or"  # of truth values
BELOW_SIGNED = "below, signed"
BELOW_UNSIGNED = "below, unsigned"
HOLDS = "holds"
BIT_AND = "bits and"
BIT_OR = "bits or"
BIT_XOR = "bits exclusive or"
PART = "part"
WIDE_ZERO = "zero-extended"
WIDE_SIGN = "sign-extended"
JOIN = "joined"
RIGHT = "shifted right"
RIGHT_SIGNED = "shifted right, signed"
RIGHT_BY = "shifted right by a word"
HIGH = "high half of the signed product"
QUOTIENT = "signed quotient"
APPLY = "applied"

WIDTH = 64
WORLDS = 16
Values = tuple[int, ...]


class WrongRuleError(Exception):
    """A rule returned something else than the operation means: a fault of this prover."""


class Word(Term):
    """One node: `width` bits, 0 for a truth value; its unsigned value in each sample world."""

    __slots__ = ("values", "width")

    width: int
    values: Values
    kids: "tuple[Word, ...]"

    @property
    def boolean(self) -> bool:
        """True for a truth value."""
        return self.width == 0


@dataclass(frozen=True)
class Rule:
    """A rewrite: `apply` gives the simpler word or None; `lemma` says in SMT-LIB why it may.

    The basic rules only compute with constants, move constants out of sums, and know that a word
    exclusive-or itself is nothing: how every compiler writes zero.
    """

    name: str
    operator: str
    apply: Callable[[int, tuple[Word, ...], object], Word | None]
    lemmas: tuple[str, ...]
    basic: bool = False


@dataclass
class Shelf:
    """All words made so far, and the rules by which they are made."""

    table: dict[tuple[object, ...], Word] = field(default_factory=dict)
    built: dict[tuple[object, ...], Word] = field(default_factory=dict)
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    raw: bool = False
    # Divisors by multiplier and shift, as the division rule met them.
    multipliers: dict[tuple[int, int], int] = field(default_factory=dict)
    # Powers of two that a query divided by.
    powers: set[int] = field(default_factory=set)


SHELF = Shelf()


@contextmanager
def raw_mode() -> Iterator[None]:
    """Inside, only the basic rules are used, and nothing made before is known."""
    kept = SHELF.built, SHELF.raw
    SHELF.built, SHELF.raw = {}, True
    try:
        yield
    finally:
        SHELF.built, SHELF.raw = kept


def make(operator: str, width: int, kids: tuple[Word, ...], data: object = None) -> Word:
    """The node itself, as it stands."""
    key = (operator, width, data, *[kid.number for kid in kids])
    found = SHELF.table.get(key)
    if found is None:
        found = Word()
        found.operator, found.width, found.kids, found.data = operator, width, kids, data
        # Below every term over integers, so that no table can take one for the other.
        found.number, found.negation = -len(SHELF.table) - 1, None
        found.values = meaning(operator, width, kids, data)
        SHELF.table[key] = found
    return found


def build(operator: str, width: int, kids: tuple[Word, ...], data: object = None) -> Word:
    """The operation on these words, as simple as the rules make it."""
    key = (operator, width, data, *[kid.number for kid in kids])
    found = SHELF.built.get(key)
    if found is not None:
        return found
    for rule in SHELF.rules.get(operator, ()):
        if SHELF.raw and not rule.basic:
            continue
        found = rule.apply(width, kids, data)
        if found is not None:
            if found.width != width or found.values != meaning(operator, width, kids, data):
                raise WrongRuleError(f"the rule {rule.name!r} is wrong for {operator} of {kids}")
            break
    else:
        found = make(operator, width, kids, data)
    SHELF.built[key] = found
    return found


def after_parts(
    root: Word, done: Container[Word], parts: Callable[[Word], Iterable[Word]]
) -> Iterator[Word]:
    """Each word that is not done, after its parts; the caller has it done before the next."""
    waiting = [root]
    while waiting:
        word = waiting[-1]
        if word in done:
            waiting.pop()
        elif missing := [each for each in parts(word) if each not in done]:
            waiting.extend(missing)
        else:
            waiting.pop()
            yield word


# ---- what the operations mean ----------------------------------------------------------------


def mask(width: int) -> int:
    """All bits of a width; one for a truth value."""
    return (1 << (width or 1)) - 1


def signed(value: int, width: int) -> int:
    """An unsigned value read as two's complement."""
    return value - (1 << width) if value >> (width - 1) else value


def meaning(operator: str, width: int, kids: tuple[Word, ...], data: object) -> Values:
    """The values of an operation, from the values of its words."""
    if operator in (INTEGER, TRUTH):
        assert isinstance(data, int)
        return (int(data) & mask(width),) * WORLDS
    if operator in (VARIABLE, CONDITION):
        return named_values(str(data), width)
    worlds = zip(*[kid.values for kid in kids], strict=True)
    inner = kids[0].width
    if operator in (APPLY, HOLDS):
        salt = hash_text(f"{operator} {data}")
        return tuple([mixed(hash((salt, *world))) & mask(width) for world in worlds])
    compute = MEANINGS[operator]
    bits = mask(width)
    return tuple([compute(world, inner, data) & bits for world in worlds])


def named_values(name: str, width: int) -> Values:
    """Numbers for a variable: anything, small numbers, and the ends of the range."""
    found = []
    for world in range(WORLDS):
        seed = hash_text(f"{name} {world}")
        kind, value = seed % 8, seed >> 8
        if kind < 2:
            value = value % 9 - 4
        elif kind == 2:
            value = (1 << (width - 1 if width else 0)) - value % 3
        elif kind == 3:
            value %= 1 << 20
        found.append(value & mask(width))
    return tuple(found)


def hash_text(text: str) -> int:
    """A text as a large number, the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=24).digest(), "little")


def mixed(seed: int) -> int:
    """A hash spread over 128 bits."""
    low = (seed ^ (seed >> 31)) * 0x9E3779B97F4A7C15 & mask(64)
    high = (low ^ (low >> 29)) * 0xBF58476D1CE4E5B9 & mask(64)
    return (high ^ (high >> 32)) | low << 64


def truncated(left: int, right: int) -> int:
    """The quotient of a signed division as machines do it; by zero as SMT-LIB has it."""
    if right == 0:
        return 1 if left < 0 else -1
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def weighed(world: Values, _: int, data: object) -> int:
    """The sum of factors times words, and a constant."""
    assert isinstance(data, tuple)
    total: int = data[0]
    for value, factor in zip(world, data[1:], strict=True):
        total += value * factor
    return total


def multiplied(world: Values, _: int, __: object) -> int:
    """The product of all."""
    product = 1
    for value in world:
        product *= value
    return product


def number(data: object) -> int:
    """The number that an operation carries."""
    assert isinstance(data, int)
    return data


MEANINGS: dict[str, Callable[[Values, int, object], int]] = {
    SUM: weighed,
    PRODUCT: multiplied,
    NOT: lambda world, *_: 1 - world[0],
    AND: lambda world, *_: int(all(world)),
    OR: lambda world, *_: int(any(world)),
    APART: lambda world, *_: world[0] ^ world[1],
    ZERO: lambda world, *_: int(world[0] == 0),
    BELOW_SIGNED: lambda world, w, _: int(signed(world[0], w) < signed(world[1], w)),
    BELOW_UNSIGNED: lambda world, *_: int(world[0] < world[1]),
    CHOICE: lambda world, *_: world[1] if world[0] else world[2],
    BIT_AND: lambda world, *_: world[0] & world[1],
    BIT_OR: lambda world, *_: world[0] | world[1],
    BIT_XOR: lambda world, *_: world[0] ^ world[1],
    PART: lambda world, _, data: world[0] >> number(data),
    WIDE_ZERO: lambda world, *_: world[0],
    WIDE_SIGN: lambda world, w, _: signed(world[0], w),
    JOIN: lambda world, _, data: world[0] << number(data) | world[1],
    RIGHT: lambda world, _, data: world[0] >> number(data),
    RIGHT_SIGNED: lambda world, w, data: signed(world[0], w) >> number(data),
    RIGHT_BY: lambda world, w, _: world[0] >> min(world[1], w),
    HIGH: lambda world, w, _: signed(world[0], w) * signed(world[1], w) >> w,
    QUOTIENT: lambda world, w, _: truncated(signed(world[0], w), signed(world[1], w)),
}


# ---- the operations, by name -----------------------------------------------------------------


def integer(value: int, width: int = WIDTH) -> Word:
    """The constant, kept as a signed number."""
    return make(INTEGER, width, (), signed(value & mask(width), width))


def truth(value: bool) -> Word:
    """The constant."""
    return TRUE if value else FALSE


def variable(name: str, width: int = WIDTH) -> Word:
    """An unknown word."""
    return make(VARIABLE, width, (), name)


def condition(name: str) -> Word:
    """An unknown truth value."""
    return make(CONDITION, 0, (), name)


def apply(name: str, words: Iterable[Word]) -> Word:
    """An unknown function of these words."""
    return make(APPLY, WIDTH, tuple(words), name)


def holds(name: str, words: Iterable[Word]) -> Word:
    """An unknown predicate of these words."""
    return make(HOLDS, 0, tuple(words), name)


TRUE = make(TRUTH, 0, (), True)
FALSE = make(TRUTH, 0, (), False)


def fixed(word: Word) -> int | None:
    """The signed number of a constant word, None of any other."""
    return number(word.data) if word.operator == INTEGER else None


def polynomial(word: Word) -> tuple[int, tuple[tuple[Word, int], ...]]:
    """The constant part, and each monomial with its factor."""
    if word.operator == SUM:
        assert isinstance(word.data, tuple)
        return word.data[0], tuple(zip(word.kids, word.data[1:], strict=True))
    if word.operator == INTEGER:
        return number(word.data), ()
    return 0, ((word, 1),)


def combine(width: int, parts: Iterable[tuple[int, Word]], constant: int = 0) -> Word:
    """The sum of `factor * word` over all parts, and a constant."""
    pairs = tuple(parts)
    if not pairs:
        return integer(constant, width)
    weights = (constant, *[factor for factor, _ in pairs])
    return build(SUM, width, tuple([word for _, word in pairs]), weights)


def add(*words: Word) -> Word:
    """The sum, of one width."""
    return combine(words[0].width, [(1, word) for word in words])


def subtract(left: Word, right: Word) -> Word:
    """The difference."""
    return combine(left.width, ((1, left), (-1, right)))


def multiply(left: Word, right: Word) -> Word:
    """The product."""
    return build(PRODUCT, left.width, (left, right))


def negate(test: Word) -> Word:
    """`not test`."""
    return build(NOT, 0, (test,))


def both(*tests: Word) -> Word:
    """The conjunction."""
    return build(AND, 0, tests) if tests else TRUE


def either(*tests: Word) -> Word:
    """The disjunction."""
    return build(OR, 0, tests) if tests else FALSE


def apart(left: Word, right: Word) -> Word:
    """Exactly one of two holds."""
    return build(APART, 0, (left, right))


def equal(left: Word, right: Word) -> Word:
    """Two words, or two truth values, are the same."""
    if left.width == 0:
        return negate(apart(left, right))
    return build(ZERO, 0, (subtract(left, right),))


def below(left: Word, right: Word) -> Word:
    """`left < right`, signed."""
    return build(BELOW_SIGNED, 0, (left, right))


def below_unsigned(left: Word, right: Word) -> Word:
    """`left < right`, unsigned."""
    return build(BELOW_UNSIGNED, 0, (left, right))


def choose(test: Word, then: Word, otherwise: Word) -> Word:
    """`then` where the test holds, else `otherwise`."""
    return build(CHOICE, then.width, (test, then, otherwise))


def flag(test: Word, width: int = WIDTH) -> Word:
    """A truth value as the machine keeps it: 1 or 0."""
    return choose(test, integer(1, width), integer(0, width))


def part(word: Word, low: int, width: int) -> Word:
    """`width` bits, from bit `low` upwards."""
    if width == word.width:
        return word
    if low + width > word.width:
        raise ValueError(f"{width} bits from bit {low} of a word of {word.width}")
    return build(PART, width, (word,), low)


def zero_extended(word: Word, width: int) -> Word:
    """Wider, with zeros above."""
    return build(WIDE_ZERO, width, (word,))


def sign_extended(word: Word, width: int) -> Word:
    """Wider, with the sign above."""
    return build(WIDE_SIGN, width, (word,))


def join(high: Word, low: Word) -> Word:
    """One word above another."""
    return build(JOIN, high.width + low.width, (high, low), low.width)


def quotient(left: Word, right: Word) -> Word:
    """Signed, truncated."""
    return build(QUOTIENT, left.width, (left, right))


def remainder(left: Word, right: Word) -> Word:
    """What truncated division leaves."""
    return subtract(left, multiply(quotient(left, right), right))
