"""Walks over terms: their parts, their unknowns, what bears on a goal, their value in a model."""

from collections.abc import Iterable, Mapping

from .terms import CONDITION, VARIABLE, Term, Value, polynomial


def in_order(roots: Iterable[Term]) -> list[Term]:
    """Every term below the roots, each once, a term after all that it is made of."""
    seen: set[Term] = set()
    pending = list(roots)
    while pending:
        term = pending.pop()
        if term not in seen:
            seen.add(term)
            pending.extend(term.kids)
    return sorted(seen, key=lambda term: term.number)


_unknowns: dict[Term, frozenset[Term]] = {}


def unknowns(term: Term) -> frozenset[Term]:
    """The variables and conditions of a term."""
    found = _unknowns.get(term)
    if found is None:
        for part in in_order((term,)):
            if part in _unknowns:
                continue
            if part.operator in (VARIABLE, CONDITION):
                _unknowns[part] = frozenset((part,))
            elif len(part.kids) == 1:
                _unknowns[part] = _unknowns[part.kids[0]]
            else:
                _unknowns[part] = frozenset().union(*[_unknowns[kid] for kid in part.kids])
        found = _unknowns[term]
    return found


def cone(facts: Iterable[Term], goal: Term, hops: int | None = None) -> list[Term]:
    """The facts that share a variable with the goal, or with such a fact, and so on.

    With `hops` it goes on only so often. Leaving out a fact can only make less provable, never
    more.
    """
    reached = set(unknowns(goal))
    users: dict[Term, list[int]] = {}
    listed = list(facts)
    for index, fact in enumerate(listed):
        for unknown in unknowns(fact):
            users.setdefault(unknown, []).append(index)
    kept: set[int] = set()
    edge = set(reached)
    while edge and (hops is None or hops > 0):
        hops = None if hops is None else hops - 1
        near = {index for unknown in edge for index in users.get(unknown, ())} - kept
        kept |= near
        edge = {unknown for index in near for unknown in unknowns(listed[index])} - reached
        reached |= edge
    return [listed[index] for index in sorted(kept)]


def evaluate(
    term: Term, model: Mapping[str, Value], memo: dict[Term, Value] | None = None
) -> Value:
    """The value under a model; a variable that the model leaves open counts as 0 or False."""
    values: dict[Term, Value] = {} if memo is None else memo
    if term not in values:
        for part in in_order((term,)):
            if part not in values:
                values[part] = _value(part, model, values)
    return values[term]


def _value(term: Term, model: Mapping[str, Value], values: Mapping[Term, Value]) -> Value:
    kids = term.kids
    match term.operator:
        case "integer" | "truth":
            assert isinstance(term.data, int)
            return term.data
        case "variable":
            return int(model.get(str(term.data), 0))
        case "condition":
            return bool(model.get(str(term.data), False))
        case "choice":
            return values[kids[1]] if values[kids[0]] else values[kids[2]]
        case "product":
            product = 1
            for kid in kids:
                product *= values[kid]
            return product
        case "sum":
            fixed, pairs = polynomial(term)
            return fixed + sum(values[kid] * weight for kid, weight in pairs)
        case "<= 0":
            return values[kids[0]] <= 0
        case "== 0":
            return values[kids[0]] == 0
        case "not":
            return not values[kids[0]]
        case "and":
            return all(values[kid] for kid in kids)
        case "or":
            return any(values[kid] for kid in kids)
    raise ValueError(f"no term has the operator {term.operator!r}")
