"""When a state is one that this kernel can have made: its own invariant, checked at every entry."""

from .arithmetic import flag, within
from .contract import same
from .limits import backlog_max, limits_valid
from .records import (
    CAUSE_DELIVERY,
    CODE_MAX,
    DAY,
    EXTENDED_LONGEST,
    GLUCOSE_MAX,
    ID_MAX,
    LAYOUT,
    NEVER,
    RELEASE_NONE,
    RELEASE_PRIME,
    TIME_MAX,
    VOLUME_MAX,
    State,
)
from .window import booked, window_valid


def extended_left(state: State) -> int:
    """What of the extended bolus is still to be released."""
    return state.extended_amount - state.extended_given


def body_owed(state: State) -> int:
    """All that is owed to the patient: normal bolus, extended bolus, cannula fill."""
    return state.bolus_owed + extended_left(state) + state.fill_owed


def clock_valid(state: State) -> bool:
    """The kernel's own time, and that nothing it remembers lies in its future."""
    if not within(state.now, 0, TIME_MAX):
        return False
    if not within(state.bolus_ended, NEVER, state.now):
        return False
    if not within(state.reservoir_at, NEVER, state.now):
        return False
    if not within(state.set_at, NEVER, state.now):
        return False
    if not within(state.suspended_at, NEVER, state.now):
        return False
    if not within(state.fault_at, NEVER, state.now):
        return False
    if not within(state.fault_before, NEVER, state.fault_at):
        return False
    if not within(state.released_at, 0, state.now):
        return False
    if not within(state.glucose_at, NEVER, state.now):
        return False
    if not within(state.glucose_before_at, NEVER, state.glucose_at):
        return False
    if not within(state.low_since, NEVER, state.now):
        return False
    return within(state.low_ended, NEVER, state.now)


def basal_valid(state: State) -> bool:
    """Rates within the limit; a temporary rate always has its end ahead."""
    if not within(state.basal_rate, 0, state.limits.basal_max):
        return False
    if not within(state.temporary_rate, 0, state.limits.basal_max):
        return False
    if not within(state.temporary_until, 0, TIME_MAX + DAY):
        return False
    if state.temporary_until == 0 and state.temporary_rate != 0:
        return False
    if state.temporary_until != 0 and state.temporary_until <= state.now:
        return False
    return within(state.carry, 0, backlog_max(state.limits))


def owed_valid(state: State) -> bool:
    """What is owed is in range, and an extended bolus is whole or absent."""
    if not within(state.bolus_owed, 0, VOLUME_MAX):
        return False
    if not within(state.extended_amount, 0, VOLUME_MAX):
        return False
    if not within(state.extended_given, 0, state.extended_amount):
        return False
    if state.extended_amount > 0 and state.extended_given == state.extended_amount:
        return False
    if not within(state.extended_duration, 0, EXTENDED_LONGEST):
        return False
    if state.extended_amount == 0 and state.extended_duration != 0:
        return False
    if state.extended_amount > 0 and state.extended_duration == 0:
        return False
    if not within(state.extended_elapsed, 0, state.extended_duration):
        return False
    if not within(state.fill_owed, 0, VOLUME_MAX):
        return False
    if not within(state.prime_owed, 0, VOLUME_MAX):
        return False
    return body_owed(state) <= VOLUME_MAX


def set_valid(state: State) -> bool:
    """The reservoir is within its capacity; a connected set was loaded and inserted."""
    if not within(state.reservoir, 0, state.limits.reservoir_capacity):
        return False
    if not flag(state.loaded) or not flag(state.primed) or not flag(state.prime_fresh):
        return False
    if not flag(state.inserted) or not flag(state.filled) or not flag(state.connected):
        return False
    if state.prime_fresh == 1 and state.primed == 0:
        return False
    if state.connected == 1 and (state.loaded == 0 or state.inserted == 0):
        return False
    if state.connected == 1 and state.prime_owed > 0:
        return False
    if not within(state.site, 0, CODE_MAX):
        return False
    return within(state.prime_used, 0, VOLUME_MAX) and within(state.fill_used, 0, VOLUME_MAX)


def stops_valid(state: State) -> bool:
    """Suspension, faults and the alarms that wait for an acknowledgement."""
    if not flag(state.suspended) or not flag(state.faulted) or not flag(state.latched):
        return False
    if not flag(state.gap) or not flag(state.uncertain) or not flag(state.low_suspended):
        return False
    if not within(state.fault_code, 0, CAUSE_DELIVERY):
        return False
    if not within(state.glucose, 0, GLUCOSE_MAX):
        return False
    if not within(state.glucose_before, 0, GLUCOSE_MAX):
        return False
    return within(state.fault_amount, 0, VOLUME_MAX)


def release_valid(state: State) -> bool:
    """The release that waits for its report, the counters and the two ledgers."""
    if not within(state.outstanding, 0, VOLUME_MAX):
        return False
    if not within(state.outstanding_class, RELEASE_NONE, RELEASE_PRIME):
        return False
    if state.outstanding == 0 and state.outstanding_class != RELEASE_NONE:
        return False
    if state.outstanding > 0 and state.outstanding_class == RELEASE_NONE:
        return False
    if not within(state.outstanding_bolus, 0, state.outstanding):
        return False
    if not flag(state.outstanding_ends) or not flag(state.outstanding_stopped):
        return False
    if not within(state.sequence, 0, ID_MAX) or not within(state.last.id, 0, ID_MAX):
        return False
    return within(state.committed, 0, ID_MAX) and within(state.confirmed, 0, ID_MAX)


def windows_valid(state: State) -> bool:
    """The three windows are in range."""
    if not window_valid(state.window):
        return False
    if not window_valid(state.day):
        return False
    return window_valid(state.action)


def state_valid(state: State) -> bool:
    """Everything that entry checks, that every function keeps, and that the proof starts from."""
    if state.layout != LAYOUT or not limits_valid(state.limits):
        return False
    if not clock_valid(state) or not basal_valid(state):
        return False
    if not owed_valid(state) or not set_valid(state):
        return False
    if not stops_valid(state) or not release_valid(state):
        return False
    return windows_valid(state)


def windows_same(before: State, after: State) -> bool:
    """Nothing was booked."""
    if not same(before.window, after.window) or not same(before.day, after.day):
        return False
    return same(before.action, after.action)


def windows_booked(before: State, after: State, amount: int) -> bool:
    """An amount was booked in all three windows."""
    if not booked(before.window, after.window, amount):
        return False
    if not booked(before.day, after.day, amount):
        return False
    return booked(before.action, after.action, amount)
