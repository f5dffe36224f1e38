"""How words are made simpler: each rule by name, and beside it the lemma that allows it.

A lemma is the rule in SMT-LIB, valid for all values: `a b c d` are words of W bits, `x y` of half
as many (H), `p q r` truth values. `lemmas` asks both solvers for every one of them.
"""

from collections.abc import Callable

from ..terms import AND, CHOICE, INTEGER, NOT, OR, PRODUCT, SUM, TRUTH, ZERO
from .words import (
    APART,
    BELOW_SIGNED,
    BELOW_UNSIGNED,
    BIT_AND,
    BIT_OR,
    BIT_XOR,
    FALSE,
    HIGH,
    JOIN,
    MEANINGS,
    PART,
    QUOTIENT,
    RIGHT,
    RIGHT_SIGNED,
    SHELF,
    TRUE,
    WIDE_SIGN,
    WIDE_ZERO,
    Rule,
    Word,
    add,
    apart,
    below,
    below_unsigned,
    both,
    build,
    choose,
    combine,
    either,
    equal,
    fixed,
    flag,
    integer,
    join,
    mask,
    multiply,
    negate,
    number,
    part,
    polynomial,
    quotient,
    sign_extended,
    signed,
    subtract,
    truth,
    zero_extended,
)

Kids = tuple[Word, ...]
Rewrite = Callable[[int, Kids, object], Word | None]

# A product of sums with more monomials than this stays a product.
MANY = 400

CHOICES = "(= (ite p a a) a)", "(= (ite (not p) a b) (ite p b a))"
ABSORBED = (
    "(= (or p (and p q)) p)",
    "(= (and p (or p q)) p)",
    "(= (or p (and (not p) q)) (or p q))",
    "(= (and p (or (not p) q)) (and p q))",
)
RING = (
    "(= (bvadd a b) (bvadd b a))",
    "(= (bvadd (bvadd a b) c) (bvadd a (bvadd b c)))",
    "(= (bvmul a b) (bvmul b a))",
    "(= (bvsub a b) (bvadd a (bvmul (bvneg (_ bv1 {W})) b)))",
    "(= (bvadd (bvmul (_ bv3 {W}) a) (bvmul (_ bv5 {W}) a)) (bvmul (_ bv8 {W}) a))",
)
DISTRIBUTED = "(= (bvmul a (bvadd b c)) (bvadd (bvmul a b) (bvmul a c)))"


def rule(operator: str, name: str, *lemmas: str, basic: bool = False) -> Callable[[Rewrite], Rewrite]:
    """Put a rewrite among those of an operation."""

    def register(apply: Rewrite) -> Rewrite:
        SHELF.rules.setdefault(operator, []).append(Rule(name, operator, apply, lemmas, basic))
        return apply

    return register


def of_constants(word: Word) -> bool:
    """True for a choice between two constants."""
    return word.operator == CHOICE and word.kids[1].operator == word.kids[2].operator == INTEGER


def inside(operator: str, width: int, kids: Kids, data: object) -> Word | None:
    """An operation on a choice between constants is a choice between its results."""
    if operator == SUM and len(kids) > 1:
        return None
    for at, kid in enumerate(kids):
        rest = [other for i, other in enumerate(kids) if i != at]
        if of_constants(kid) and all(o.operator == INTEGER or of_constants(o) for o in rest):
            then, otherwise = (
                build(operator, width, (*kids[:at], kid.kids[branch], *kids[at + 1 :]), data)
                for branch in (1, 2)
            )
            return choose(kid.kids[0], then, otherwise)
    return None


# ---- constants, everywhere -------------------------------------------------------------------


def _computed(operator: str) -> Rewrite:
    def apply(width: int, kids: Kids, data: object) -> Word | None:
        if not kids or any(kid.operator not in (INTEGER, TRUTH) for kid in kids):
            return None
        values = tuple([number(kid.data) & mask(kid.width) for kid in kids])
        found = MEANINGS[operator](values, kids[0].width, data)
        return integer(found, width) if width else truth(bool(found))

    return apply


def _chosen(operator: str) -> Rewrite:
    return lambda width, kids, data: inside(operator, width, kids, data)


for _operator in MEANINGS:
    rule(_operator, "computed", "(= (bvadd #x03 #x04) #x07)", basic=True)(_computed(_operator))
for _operator in (
    SUM, ZERO, BELOW_SIGNED, BELOW_UNSIGNED, BIT_AND, BIT_OR, BIT_XOR,
    PART, WIDE_ZERO, WIDE_SIGN, RIGHT, RIGHT_SIGNED,
):  # fmt: skip
    rule(
        _operator,
        "in each branch",
        "(= (bvadd c (ite p a b)) (ite p (bvadd c a) (bvadd c b)))",
        "(= (= c (ite p a b)) (or (and p (= c a)) (and (not p) (= c b))))",
    )(_chosen(_operator))


# ---- sums and products: polynomials modulo 2^W -----------------------------------------------


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
    pairs = tuple([pair[0] for pair in found])
    weighted = (constant, *[pair[1] for pair in found])
    return None if (pairs, weighted) == (kids, data) else build(SUM, width, pairs, weighted)


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


# ---- truth values ----------------------------------------------------------------------------


@rule(
    NOT,
    "negation moved inwards",
    "(= (not (not p)) p)",
    "(= (not (and p q)) (or (not p) (not q)))",
    "(= (not (or p q)) (and (not p) (not q)))",
)
def _inwards(_: int, kids: Kids, __: object) -> Word | None:
    kid = kids[0]
    if kid.operator == NOT:
        return kid.kids[0]
    if kid.operator == AND:
        return either(*[negate(each) for each in kid.kids])
    if kid.operator == OR:
        return both(*[negate(each) for each in kid.kids])
    return None


def _joined(operator: str, kids: Kids) -> Word | None:
    neutral, deciding = (TRUE, FALSE) if operator == AND else (FALSE, TRUE)
    kept: dict[Word, None] = {}
    for kid in kids:
        for each in kid.kids if kid.operator == operator else (kid,):
            if each is deciding:
                return deciding
            if each is not neutral:
                kept[each] = None
    if any(negate(each) in kept for each in kept):
        return deciding
    if not kept:
        return neutral
    if len(kept) == 1:
        return next(iter(kept))
    found = tuple(sorted(kept, key=lambda each: each.number))
    return None if found == kids else build(operator, 0, found)


def _absorbed(operator: str, kids: Kids) -> Word | None:
    inner = OR if operator == AND else AND
    among = set(kids)
    for at, kid in enumerate(kids):
        if kid.operator != inner:
            continue
        others = kids[:at] + kids[at + 1 :]
        if any(each in among for each in kid.kids):
            return build(operator, 0, others)
        rest = tuple([each for each in kid.kids if negate(each) not in among])
        if len(rest) < len(kid.kids):
            return build(operator, 0, (*others, build(inner, 0, rest)))
    return None


JOINED = (
    "(= (or p (or q r)) (or (or r q) p))",
    "(= (and p (and q r)) (and (and r q) p))",
    "(or p (not p))",
    "(not (and p (not p)))",
)


@rule(AND, "parts in order, each once", *JOINED)
def _joined_both(_: int, kids: Kids, __: object) -> Word | None:
    return _joined(AND, kids)


@rule(OR, "parts in order, each once", *JOINED)
def _joined_either(_: int, kids: Kids, __: object) -> Word | None:
    return _joined(OR, kids)


@rule(AND, "a part that another decides", *ABSORBED)
def _absorbed_both(_: int, kids: Kids, __: object) -> Word | None:
    return _absorbed(AND, kids)


@rule(OR, "a part that another decides", *ABSORBED)
def _absorbed_either(_: int, kids: Kids, __: object) -> Word | None:
    return _absorbed(OR, kids)


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


@rule(
    APART,
    "differences of differences",
    "(= (xor p p) false)",
    "(= (xor p (not p)) true)",
    "(= (xor p false) p)",
    "(= (xor p true) (not p))",
    "(= (xor (not p) q) (not (xor p q)))",
    "(= (xor (xor p q) q) p)",
    "(= (xor p q) (xor q p))",
)
def _apart(_: int, kids: Kids, __: object) -> Word | None:
    for one, other in (kids, kids[::-1]):
        if one.operator == TRUTH:
            return negate(other) if one is TRUE else other
        if one.operator == NOT:
            return negate(apart(one.kids[0], other))
        if one.operator == APART and other in one.kids:
            return one.kids[0] if one.kids[1] is other else one.kids[1]
    if kids[0] is kids[1]:
        return FALSE
    return apart(kids[1], kids[0]) if kids[0].number > kids[1].number else None


# ---- comparisons -----------------------------------------------------------------------------


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
)
def _no_bit(_: int, kids: Kids, __: object) -> Word | None:
    kid = kids[0]
    if kid.operator == BIT_OR:
        return both(*[build(ZERO, 0, (each,)) for each in kid.kids])
    if kid.operator == BIT_XOR:
        return equal(*kid.kids)
    constant, pairs = polynomial(kid)
    if constant == 1 and len(pairs) == 1 and pairs[0][1] == 1 and pairs[0][0].operator == BIT_XOR:
        left, right = pairs[0][0].kids
        return equal(subtract(integer(-1, left.width), left), right)
    return None


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


# ---- choices ---------------------------------------------------------------------------------


@rule(
    CHOICE,
    "a choice that is none",
    *CHOICES,
    "(= (ite p q r) (or (and p q) (and (not p) r)))",
    "(= (ite p (ite p a b) c) (ite p a c))",
    "(= (ite p a (ite p b c)) (ite p a c))",
)
def _choice(width: int, kids: Kids, _: object) -> Word | None:
    test, then, otherwise = kids
    if then is otherwise or test is TRUE:
        return then
    if test is FALSE:
        return otherwise
    if width == 0:
        return either(both(test, then), both(negate(test), otherwise))
    if test.operator == NOT:
        return choose(test.kids[0], otherwise, then)
    if then.operator == CHOICE and then.kids[0] is test:
        return choose(test, then.kids[1], otherwise)
    if otherwise.operator == CHOICE and otherwise.kids[0] is test:
        return choose(test, then, otherwise.kids[2])
    return None


@rule(
    CHOICE,
    "two choices of the same",
    "(= (ite p (ite q a b) b) (ite (and p q) a b))",
    "(= (ite p (ite q b a) b) (ite (and p (not q)) a b))",
    "(= (ite p a (ite q a b)) (ite (or p q) a b))",
    "(= (ite p a (ite q b a)) (ite (or p (not q)) a b))",
)
def _same_choices(_: int, kids: Kids, __: object) -> Word | None:
    test, then, otherwise = kids
    if then.operator == CHOICE:
        inner, one, other = then.kids
        if other is otherwise:
            return choose(both(test, inner), one, other)
        if one is otherwise:
            return choose(both(test, negate(inner)), other, one)
    if otherwise.operator == CHOICE:
        inner, one, other = otherwise.kids
        if one is then:
            return choose(either(test, inner), one, other)
        if other is then:
            return choose(either(test, negate(inner)), other, one)
    return None


# ---- bits ------------------------------------------------------------------------------------


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


def narrowed(word: Word, width: int) -> Word | None:
    """The word of which another is the sign extension."""
    if word.operator == WIDE_SIGN and word.kids[0].width == width:
        return word.kids[0]
    known = fixed(word)
    if known is None or not -(1 << (width - 1)) <= known < 1 << (width - 1):
        return None
    return integer(known, width)


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


@rule(WIDE_SIGN, "extended twice", "(= ((_ sign_extend 8) ((_ zero_extend 4) x)) ((_ zero_extend 12) x))")
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


# ---- division by a constant ------------------------------------------------------------------


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
    # With the multiplier and the shift at hand `lemmas` asks for this one over the integers.
    "(= (bvsub (bvashr ((_ extract {TOP} {H}) (bvmul ((_ sign_extend {H}) x) (concat (_ bv0 {H}) "
    "x))) (_ bv0 {H})) (bvashr x (_ bv{HTOP} {H}))) (bvadd (bvashr ((_ extract {TOP} {H}) (bvmul "
    "((_ sign_extend {H}) x) (concat (_ bv0 {H}) x))) (_ bv0 {H})) (bvneg (bvashr x "
    "(_ bv{HTOP} {H})))))",
)
def _divided(width: int, kids: Kids, data: object) -> Word | None:
    constant, pairs = polynomial(build_as_is(width, kids, data))
    for word, weight in pairs:
        if width != 64 or weight == -weight or word.operator not in (RIGHT_SIGNED, HIGH):
            continue
        found = _inverse(word)
        if found is None:
            continue
        left, multiplier, shift = found
        sign = build(RIGHT_SIGNED, width, (left,), width - 1)
        if (sign, -weight) not in pairs:
            continue
        by = divisor(multiplier, shift)
        SHELF.multipliers[(multiplier, shift)] = by
        rest = [(factor, each) for each, factor in pairs if each not in (word, sign)]
        whole = quotient(left, integer(by))
        return combine(width, [*rest, (weight, whole)], constant)
    return None


def build_as_is(width: int, kids: Kids, data: object) -> Word:
    """A sum in its order already."""
    from .words import make

    return make(SUM, width, kids, data)


@rule(QUOTIENT, "divided by one", "(= (bvsdiv x (_ bv1 {H})) x)")
def _by_one(_: int, kids: Kids, __: object) -> Word | None:
    return kids[0] if fixed(kids[1]) == 1 else None
