"""Sums and products as polynomials modulo 2^W, and quotients by a constant."""

from ...terms import PRODUCT, SUM
from ..words import (
    HIGH,
    QUOTIENT,
    RIGHT_SIGNED,
    SHELF,
    Word,
    below,
    build,
    combine,
    fixed,
    flag,
    integer,
    make,
    mask,
    multiply,
    number,
    polynomial,
    quotient,
    signed,
    subtract,
)
from .rule import Kids, rule

# A product of sums with more monomials than this stays a product.
MANY = 400
RING = (
    "(= (bvadd a b) (bvadd b a))",
    "(= (bvadd (bvadd a b) c) (bvadd a (bvadd b c)))",
    "(= (bvmul a b) (bvmul b a))",
    "(= (bvsub a b) (bvadd a (bvmul (bvneg (_ bv1 {W})) b)))",
    "(= (bvadd (bvmul (_ bv3 {W}) a) (bvmul (_ bv5 {W}) a)) (bvmul (_ bv8 {W}) a))",
)
DISTRIBUTED = "(= (bvmul a (bvadd b c)) (bvadd (bvmul a b) (bvmul a c)))"


@rule(SUM, "monomials gathered", *RING, basic=True)
def _gathered(width: int, kids: Kids, data: object) -> Word | None:
    assert isinstance(data, tuple)
    constant = data[0]
    weights: dict[Word, int] = {}
    for kid, factor in zip(kids, data[1:], strict=True):
        own, pairs = polynomial(kid)
        constant += factor * own
        for monomial, weight in pairs:
            weights[monomial] = weights.get(monomial, 0) + factor * weight
    found = [(kid, signed(factor & mask(width), width)) for kid, factor in weights.items()]
    found = sorted([pair for pair in found if pair[1]], key=lambda pair: pair[0].number)
    constant = signed(constant & mask(width), width)
    if not found:
        return integer(constant, width)
    if not constant and len(found) == 1 and found[0][1] == 1:
        return found[0][0]
    gathered = tuple([word for word, _ in found])
    weighted = (constant, *[factor for _, factor in found])
    return None if (gathered, weighted) == (kids, data) else build(SUM, width, gathered, weighted)


@rule(PRODUCT, "a constant factor", "(= (bvmul (bvmul a b) c) (bvmul (bvmul a c) b))", basic=True)
def _scaled(width: int, kids: Kids, _: object) -> Word | None:
    for at, kid in enumerate(kids):
        factor = fixed(kid)
        if factor is not None:
            rest = kids[:at] + kids[at + 1 :]
            return combine(width, [(factor, build(PRODUCT, width, rest))])
    return kids[0] if len(kids) == 1 else None


@rule(PRODUCT, "multiplied out", DISTRIBUTED, "(= (bvmul (bvmul a b) c) (bvmul a (bvmul b c)))")
def _multiplied(width: int, kids: Kids, _: object) -> Word | None:
    if not any(kid.operator in (SUM, PRODUCT) for kid in kids):
        ordered = tuple(sorted(kids, key=lambda kid: kid.number))
        return None if ordered == kids else build(PRODUCT, width, ordered)
    left, right = kids[0], build(PRODUCT, width, kids[1:])
    (one, mine), (other, theirs) = polynomial(left), polynomial(right)
    if len(mine) * len(theirs) > MANY:
        return None
    if right.operator != SUM and left.operator != SUM:
        atoms = sorted((*factors(left), *factors(right)), key=lambda kid: kid.number)
        return None if tuple(atoms) == kids else build(PRODUCT, width, tuple(atoms))
    parts = [(weight * other, word) for word, weight in mine]
    parts += [(weight * one, word) for word, weight in theirs]
    for word, weight in mine:
        parts += [(weight * factor, multiply(word, each)) for each, factor in theirs]
    return combine(width, parts, one * other)


def factors(word: Word) -> Kids:
    """The atoms of which a monomial is the product."""
    return word.kids if word.operator == PRODUCT else (word,)


# ---- division by a constant, as compilers write it: the high half of a product, and shifts ----


def divisor(multiplier: int, shift: int) -> int:
    """The whole number of which the multiplier, over 2^(64 + shift), is about the inverse."""
    return ((1 << (64 + shift)) + multiplier // 2) // multiplier


def _inverse(word: Word) -> tuple[Word, int, int] | None:
    """`x * M >> (64 + k)` as x, M and k; M may be more than a signed word holds."""
    shift = 0
    if word.operator == RIGHT_SIGNED:
        word, shift = word.kids[0], number(word.data)
    constant, pairs = polynomial(word)
    halves = [(each, weight) for each, weight in pairs if each.operator == HIGH]
    if constant or len(halves) != 1 or halves[0][1] != 1:
        return None
    high = halves[0][0]
    for left, right in (high.kids, high.kids[::-1]):
        multiplier = fixed(right)
        if multiplier is None or multiplier == 0:
            continue
        rest = subtract(word, high)
        if multiplier > 0 and fixed(rest) == 0:
            return left, multiplier, shift
        if multiplier < 0 and rest is left:
            return left, multiplier + (1 << 64), shift
    return None


@rule(
    SUM,
    "division by multiplication",
    # `lemmas` asks for this over the integers, for each multiplier and shift that was met.
    "x * multiplier >> (64 + shift), less the sign of x, is x / divisor",
)
def divided(width: int, kids: Kids, data: object) -> Word | None:
    """A product's high half, shifted and less the sign, is a quotient."""
    constant, pairs = polynomial(make(SUM, width, kids, data))
    for word, weight in pairs:
        if width != 64 or weight == -weight or word.operator not in (RIGHT_SIGNED, HIGH):
            continue
        found = _inverse(word)
        if found is None:
            continue
        left, multiplier, shift = found
        sign = build(RIGHT_SIGNED, width, (left,), width - 1)
        if (sign, -weight) not in pairs:
            # The same, with the sign of the high half added.
            high = word.kids[0] if word.operator == RIGHT_SIGNED else word
            sign = flag(below(high, integer(0)))
            if (sign, weight) not in pairs:
                continue
        by = divisor(multiplier, shift)
        SHELF.multipliers[(multiplier, shift)] = by
        rest = [(factor, each) for each, factor in pairs if each not in (word, sign)]
        whole = quotient(left, integer(by))
        return combine(width, [*rest, (weight, whole)], constant)
    return None


@rule(QUOTIENT, "divided by one", "(= (bvsdiv x (_ bv1 {H})) x)")
def _by_one(_: int, kids: Kids, __: object) -> Word | None:
    return kids[0] if fixed(kids[1]) == 1 else None
