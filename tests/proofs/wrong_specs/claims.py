"""Claims about the kernel, in the kernel language, most of them wrong on purpose."""

from dosekernel.kernel.bolus import source_cap
from dosekernel.kernel.records import (
    REASON_NONE,
    REASON_SPEED,
    REFUSED,
    Event,
    Outcome,
    State,
)
from dosekernel.kernel.state import body_owed


def time_stands_still(before: State, after: State) -> bool:
    """Wrong: time passes."""
    return before.now == after.now


def reservoir_never_changes(before: State, after: State) -> bool:
    """Wrong: it is loaded."""
    return before.reservoir == after.reservoir


def bolus_owes_nothing(before: State, after: State) -> bool:
    """Wrong: a bolus is owed once it is accepted."""
    return body_owed(after) <= body_owed(before)


def below_the_cap(state: State, event: Event, result: int) -> bool:
    """Wrong by one: a bolus may be as large as its cap."""
    return result != REASON_NONE or event.amount < source_cap(state, event.source)


def at_most_the_cap(state: State, event: Event, result: int) -> bool:
    """Right."""
    return result != REASON_NONE or event.amount <= source_cap(state, event.source)


def suspended_still(after: State) -> bool:
    """Wrong: a resumed pump is not suspended."""
    return after.suspended == 1


def says_why(result: int) -> bool:
    """Right, and more than the contracts of what is called say."""
    return result <= REASON_SPEED


def refused_ids_may_rise(before: State, after: State, outcome: Outcome) -> bool:
    """Right, and weaker than the theorem: a refusal leaves every word."""
    return outcome.status != REFUSED or after.last.id >= before.last.id


def impossible(before: State) -> bool:
    """No state is like this."""
    return before.reservoir < 0


def at_most_full(after: State) -> bool:
    """Right."""
    return after.reservoir <= after.limits.reservoir_capacity


def loads(before: State, after: State) -> bool:
    """A reservoir is loaded with more than was there."""
    return after.reservoir > before.reservoir
