"""Functions that never return less than nothing, read off their bodies: reasons, modes, alarms.

Each returns numbers as they are written down, what another such function returned, or a local that
holds nothing else.
"""

from dosekernel.spec.effects import statements
from dosekernel.spec.tree import (
    Assign,
    Call,
    Expression,
    Function,
    Integer,
    Name,
    Program,
    Return,
)


def never_below_nothing(program: Program) -> frozenset[str]:
    """The names of such functions."""
    found: set[str] = set()
    for name, function in program.functions.items():
        if function.returns == "int" and returns_such(function, found):
            found.add(name)
    return frozenset(found)


def returns_such(function: Function, found: set[str]) -> bool:
    """True if all that a function returns is of this kind, by the functions before it."""
    parameters = {each.name for each in function.parameters}
    every = list(statements(function.body))
    assigned: dict[str, list[Expression]] = {}
    for each in every:
        if isinstance(each, Assign) and isinstance(each.target, Name):
            assigned.setdefault(each.target.id, []).append(each.value)

    def such(value: Expression, seen: frozenset[str]) -> bool:
        match value:
            case Integer(value=number):
                return number >= 0
            case Call(function=callee):
                return callee in found
            case Name(id=name) if name in assigned and name not in parameters:
                # What was held before was such, by induction over the run.
                return name in seen or all(such(each, seen | {name}) for each in assigned[name])
        return False

    values = [each.value for each in every if isinstance(each, Return)]
    return all(each is not None and such(each, frozenset()) for each in values)
