"""How a rule is written down: a table of guards in their order, and a state as it is expected."""

from dosekernel.kernel.contract import same
from dosekernel.kernel.records import REASON_NONE, Outcome, State


def iff(one: bool, other: bool) -> bool:
    """Both or neither."""
    if one:
        return other
    return not other


def next_line(found: int, cause: bool, value: int) -> int:
    """One more line of a table: its value, unless a line before it gave one. 0 is none yet."""
    if found != 0 or not cause:
        return found
    return value


# ---- covers


def gives_a_reason(result: int) -> bool:
    """It refuses."""
    return result != REASON_NONE


def gives_no_reason(result: int) -> bool:
    """It allows."""
    return result == REASON_NONE


def is_true(result: bool) -> bool:
    """It holds."""
    return result


def is_positive(result: int) -> bool:
    """There is some."""
    return result > 0


def changes(before: State, after: State) -> bool:
    """It does something."""
    return not same(before, after)


def fills_in(outcome_before: Outcome, outcome_after: Outcome) -> bool:
    """It says something."""
    return not same(outcome_before, outcome_after)
