"""Truth values, and choices by them."""

from ...terms import AND, CHOICE, NOT, OR, TRUTH
from ..words import APART, FALSE, TRUE, Word, apart, both, build, choose, either, negate
from .rule import Kids, rule

CHOICES = "(= (ite p a a) a)", "(= (ite (not p) a b) (ite p b a))"
ABSORBED = (
    "(= (or p (and p q)) p)",
    "(= (and p (or p q)) p)",
    "(= (or p (and (not p) q)) (or p q))",
    "(= (and p (or (not p) q)) (and p q))",
)


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
    outward, inward = (both, either) if operator == AND else (either, both)
    among = set(kids)
    for at, kid in enumerate(kids):
        if kid.operator != inner:
            continue
        others = kids[:at] + kids[at + 1 :]
        if any(each in among for each in kid.kids):
            return outward(*others)
        rest = tuple([each for each in kid.kids if negate(each) not in among])
        if len(rest) < len(kid.kids):
            return outward(*others, inward(*rest))
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
