"""Integer and boolean terms: immutable, shared, and simplified as they are built.

Every term exists once (hash-consing), so two terms are equal if and only if they are the same
object, and a table keyed by terms is a table keyed by meaning. Integers are kept as polynomials:
a sum of monomials with integer factors, each monomial a product of atoms (variables and choices).
Comparisons are kept as `polynomial <= 0` and `polynomial == 0`, negation is pushed inwards. So
most of what a prover would call "obvious" is already syntactically equal.
"""

from collections.abc import Iterable, Iterator
from math import gcd

Value = int | bool

INTEGER = "integer"
VARIABLE = "variable"
CHOICE = "choice"
PRODUCT = "product"
SUM = "sum"
TRUTH = "truth"
CONDITION = "condition"
AT_MOST_ZERO = "<= 0"
ZERO = "== 0"
NOT = "not"
AND = "and"
OR = "or"

# Conjunctions of more parts than this are not searched for parts that follow from others.
FEW = 8
# Choices nested deeper than this are compared as they are.
LAYERS = 6

BOOLEAN_OPERATORS = frozenset({TRUTH, CONDITION, AT_MOST_ZERO, ZERO, NOT, AND, OR})


class Term:
    """One node; `number` is its place in the order of creation, stable for the whole process."""

    __slots__ = ("data", "kids", "negation", "number", "operator")

    operator: str
    kids: "tuple[Term, ...]"
    data: object
    number: int
    negation: "Term | None"

    def __repr__(self) -> str:
        return f"<{render(self)}>"

    @property
    def boolean(self) -> bool:
        """True for a truth value, False for an integer."""
        return self.operator in BOOLEAN_OPERATORS


_table: dict[tuple[object, ...], Term] = {}


def _make(operator: str, kids: tuple[Term, ...], data: object = None) -> Term:
    key = (operator, data, *[kid.number for kid in kids])
    found = _table.get(key)
    if found is None:
        found = Term()
        found.operator, found.kids, found.data = operator, kids, data
        found.number, found.negation = len(_table), None
        _table[key] = found
    return found


TRUE = _make(TRUTH, (), True)
FALSE = _make(TRUTH, (), False)
TRUE.negation, FALSE.negation = FALSE, TRUE

_integers: dict[int, Term] = {}


def integer(value: int) -> Term:
    """The constant."""
    found = _integers.get(value)
    if found is None:
        found = _integers[value] = _make(INTEGER, (), int(value))
    return found


def truth(value: bool) -> Term:
    """The constant."""
    return TRUE if value else FALSE


def variable(name: str) -> Term:
    """An unknown integer; the same name is the same unknown."""
    return _make(VARIABLE, (), name)


def condition(name: str) -> Term:
    """An unknown truth value; the same name is the same unknown."""
    return _make(CONDITION, (), name)


def constant(term: Term) -> Value | None:
    """The value of a constant term, None for any other."""
    if term.operator in (INTEGER, TRUTH):
        value = term.data
        assert isinstance(value, int)
        return value
    return None


# ---- integers --------------------------------------------------------------------------------

Monomials = dict[Term, int]


def polynomial(term: Term) -> tuple[int, tuple[tuple[Term, int], ...]]:
    """The constant part, and each monomial with its factor."""
    if term.operator == SUM:
        data = term.data
        assert isinstance(data, tuple)
        return data[0], tuple(zip(term.kids, data[1:], strict=True))
    if term.operator == INTEGER:
        assert isinstance(term.data, int)
        return term.data, ()
    return 0, ((term, 1),)


def _from_monomials(fixed: int, monomials: Monomials) -> Term:
    pairs = [(term, factor) for term, factor in monomials.items() if factor]
    if not pairs:
        return integer(fixed)
    if len(pairs) == 1 and fixed == 0 and pairs[0][1] == 1:
        return pairs[0][0]
    pairs.sort(key=lambda pair: pair[0].number)
    return _make(SUM, tuple([t for t, _ in pairs]), (fixed, *[factor for _, factor in pairs]))


def combine(parts: Iterable[tuple[int, Term]]) -> Term:
    """The sum of `factor * term` over all parts."""
    fixed = 0
    monomials: Monomials = {}
    for factor, part in parts:
        own, pairs = polynomial(part)
        fixed += factor * own
        for monomial, weight in pairs:
            monomials[monomial] = monomials.get(monomial, 0) + factor * weight
    return _from_monomials(fixed, monomials)


def add(*terms: Term) -> Term:
    """The sum of all."""
    return combine([(1, term) for term in terms])


def subtract(left: Term, right: Term) -> Term:
    """`left - right`."""
    return combine(((1, left), (-1, right)))


def negative(term: Term) -> Term:
    """`-term`."""
    return combine(((-1, term),))


def factors(monomial: Term) -> tuple[Term, ...]:
    """The atoms of which a monomial is the product."""
    return monomial.kids if monomial.operator == PRODUCT else (monomial,)


def multiply(left: Term, right: Term) -> Term:
    """The product, multiplied out."""
    fixed_left, pairs_left = polynomial(left)
    fixed_right, pairs_right = polynomial(right)
    if not pairs_left:
        return combine(((fixed_left, right),))
    if not pairs_right:
        return combine(((fixed_right, left),))
    monomials: Monomials = {}
    for monomial, weight in pairs_left:
        monomials[monomial] = weight * fixed_right
    for monomial, weight in pairs_right:
        monomials[monomial] = monomials.get(monomial, 0) + weight * fixed_left
    for a, weight_a in pairs_left:
        for b, weight_b in pairs_right:
            atoms = sorted((*factors(a), *factors(b)), key=lambda atom: atom.number)
            product = _make(PRODUCT, tuple(atoms))
            monomials[product] = monomials.get(product, 0) + weight_a * weight_b
    return _from_monomials(fixed_left * fixed_right, monomials)


def choose(test: Term, then: Term, otherwise: Term) -> Term:
    """`then` where the test holds, else `otherwise`; of two integers or of two truth values."""
    if then is otherwise or test is TRUE:
        return then
    if test is FALSE:
        return otherwise
    if then.boolean:
        if then is TRUE:
            return either(test, otherwise)
        if then is FALSE:
            return both(negate(test), otherwise)
        if otherwise is TRUE:
            return either(negate(test), then)
        if otherwise is FALSE:
            return both(test, then)
        return both(either(negate(test), then), either(test, otherwise))
    if test.operator == NOT:
        test, then, otherwise = test.kids[0], otherwise, then
    if then.operator == CHOICE and then.kids[0] is test:
        then = then.kids[1]
    if otherwise.operator == CHOICE:
        if otherwise.kids[0] is test:
            otherwise = otherwise.kids[2]
        if otherwise.operator == CHOICE and otherwise.kids[1] is then:
            return choose(either(test, otherwise.kids[0]), then, otherwise.kids[2])
    if then is otherwise:
        return then
    return _make(CHOICE, (test, then, otherwise))


# ---- comparisons -----------------------------------------------------------------------------

_compared: dict[tuple[str, Term], Term] = {}


def _compare_with_zero(operator: str, term: Term) -> Term:
    key = (operator, term)
    found = _compared.get(key)
    if found is None:
        found = _compared[key] = _compare(operator, term)
    return found


def _compare(operator: str, term: Term) -> Term:
    fixed, pairs = polynomial(term)
    if not pairs:
        return truth(fixed <= 0 if operator == AT_MOST_ZERO else fixed == 0)
    tests = {atom.kids[0] for monomial, _ in pairs for atom in choices(monomial)}
    if len(tests) == 1:
        test = tests.pop()
        then = _compare_with_zero(operator, taken(term, test, 1))
        otherwise = _compare_with_zero(operator, taken(term, test, 2))
        if then.operator == TRUTH or otherwise.operator == TRUTH or layers(term) <= LAYERS:
            return choose(test, then, otherwise)
    divisor = 0
    for _, weight in pairs:
        divisor = gcd(divisor, weight)
    if operator == ZERO:
        if fixed % divisor:
            return FALSE
        if pairs[0][1] < 0:
            divisor = -divisor
        fixed //= divisor
    else:
        fixed = -(-fixed // divisor)
    if divisor != 1:
        term = _from_monomials(fixed, {kid: weight // divisor for kid, weight in pairs})
    return _make(operator, (term,))


def choices(monomial: Term) -> Iterator[Term]:
    """The choices among the factors of a monomial."""
    for atom in factors(monomial):
        if atom.operator == CHOICE:
            yield atom


_layers: dict[Term, int] = {}


def layers(term: Term) -> int:
    """How deep choices are nested in a polynomial."""
    found = _layers.get(term)
    if found is None:
        inner = [
            max(layers(choice.kids[1]), layers(choice.kids[2])) + 1
            for monomial, _ in polynomial(term)[1]
            for choice in choices(monomial)
        ]
        found = _layers[term] = max(inner, default=0)
    return found


def taken(term: Term, test: Term, branch: int) -> Term:
    """A polynomial with every choice by this test made: kid 1 where it holds, kid 2 elsewhere.

    A comparison of such choices is a choice between comparisons, each of which often stands among
    the facts already.
    """
    fixed, pairs = polynomial(term)
    parts = [(1, integer(fixed))]
    for monomial, weight in pairs:
        product = integer(1)
        for atom in factors(monomial):
            made = atom.operator == CHOICE and atom.kids[0] is test
            product = multiply(product, atom.kids[branch] if made else atom)
        parts.append((weight, product))
    return combine(parts)


def at_most(left: Term, right: Term) -> Term:
    """`left <= right`."""
    return _compare_with_zero(AT_MOST_ZERO, combine(((1, left), (-1, right))))


def below(left: Term, right: Term) -> Term:
    """`left < right`."""
    return _compare_with_zero(AT_MOST_ZERO, combine(((1, left), (-1, right), (1, integer(1)))))


def equal(left: Term, right: Term) -> Term:
    """`left == right`, of two integers or of two truth values."""
    if left.boolean:
        return choose(left, right, negate(right))
    return _compare_with_zero(ZERO, combine(((1, left), (-1, right))))


# ---- truth values ----------------------------------------------------------------------------


def negate(term: Term) -> Term:
    """`not term`, pushed inwards."""
    found = term.negation
    if found is None:
        if term.operator == NOT:
            found = term.kids[0]
        elif term.operator == AT_MOST_ZERO:
            found = below(integer(0), term.kids[0])
        elif term.operator == AND:
            found = either(*[negate(kid) for kid in term.kids])
        elif term.operator == OR:
            found = both(*[negate(kid) for kid in term.kids])
        else:
            found = _make(NOT, (term,))
        term.negation = found
        if found.negation is None:
            found.negation = term
    return found


def _join(operator: str, terms: tuple[Term, ...], neutral: Term, deciding: Term) -> Term:
    kept: dict[Term, None] = {}
    for term in terms:
        for kid in term.kids if term.operator == operator else (term,):
            if kid is deciding:
                return deciding
            if kid is not neutral:
                kept[kid] = None
    if not kept:
        return neutral
    for kid in kept:
        if kid.negation is not None and kid.negation in kept:
            return deciding
    if operator == OR or len(kept) <= FEW:
        simpler = [_absorbed(kid, kept, AND if operator == OR else OR) for kid in kept]
        if any(new is not old for new, old in zip(simpler, kept, strict=True)):
            return _join(
                operator, tuple(kid for kid in simpler if kid is not None), neutral, deciding
            )
    if len(kept) == 1:
        return next(iter(kept))
    return _make(operator, tuple(sorted(kept, key=lambda kid: kid.number)))


def _absorbed(kid: Term, kept: dict[Term, None], inner: str) -> Term | None:
    """`p or (p and q)` is `p`, `p or (not p and q)` is `p or q`; the same for `and`."""
    if kid.operator != inner:
        return kid
    if any(part in kept for part in kid.kids):
        return None
    rest = [part for part in kid.kids if part.negation is None or part.negation not in kept]
    if len(rest) == len(kid.kids):
        return kid
    return both(*rest) if inner == AND else either(*rest)


def both(*terms: Term) -> Term:
    """The conjunction of all."""
    return _join(AND, terms, TRUE, FALSE)


def either(*terms: Term) -> Term:
    """The disjunction of all."""
    return _join(OR, terms, FALSE, TRUE)


def implies(hypothesis: Term, conclusion: Term) -> Term:
    """`not hypothesis or conclusion`."""
    return either(negate(hypothesis), conclusion)


def conjuncts(term: Term) -> tuple[Term, ...]:
    """The parts that must all hold."""
    if term.operator == AND:
        return term.kids
    return () if term is TRUE else (term,)


def clauses(term: Term) -> Iterator[Term]:
    """The parts that must all hold, `a or (b and c)` taken as `a or b` and `a or c`.

    Only the widest conjunction of a part is taken apart, so their number stays linear.
    """
    for part in conjuncts(term):
        joint = [kid for kid in part.kids if kid.operator == AND] if part.operator == OR else []
        if not joint:
            yield part
            continue
        widest = max(joint, key=lambda kid: len(kid.kids))
        rest = [kid for kid in part.kids if kid is not widest]
        for kid in widest.kids:
            yield either(*rest, kid)


# ---- for people -----------------------------------------------------------------------------


def render(term: Term, depth: int = 6) -> str:
    """A short text for people; what lies deeper than `depth` is left out."""
    if term.operator in (INTEGER, VARIABLE, TRUTH, CONDITION):
        return str(term.data)
    if depth == 0:
        return "..."
    kids = [render(kid, depth - 1) for kid in term.kids]
    if term.operator == SUM:
        fixed, pairs = polynomial(term)
        shown = [f"{w}*{kid}" if w != 1 else kid for kid, (_, w) in zip(kids, pairs, strict=True)]
        return " + ".join([*shown, str(fixed)] if fixed else shown)
    if term.operator in (AT_MOST_ZERO, ZERO):
        return f"{kids[0]} {term.operator}"
    if term.operator == CHOICE:
        return f"({kids[1]} if {kids[0]} else {kids[2]})"
    joint = {PRODUCT: " * ", AND: " and ", OR: " or "}.get(term.operator)
    return f"({joint.join(kids)})" if joint else f"not ({kids[0]})"
