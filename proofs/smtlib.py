"""Terms as SMT-LIB 2 text: the one text that every solver reads and that `--smt2` writes out."""

from collections.abc import Iterable, Sequence

from .terms import (
    AND,
    AT_MOST_ZERO,
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
    polynomial,
)
from .walks import in_order

# Below this length a shared term is written out again: naming it would not be shorter.
SHORT = 24


def number(value: int) -> str:
    """An integer literal; SMT-LIB has no negative ones."""
    return str(value) if value >= 0 else f"(- {-value})"


def symbol(name: str) -> str:
    """A quoted symbol: the names of fields and slots stay as people write them."""
    return f"|{name}|"


def _joined(operator: str, parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({operator} {' '.join(parts)})"


def _weighted(weight: int, text: str) -> str:
    return text if weight == 1 else f"(* {number(weight)} {text})"


def _sum(term: Term, shown: dict[Term, str]) -> str:
    fixed, pairs = polynomial(term)
    parts = [_weighted(weight, shown[kid]) for kid, weight in pairs]
    return _joined("+", [*parts, number(fixed)] if fixed else parts)


def _comparison(operator: str, term: Term, shown: dict[Term, str]) -> str:
    """Positive monomials stand on the left, the others on the right, as people would write it."""
    fixed, pairs = polynomial(term)
    left = [_weighted(weight, shown[kid]) for kid, weight in pairs if weight > 0]
    right = [_weighted(-weight, shown[kid]) for kid, weight in pairs if weight < 0]
    if fixed > 0:
        left.append(number(fixed))
    if fixed < 0:
        right.append(number(-fixed))
    return f"({operator} {_joined('+', left or ['0'])} {_joined('+', right or ['0'])})"


def _text(term: Term, shown: dict[Term, str]) -> str:
    kids = term.kids
    if term.operator == INTEGER:
        assert isinstance(term.data, int)
        return number(term.data)
    if term.operator == TRUTH:
        return "true" if term.data else "false"
    if term.operator in (VARIABLE, CONDITION):
        return symbol(str(term.data))
    if term.operator == SUM:
        return _sum(term, shown)
    if term.operator in (AT_MOST_ZERO, ZERO):
        return _comparison("<=" if term.operator == AT_MOST_ZERO else "=", kids[0], shown)
    operator = {CHOICE: "ite", PRODUCT: "*", NOT: "not", AND: "and", OR: "or"}[term.operator]
    return f"({operator} {' '.join([shown[kid] for kid in kids])})"


def script(assertions: Iterable[Term], title: str = "", linear: bool = False) -> str:
    """A whole query: unsatisfiable means that what it denies holds.

    With `linear`, each product of unknowns is an unknown of its own. That only forgets, so
    unsatisfiable still means that; satisfiable means nothing.
    """
    roots = list(assertions)
    terms = in_order(roots)
    uses: dict[Term, int] = {}
    nonlinear = False
    for term in terms:
        nonlinear = nonlinear or (term.operator == PRODUCT and not linear)
        for kid in term.kids:
            uses[kid] = uses.get(kid, 0) + 1
        # A comparison is written from the monomials of its sum, not from the sum itself.
        if term.operator in (AT_MOST_ZERO, ZERO) and term.kids[0].operator == SUM:
            uses[term.kids[0]] -= 1
            for kid in term.kids[0].kids:
                uses[kid] = uses.get(kid, 0) + 1
    lines = [f"; {line}" for line in title.splitlines()]
    lines.append(f"(set-logic {'QF_NIA' if nonlinear else 'QF_LIA'})")
    shown: dict[Term, str] = {}
    for term in terms:
        text = _text(term, shown)
        if linear and term.operator == PRODUCT:
            text = f"$product{term.number}"
        if term.operator in (VARIABLE, CONDITION) or (linear and term.operator == PRODUCT):
            lines.append(f"(declare-const {text} {'Bool' if term.boolean else 'Int'})")
        elif uses.get(term, 0) > 1 and len(text) > SHORT:
            name = f"${term.number}"
            sort = "Bool" if term.boolean else "Int"
            lines.append(f"(define-fun {name} () {sort} {text})")
            text = name
        shown[term] = text
    lines.extend(f"(assert {shown[root]})" for root in roots)
    lines.append("(check-sat)")
    return "\n".join(lines) + "\n"
