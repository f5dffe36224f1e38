"""How a rule is put among those of its operation, and the rules that every operation has."""

from collections.abc import Callable

from ...terms import CHOICE, INTEGER, SUM, TRUTH, ZERO
from ..words import (
    BELOW_SIGNED,
    BELOW_UNSIGNED,
    BIT_AND,
    BIT_OR,
    BIT_XOR,
    MEANINGS,
    PART,
    RIGHT,
    RIGHT_SIGNED,
    SHELF,
    WIDE_SIGN,
    WIDE_ZERO,
    Rule,
    Word,
    build,
    choose,
    fixed,
    integer,
    mask,
    number,
    truth,
)

Kids = tuple[Word, ...]
Rewrite = Callable[[int, Kids, object], Word | None]


def rule(
    operator: str, name: str, *lemmas: str, basic: bool = False
) -> Callable[[Rewrite], Rewrite]:
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


def narrowed(word: Word, width: int) -> Word | None:
    """The word of which another is the sign extension."""
    if word.operator == WIDE_SIGN and word.kids[0].width == width:
        return word.kids[0]
    known = fixed(word)
    if known is None or not -(1 << (width - 1)) <= known < 1 << (width - 1):
        return None
    return integer(known, width)


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
