"""Facts about products that hold for all integers: instances of `x >= 0 and y >= 0 -> x*y >= 0`.

Solvers find products hard; which instances matter can be read off the query. Nothing is assumed
here: each hint is true whatever the unknowns are, so any number of them is sound.
"""

from collections.abc import Iterable, Iterator

from .terms import (
    AT_MOST_ZERO,
    PRODUCT,
    ZERO,
    Term,
    at_most,
    both,
    conjuncts,
    constant,
    implies,
    integer,
    multiply,
    polynomial,
    subtract,
)
from .walks import in_order

# At most this many pairs of products with a common factor are compared.
PAIRS = 400
ROUNDS = 4
ZERO_TERM = integer(0)
ONE = integer(1)
Bounds = dict[Term, list[int | None]]


def products_in(assertions: Iterable[Term]) -> list[Term]:
    """The products of unknowns in a query."""
    return [term for term in in_order(assertions) if term.operator == PRODUCT]


def sign(x: Term, y: Term) -> Term:
    """`x >= 0 and y >= 0 -> x*y >= 0`."""
    return implies(
        both(at_most(ZERO_TERM, x), at_most(ZERO_TERM, y)), at_most(ZERO_TERM, multiply(x, y))
    )


def hints(assertions: list[Term], pairs: Iterable[tuple[Term, Term]]) -> list[Term]:
    """The instances for the products of a query, and for the factor pairs of its source."""
    found: dict[Term, None] = {}
    present = products_in(assertions)
    if not present:
        return []
    inside = set(present)
    factored: dict[tuple[Term, Term], None] = {}
    for product in present:
        if len(product.kids) == 2:
            factored[(product.kids[0], product.kids[1])] = None
    for x, y in pairs:
        monomials = products_in((multiply(x, y),))
        if monomials and all(monomial in inside for monomial in monomials):
            factored[(x, y)] = None
    ranges = bounds(assertions)
    for x, y in factored:
        for hint in (*signs(x, y), *boxes(x, y, ranges)):
            found[hint] = None
    for hint in compared(list(factored)):
        found[hint] = None
    return [hint for hint in found if constant(hint) is None]


def signs(x: Term, y: Term) -> Iterator[Term]:
    """The sign of a product, and that a factor of at least one does not make it smaller."""
    yield sign(x, y)
    yield sign(subtract(x, ONE), y)
    yield sign(x, subtract(y, ONE))


def boxes(x: Term, y: Term, ranges: Bounds) -> Iterator[Term]:
    """What follows for a product from constant bounds of its factors (McCormick)."""
    low_x, high_x = interval(x, ranges)
    low_y, high_y = interval(y, ranges)
    sides_x = [subtract(x, integer(low_x))] if low_x else []
    sides_x += [subtract(integer(high_x), x)] if high_x is not None else []
    sides_y = [subtract(y, integer(low_y))] if low_y else []
    sides_y += [subtract(integer(high_y), y)] if high_y is not None else []
    for side_x in [x, *sides_x]:
        for side_y in [y, *sides_y]:
            yield sign(side_x, side_y)


def compared(factored: list[tuple[Term, Term]]) -> Iterator[Term]:
    """Two products with a common factor are ordered as their other factors are."""
    by_factor: dict[Term, dict[Term, None]] = {}
    for x, y in factored:
        by_factor.setdefault(x, {})[y] = None
        by_factor.setdefault(y, {})[x] = None
    count = 0
    for common, others in by_factor.items():
        listed = list(others)
        for i, one in enumerate(listed):
            for other in listed[:i]:
                count += 1
                if count > PAIRS:
                    return
                yield sign(common, subtract(one, other))
                yield sign(common, subtract(other, one))
                yield sign(common, subtract(subtract(one, other), ONE))
                yield sign(common, subtract(subtract(other, one), ONE))


# ---- constant bounds -------------------------------------------------------------------------


def bounds(assertions: Iterable[Term]) -> Bounds:
    """Constant bounds of monomials, as far as single comparisons give them."""
    rows: list[tuple[int, tuple[tuple[Term, int], ...]]] = []
    for assertion in assertions:
        for part in conjuncts(assertion):
            if part.operator in (AT_MOST_ZERO, ZERO):
                fixed, terms = polynomial(part.kids[0])
                rows.append((fixed, terms))
                if part.operator == ZERO:
                    rows.append((-fixed, tuple((term, -weight) for term, weight in terms)))
    found: Bounds = {}
    for _ in range(ROUNDS):
        changed = [_tighten(fixed, terms, found) for fixed, terms in rows]
        if not any(changed):
            break
    return found


def _tighten(fixed: int, terms: tuple[tuple[Term, int], ...], found: Bounds) -> bool:
    """Use `fixed + sum(weight * term) <= 0` for each term in turn."""
    least: list[int | None] = []
    for term, weight in terms:
        low, high = found.get(term, (None, None))
        end = low if weight > 0 else high
        least.append(None if end is None else weight * end)
    open_ends = sum(1 for value in least if value is None)
    if open_ends > 1:
        return False
    total = fixed + sum(value for value in least if value is not None)
    changed = False
    for (term, weight), own in zip(terms, least, strict=True):
        if open_ends and own is not None:
            continue
        rest = total - (own or 0)
        entry = found.setdefault(term, [None, None])
        if weight > 0:
            limit = (-rest) // weight
            if entry[1] is None or limit < entry[1]:
                entry[1], changed = limit, True
        else:
            limit = -((-rest) // -weight)
            if entry[0] is None or limit > entry[0]:
                entry[0], changed = limit, True
    return changed


def interval(term: Term, ranges: Bounds) -> tuple[int | None, int | None]:
    """Constant bounds of a polynomial."""
    fixed, terms = polynomial(term)
    low: int | None = fixed
    high: int | None = fixed
    for monomial, weight in terms:
        least, greatest = ranges.get(monomial, (None, None))
        if weight < 0:
            least, greatest = greatest, least
        low = None if low is None or least is None else low + weight * least
        high = None if high is None or greatest is None else high + weight * greatest
    return low, high
