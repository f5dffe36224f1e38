"""Time: what passes with it, every word of it, and what can no longer be delivered."""

from dosekernel.kernel.basal import metered
from dosekernel.kernel.clock import windows_moved
from dosekernel.kernel.contract import assign, copy, same
from dosekernel.kernel.infusion_set import body_mode, empty
from dosekernel.kernel.records import MODE_DELIVERING, State
from dosekernel.kernel.state import body_owed, extended_left

from .words import owed

# ---- what cannot be delivered is not owed


def undeliverable_exactly(before: State, after: State, result: int) -> bool:
    """Where the body gets nothing nothing is owed to it; an empty pump owes no prime either."""
    expected = copy(before)
    if body_mode(before) != MODE_DELIVERING:
        expected.carry = 0
        expected.bolus_owed = 0
        expected.extended_amount = 0
        expected.extended_duration = 0
        expected.extended_elapsed = 0
        expected.extended_given = 0
        expected.fill_owed = 0
        if before.bolus_owed > 0 or extended_left(before) > 0:
            expected.bolus_ended = before.now
    if empty(before):
        expected.prime_owed = 0
    return same(after, expected) and result == owed(before) - owed(after)


# ---- what passes with time


def runs_for(state: State, passed: int) -> int:
    """How far the extended bolus's clock is after some time: it stands while another is owed."""
    if state.extended_amount == 0 or state.bolus_owed > 0:
        return state.extended_elapsed
    if passed > state.extended_duration - state.extended_elapsed:
        return state.extended_duration
    return state.extended_elapsed + passed


def time_passed_exactly(before: State, at: int, after: State) -> bool:
    """Basal is metered, an extended bolus runs, a temporary rate ends, the windows move."""
    expected = copy(before)
    expected.now = at
    expected.carry = metered(before, at)
    expected.extended_elapsed = runs_for(before, at - before.now)
    if before.temporary_until <= at:
        expected.temporary_until = 0
        expected.temporary_rate = 0
    assign(expected.window, after.window)
    assign(expected.day, after.day)
    assign(expected.action, after.action)
    return same(after, expected) and windows_moved(before, after, at)


def caught_up_exactly(before: State, at: int, after: State) -> bool:
    """The state at a later time: after a gap, or where it cannot go, nothing is owed."""
    gap = at - before.now > before.limits.gap_max
    expected = copy(before)
    expected.now = at
    expected.carry = metered(before, at)
    expected.extended_elapsed = runs_for(before, at - before.now)
    raised = gap and before.temporary_rate > before.basal_rate
    if before.temporary_until <= at or raised:
        expected.temporary_until = 0
        expected.temporary_rate = 0
    if before.low_suspended == 1 and before.low_since + before.limits.glucose_suspend_max <= at:
        expected.low_suspended = 0
        expected.low_ended = at
    if gap:
        expected.gap = 1
    blocked = body_mode(expected) != MODE_DELIVERING
    if blocked:
        expected.carry = 0
    if gap or empty(before):
        expected.prime_owed = 0
    if gap or blocked:
        expected.bolus_owed = 0
        expected.extended_amount = 0
        expected.extended_duration = 0
        expected.extended_elapsed = 0
        expected.extended_given = 0
        expected.fill_owed = 0
    if body_owed(expected) == 0 and (before.bolus_owed > 0 or extended_left(before) > 0):
        expected.bolus_ended = at
    assign(expected.window, after.window)
    assign(expected.day, after.day)
    assign(expected.action, after.action)
    return same(after, expected)


def low_suspension_ends(at: int, after: State) -> bool:
    """No low suspension outlasts its longest time, whatever the sensor does."""
    if after.low_suspended == 0:
        return True
    return at - after.low_since < after.limits.glucose_suspend_max


# ---- covers


def cancels_an_extended_bolus(before: State, after: State, result: int) -> bool:
    """An extended bolus is cancelled and told."""
    return result > 0 and before.extended_amount > 0 and after.extended_amount == 0


def goes_on_through_a_gap(before: State, after: State, result: int) -> bool:
    """A gap cancels what is owed, and the basal goes on."""
    return result > 0 and before.gap == 0 and after.gap == 1 and after.carry > before.carry


def ends_and_meters(before: State, after: State) -> bool:
    """A temporary rate ends while basal is metered."""
    if before.temporary_until == 0 or after.temporary_until > 0:
        return False
    return after.carry > before.carry
