"""Bits: kept, set and turned; parts of words, and words put together."""

from ...terms import PRODUCT, SUM
from ..words import (
    BIT_AND,
    BIT_OR,
    BIT_XOR,
    HIGH,
    JOIN,
    PART,
    QUOTIENT,
    RIGHT,
    RIGHT_SIGNED,
    WIDE_SIGN,
    WIDE_ZERO,
    Word,
    below,
    build,
    combine,
    fixed,
    flag,
    integer,
    join,
    mask,
    number,
    part,
    polynomial,
    quotient,
    sign_extended,
    signed,
    subtract,
    zero_extended,
)
from .rule import Kids, narrowed, rule


@rule(
    BIT_AND,
    "bits kept or cleared",
    "(= (bvand a a) a)",
    "(= (bvand a (_ bv0 {W})) (_ bv0 {W}))",
    "(= (bvand a (bvnot (_ bv0 {W}))) a)",
    "(= (bvand a b) (bvand b a))",
    "(= (bvand a ((_ zero_extend {H}) (bvnot (_ bv0 {H})))) "
    "((_ zero_extend {H}) ((_ extract {HTOP} 0) a)))",
)
def _bits_and(width: int, kids: Kids, _: object) -> Word | None:
    for one, other in (kids, kids[::-1]):
        known = fixed(other)
        if known == 0:
            return other
        if known == -1 or one is other:
            return one
        if known is not None and known in (mask(8), mask(16), mask(32)):
            return zero_extended(part(one, 0, known.bit_length()), width)
    return build(BIT_AND, width, kids[::-1]) if kids[0].number > kids[1].number else None


@rule(
    BIT_OR,
    "bits set or left",
    "(= (bvor a a) a)",
    "(= (bvor a (_ bv0 {W})) a)",
    "(= (bvor a (bvnot (_ bv0 {W}))) (bvnot (_ bv0 {W})))",
    "(= (bvor a b) (bvor b a))",
    "(= (bvor (bvmul (concat (_ bv1 {H}) (_ bv0 {H})) ((_ zero_extend {H}) x)) "
    "((_ zero_extend {H}) y)) (concat x y))",
)
def _bits_or(width: int, kids: Kids, _: object) -> Word | None:
    for one, other in (kids, kids[::-1]):
        known = fixed(other)
        if known == -1:
            return other
        if known == 0 or one is other:
            return one
        if other.operator == WIDE_ZERO and one.operator == SUM and len(one.kids) == 1:
            (low,), (high,) = other.kids, one.kids
            shift = 1 << low.width
            placed = one.data == (0, shift) or (one.data == (0, signed(shift, width)))
            if placed and high.operator == WIDE_ZERO and high.kids[0].width + low.width == width:
                return join(high.kids[0], low)
    return build(BIT_OR, width, kids[::-1]) if kids[0].number > kids[1].number else None


@rule(
    BIT_XOR,
    "bits turned",
    "(= (bvxor a a) (_ bv0 {W}))",
    "(= (bvxor a (_ bv0 {W})) a)",
    "(= (bvxor a (bvnot (_ bv0 {W}))) (bvsub (bvneg (_ bv1 {W})) a))",
    "(= (bvxor a b) (bvxor b a))",
    basic=True,
)
def _bits_xor(width: int, kids: Kids, _: object) -> Word | None:
    for one, other in (kids, kids[::-1]):
        known = fixed(other)
        if known == -1:
            return subtract(other, one)
        if known == 0:
            return one
    if kids[0] is kids[1]:
        return integer(0, width)
    return build(BIT_XOR, width, kids[::-1]) if kids[0].number > kids[1].number else None


@rule(
    PART,
    "a part of what was put together",
    "(= ((_ extract {TOP} 0) a) a)",
    "(= ((_ extract {HTOP} 0) (concat x y)) y)",
    "(= ((_ extract {TOP} {H}) (concat x y)) x)",
    "(= ((_ extract {HTOP} 0) ((_ zero_extend {H}) x)) x)",
    "(= ((_ extract {TOP} {H}) ((_ zero_extend {H}) x)) (_ bv0 {H}))",
    "(= ((_ extract {HTOP} 0) ((_ sign_extend {H}) x)) x)",
    "(= ((_ extract {TOP} {H}) ((_ sign_extend {H}) x)) (bvashr x (_ bv{HTOP} {H})))",
    "(= ((_ extract 0 0) ((_ extract {HTOP} 0) a)) ((_ extract 0 0) a))",
)
def _part(width: int, kids: Kids, data: object) -> Word | None:
    word, low = kids[0], number(data)
    if width == word.width:
        return word
    if word.operator == PART:
        return part(word.kids[0], low + number(word.data), width)
    if word.operator == JOIN:
        high, bottom = word.kids
        if low + width <= bottom.width:
            return part(bottom, low, width)
        return part(high, low - bottom.width, width) if low >= bottom.width else None
    if word.operator not in (WIDE_ZERO, WIDE_SIGN):
        return None
    narrow = word.kids[0]
    if low + width <= narrow.width:
        return part(narrow, low, width)
    if low == 0:
        return build(word.operator, width, (narrow,))
    if word.operator == WIDE_ZERO and low >= narrow.width:
        return integer(0, width)
    if word.operator == WIDE_SIGN and low >= narrow.width and width == narrow.width:
        return build(RIGHT_SIGNED, width, (narrow,), narrow.width - 1)
    return None


@rule(
    PART,
    "the low part of a sum or a product",
    "(= ((_ extract {HTOP} 0) (bvadd a b)) "
    "(bvadd ((_ extract {HTOP} 0) a) ((_ extract {HTOP} 0) b)))",
    "(= ((_ extract {HTOP} 0) (bvmul a b)) "
    "(bvmul ((_ extract {HTOP} 0) a) ((_ extract {HTOP} 0) b)))",
)
def _low_part(width: int, kids: Kids, data: object) -> Word | None:
    word = kids[0]
    if data != 0 or word.operator not in (SUM, PRODUCT):
        return None
    narrow = [part(kid, 0, width) for kid in word.kids]
    if word.operator == PRODUCT:
        return build(PRODUCT, width, tuple(narrow))
    constant, pairs = polynomial(word)
    weighted = [(weight, each) for (_, weight), each in zip(pairs, narrow, strict=True)]
    return combine(width, weighted, constant)


@rule(
    PART,
    "the quotient of what was narrow",
    "(= ((_ extract {HTOP} 0) (bvsdiv ((_ sign_extend {H}) x) ((_ sign_extend {H}) y))) "
    "(bvsdiv x y))",
)
def _narrow_quotient(width: int, kids: Kids, data: object) -> Word | None:
    word = kids[0]
    if data != 0 or word.operator != QUOTIENT:
        return None
    found = [narrowed(kid, width) for kid in word.kids]
    return None if found[0] is None or found[1] is None else quotient(found[0], found[1])


@rule(
    PART,
    "the high half of a product",
    "(= ((_ extract {TOP} {H}) (bvmul ((_ sign_extend {H}) x) ((_ sign_extend {H}) y))) "
    "((_ extract {TOP} {H}) (bvmul ((_ sign_extend {H}) y) ((_ sign_extend {H}) x))))",
)
def _high_half(width: int, kids: Kids, data: object) -> Word | None:
    word = kids[0]
    if data != width or word.width != 2 * width:
        return None
    if word.operator == SUM and len(word.kids) == 1 and polynomial(word)[0] == 0:
        pair = [word.kids[0], integer(polynomial(word)[1][0][1], word.width)]
    elif word.operator == PRODUCT and len(word.kids) == 2:
        pair = list(word.kids)
    else:
        return None
    left, right = [narrowed(each, width) for each in pair]
    return None if left is None or right is None else build(HIGH, width, (left, right))


@rule(
    WIDE_ZERO,
    "extended twice",
    "(= ((_ zero_extend 8) ((_ zero_extend 4) x)) ((_ zero_extend 12) x))",
    "(= ((_ sign_extend 8) ((_ zero_extend 4) x)) ((_ zero_extend 12) x))",
    "(= ((_ sign_extend 8) ((_ sign_extend 4) x)) ((_ sign_extend 12) x))",
)
def _widened_zero(width: int, kids: Kids, _: object) -> Word | None:
    if kids[0].width == width:
        return kids[0]
    return zero_extended(kids[0].kids[0], width) if kids[0].operator == WIDE_ZERO else None


@rule(
    WIDE_SIGN,
    "extended twice",
    "(= ((_ sign_extend 8) ((_ zero_extend 4) x)) ((_ zero_extend 12) x))",
)
def _widened_sign(width: int, kids: Kids, _: object) -> Word | None:
    if kids[0].width == width:
        return kids[0]
    if kids[0].operator in (WIDE_ZERO, WIDE_SIGN):
        return build(kids[0].operator, width, kids[0].kids)
    return None


@rule(
    JOIN,
    "a word above another",
    "(= (concat (_ bv0 {H}) x) ((_ zero_extend {H}) x))",
    "(= (concat (bvashr x (_ bv{HTOP} {H})) x) ((_ sign_extend {H}) x))",
    "(= (concat ((_ extract {TOP} {H}) a) ((_ extract {HTOP} 0) a)) a)",
)
def _placed(width: int, kids: Kids, _: object) -> Word | None:
    high, low = kids
    if fixed(high) == 0:
        return zero_extended(low, width)
    if high.operator == RIGHT_SIGNED and high.kids[0] is low and high.data == low.width - 1:
        return sign_extended(low, width)
    if high.operator == low.operator == PART and high.kids[0] is low.kids[0]:
        whole = high.kids[0]
        if (low.data, high.data, whole.width) == (0, low.width, width):
            return whole
    return None


@rule(RIGHT_SIGNED, "not shifted", "(= (bvashr a (_ bv0 {W})) a)")
def _unshifted_signed(_: int, kids: Kids, data: object) -> Word | None:
    return kids[0] if data == 0 else None


@rule(
    RIGHT,
    "the sign alone",
    "(= (bvlshr a (_ bv0 {W})) a)",
    "(= (bvlshr a (_ bv{TOP} {W})) (ite (bvslt a (_ bv0 {W})) (_ bv1 {W}) (_ bv0 {W})))",
)
def _sign_alone(width: int, kids: Kids, data: object) -> Word | None:
    if data == 0:
        return kids[0]
    return flag(below(kids[0], integer(0, width)), width) if data == width - 1 else None
