"""Comparisons: of words with each other, with constants, and several at once."""

from ...terms import AND, CHOICE, INTEGER, NOT, OR, ZERO
from ..words import (
    BELOW_SIGNED,
    BELOW_UNSIGNED,
    BIT_AND,
    BIT_OR,
    BIT_XOR,
    FALSE,
    WIDE_SIGN,
    WIDE_ZERO,
    Word,
    add,
    apart,
    below,
    below_unsigned,
    both,
    build,
    combine,
    either,
    equal,
    fixed,
    integer,
    negate,
    polynomial,
    subtract,
)
from .rule import Kids, of_constants, rule


@rule(ZERO, "one sign of two", "(= (= a (_ bv0 {W})) (= (bvneg a) (_ bv0 {W})))")
def _one_sign(_: int, kids: Kids, __: object) -> Word | None:
    constant, pairs = polynomial(kids[0])
    top = -(1 << (kids[0].width - 1))
    if not pairs or pairs[0][1] > 0 or pairs[0][1] == top:
        return None
    parts = [(-weight, word) for word, weight in pairs]
    return build(ZERO, 0, (combine(kids[0].width, parts, -constant),))


@rule(
    ZERO,
    "no bit of either",
    "(= (= (bvor a b) (_ bv0 {W})) (and (= a (_ bv0 {W})) (= b (_ bv0 {W}))))",
    "(= (= (bvxor a b) (_ bv0 {W})) (= a b))",
    "(= (= (bvadd (bvxor a b) (_ bv1 {W})) (_ bv0 {W})) (= (bvsub (bvneg (_ bv1 {W})) a) b))",
    "(= (= (bvadd (bvand a b) (_ bv1 {W})) (_ bv0 {W})) "
    "(and (= a (bvneg (_ bv1 {W}))) (= b (bvneg (_ bv1 {W})))))",
)
def _no_bit(_: int, kids: Kids, __: object) -> Word | None:
    kid = kids[0]
    if kid.operator == BIT_OR:
        return both(*[build(ZERO, 0, (each,)) for each in kid.kids])
    if kid.operator == BIT_XOR:
        return equal(*kid.kids)
    constant, pairs = polynomial(kid)
    if constant != 1 or len(pairs) != 1 or pairs[0][1] != 1:
        return None
    bits, ones = pairs[0][0], integer(-1, kid.width)
    if bits.operator == BIT_XOR:
        return equal(subtract(ones, bits.kids[0]), bits.kids[1])
    return both(*[equal(each, ones) for each in bits.kids]) if bits.operator == BIT_AND else None


@rule(
    ZERO,
    "the narrow word of an extension",
    "(= (= ((_ zero_extend {H}) x) ((_ zero_extend {H}) y)) (= x y))",
    "(= (= ((_ sign_extend {H}) x) ((_ sign_extend {H}) y)) (= x y))",
    "(=> (not (= ((_ zero_extend {H}) ((_ extract {HTOP} 0) a)) a)) "
    "(not (= ((_ zero_extend {H}) x) a)))",
)
def _narrow_zero(_: int, kids: Kids, __: object) -> Word | None:
    constant, pairs = polynomial(kids[0])
    if len(pairs) != 1 or pairs[0][1] != 1 or pairs[0][0].operator not in (WIDE_ZERO, WIDE_SIGN):
        return None
    wide = pairs[0][0]
    narrow = integer(-constant, wide.kids[0].width)
    if build(wide.operator, wide.width, (narrow,)) is not integer(-constant, wide.width):
        return FALSE
    return equal(wide.kids[0], narrow)


@rule(
    ZERO,
    "two flags",
    "(= (= (ite p (_ bv1 {W}) (_ bv0 {W})) (ite q (_ bv1 {W}) (_ bv0 {W}))) (not (xor p q)))",
)
def _two_flags(_: int, kids: Kids, __: object) -> Word | None:
    constant, pairs = polynomial(kids[0])
    if constant or sorted([weight for _, weight in pairs]) != [-1, 1]:
        return None
    tests = [each for each, _ in pairs if of_constants(each)]
    if any((fixed(t.kids[1]), fixed(t.kids[2])) not in ((1, 0), (0, 1)) for t in tests):
        return None
    if len(tests) != 2:
        return None
    one, other = [t.kids[0] if fixed(t.kids[1]) == 1 else negate(t.kids[0]) for t in tests]
    return negate(apart(one, other))


@rule(
    ZERO,
    "a choice met by one branch",
    "(= (= (ite p a b) c) (or (and p (= a c)) (and (not p) (= b c))))",
)
def _chosen_zero(_: int, kids: Kids, __: object) -> Word | None:
    constant, pairs = polynomial(kids[0])
    if len(pairs) != 1 or pairs[0][0].operator != CHOICE:
        return None
    (choice, weight), width = pairs[0], kids[0].width
    test, then, otherwise = choice.kids
    if then.operator != INTEGER and otherwise.operator != INTEGER:
        return None
    met = [
        build(ZERO, 0, (combine(width, [(weight, branch)], constant),))
        for branch in (then, otherwise)
    ]
    return either(both(test, met[0]), both(negate(test), met[1]))


@rule(
    BELOW_SIGNED,
    "against a constant",
    "(not (bvslt a a))",
    "(=> (not (= a (bvlshr (bvnot (_ bv0 {W})) (_ bv1 {W})))) "
    "(= (bvslt a b) (not (bvslt b (bvadd a (_ bv1 {W}))))))",
    "(not (bvslt (bvlshr (bvnot (_ bv0 {W})) (_ bv1 {W})) b))",
    "(not (bvslt a (bvshl (_ bv1 {W}) (_ bv{TOP} {W}))))",
)
def _signed_constant(_: int, kids: Kids, __: object) -> Word | None:
    (left, right), half = kids, 1 << (kids[0].width - 1)
    known = fixed(left)
    if left is right or known == half - 1 or fixed(right) == -half:
        return FALSE
    if known is not None:
        return negate(below(right, integer(known + 1, left.width)))
    return None


@rule(
    BELOW_SIGNED,
    "signs of bits",
    "(= (bvslt (bvor a b) (_ bv0 {W})) (or (bvslt a (_ bv0 {W})) (bvslt b (_ bv0 {W}))))",
    "(= (bvslt (bvand a b) (_ bv0 {W})) (and (bvslt a (_ bv0 {W})) (bvslt b (_ bv0 {W}))))",
    "(= (bvslt (bvsub (bvneg (_ bv1 {W})) a) (_ bv0 {W})) (not (bvslt a (_ bv0 {W}))))",
)
def _signs(_: int, kids: Kids, __: object) -> Word | None:
    left, right = kids
    if fixed(right) != 0:
        return None
    if left.operator == BIT_OR:
        return either(*[below(each, right) for each in left.kids])
    if left.operator == BIT_AND:
        return both(*[below(each, right) for each in left.kids])
    if polynomial(left)[0] == -1 and [factor for _, factor in polynomial(left)[1]] == [-1]:
        return negate(below(left.kids[0], right))
    return None


@rule(
    BELOW_UNSIGNED,
    "against a constant",
    "(not (bvult a a))",
    "(not (bvult a (_ bv0 {W})))",
    "(not (bvult (bvnot (_ bv0 {W})) a))",
    "(= (bvult a (_ bv1 {W})) (= a (_ bv0 {W})))",
    "(=> (not (= a (bvnot (_ bv0 {W})))) (= (bvult a b) (not (bvult b (bvadd a (_ bv1 {W}))))))",
)
def _unsigned_constant(_: int, kids: Kids, __: object) -> Word | None:
    left, right = kids
    known = fixed(left)
    if left is right or fixed(right) == 0 or known == -1:
        return FALSE
    if known is not None:
        return negate(below_unsigned(right, integer(known + 1, left.width)))
    return build(ZERO, 0, (left,)) if fixed(right) == 1 else None


@rule(
    BELOW_UNSIGNED,
    "a range",
    "(=> (and (bvsle (_ bv0 {W}) d) (bvsle b (bvadd b d))) (= (bvult (bvsub a b) d) "
    "(and (not (bvslt a b)) (bvslt a (bvadd b d)))))",
)
def _range(_: int, kids: Kids, __: object) -> Word | None:
    left, right = kids
    length, width = fixed(right), left.width
    constant, pairs = polynomial(left)
    if length is None or length < 0 or length - constant > (1 << (width - 1)) - 1:
        return None
    if constant == -(1 << (width - 1)):
        return None
    low = integer(-constant, width)
    word = combine(width, [(weight, each) for each, weight in pairs])
    return both(negate(below(word, low)), below(word, add(low, right)))


@rule(
    BELOW_SIGNED,
    "the narrow word of an extension",
    "(= (bvslt ((_ sign_extend {H}) x) ((_ sign_extend {H}) y)) (bvslt x y))",
)
def _narrow_below(_: int, kids: Kids, __: object) -> Word | None:
    left, right = kids
    limit = fixed(right)
    if left.operator != WIDE_SIGN or limit is None:
        return None
    narrow = integer(limit, left.kids[0].width)
    return below(left.kids[0], narrow) if fixed(narrow) == limit else None


def _at_most(kids: Kids) -> tuple[Word, Word, Word] | None:
    """The two parts `a == b`, `a < b` of an alternative, and `a <= b`."""
    zeros = [kid for kid in kids if kid.operator == ZERO]
    for kid in kids if zeros else ():
        test = kid.kids[0] if kid.operator == NOT else kid
        if test.operator not in (BELOW_SIGNED, BELOW_UNSIGNED):
            continue
        left, right = test.kids
        if kid is test:
            same, wider = equal(left, right), negate(build(test.operator, 0, (right, left)))
        else:  # x >= c, and x == c - 1
            limit = fixed(right)
            least = -(1 << (right.width - 1)) if test.operator == BELOW_SIGNED else 0
            if limit is None or limit == least:
                continue
            lower = integer(limit - 1, right.width)
            same, wider = equal(left, lower), negate(build(test.operator, 0, (left, lower)))
        for zero in zeros:
            if zero is same:
                return zero, kid, wider
    return None


AT_MOST = (
    "(= (or (= a b) (bvslt a b)) (not (bvslt b a)))",
    "(= (or (= a b) (bvult a b)) (not (bvult b a)))",
    "(=> (not (= c (bvshl (_ bv1 {W}) (_ bv{TOP} {W})))) (= (or (= a (bvsub c (_ bv1 {W}))) "
    "(not (bvslt a c))) (not (bvslt a (bvsub c (_ bv1 {W}))))))",
    "(=> (not (= c (_ bv0 {W}))) (= (or (= a (bvsub c (_ bv1 {W}))) (not (bvult a c))) "
    "(not (bvult a (bvsub c (_ bv1 {W}))))))",
)


@rule(OR, "equal or below", *AT_MOST)
def _at_most_either(_: int, kids: Kids, __: object) -> Word | None:
    found = _at_most(kids)
    if found is None:
        return None
    return either(*[kid for kid in kids if kid not in found[:2]], found[2])


@rule(AND, "unequal and not below", *AT_MOST)
def _at_most_both(_: int, kids: Kids, __: object) -> Word | None:
    found = _at_most(tuple([negate(kid) for kid in kids]))
    if found is None:
        return None
    gone = (negate(found[0]), negate(found[1]))
    return both(*[kid for kid in kids if kid not in gone], negate(found[2]))
