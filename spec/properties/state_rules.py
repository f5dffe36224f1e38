"""The kernel's own invariant: which states it can have made, group by group."""

from dosekernel.kernel.limits import backlog_max, limits_valid
from dosekernel.kernel.records import (
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
    SLOTS,
    TIME_MAX,
    TOTAL_MAX,
    VOLUME_MAX,
    State,
    Window,
)
from dosekernel.kernel.state import (
    basal_valid,
    body_owed,
    clock_valid,
    owed_valid,
    release_valid,
    set_valid,
    stops_valid,
    windows_valid,
)
from dosekernel.kernel.window import total, window_valid

from .limit_rules import up_to
from .rule_words import iff


def past(instant: int, now: int) -> bool:
    """Not in the future; or it never was."""
    return instant >= NEVER and instant <= now


def yes_or_no(word: int) -> bool:
    """A flag."""
    return up_to(word, 1)


def left_of_extended(before: State, result: int) -> bool:
    """What is left of an extended bolus and what was given make up all of it."""
    return result + before.extended_given == before.extended_amount


def all_body_owed(before: State, result: int) -> bool:
    """Owed to the patient: the normal bolus, what is left of the extended one, the fill."""
    extended = before.extended_amount - before.extended_given
    return result == before.fill_owed + before.bolus_owed + extended


def clock_ranges(before: State, result: bool) -> bool:
    """The kernel's time is in range, and nothing that it remembers is in its future."""
    now = before.now
    sets = past(before.bolus_ended, now) and past(before.reservoir_at, now)
    stops = past(before.suspended_at, now) and past(before.fault_at, now)
    lows = past(before.low_since, now) and past(before.low_ended, now)
    pairs = past(before.fault_before, before.fault_at) and past(before.glucose_at, now)
    rest = past(before.glucose_before_at, before.glucose_at) and past(before.set_at, now)
    times = up_to(now, TIME_MAX) and up_to(before.released_at, now)
    return iff(result, times and sets and stops and lows and pairs and rest)


def basal_ranges(before: State, result: bool) -> bool:
    """Rates within the limit; a temporary rate has an end ahead, or there is none."""
    rates = up_to(before.basal_rate, before.limits.basal_max)
    rates = rates and up_to(before.temporary_rate, before.limits.basal_max)
    none_runs = before.temporary_until == 0 and before.temporary_rate == 0
    ahead = before.temporary_until > 0 and before.temporary_until > before.now
    runs = ahead and before.temporary_until <= TIME_MAX + DAY
    carried = up_to(before.carry, backlog_max(before.limits))
    return iff(result, rates and carried and (none_runs or runs))


def owed_ranges(before: State, result: bool) -> bool:
    """What is owed is in range; an extended bolus has a duration and something left, or is not."""
    whole = (
        up_to(before.bolus_owed, VOLUME_MAX)
        and up_to(before.fill_owed, VOLUME_MAX)
        and up_to(before.prime_owed, VOLUME_MAX)
        and body_owed(before) <= VOLUME_MAX
    )
    runs = (
        before.extended_amount >= 1
        and before.extended_amount <= VOLUME_MAX
        and before.extended_given >= 0
        and before.extended_given < before.extended_amount
        and before.extended_duration >= 1
        and before.extended_duration <= EXTENDED_LONGEST
        and up_to(before.extended_elapsed, before.extended_duration)
    )
    none_runs = (
        before.extended_amount == 0
        and before.extended_given == 0
        and before.extended_duration == 0
        and before.extended_elapsed == 0
    )
    return iff(result, whole and (runs or none_runs))


def set_ranges(before: State, result: bool) -> bool:
    """Flags are flags; what is connected was loaded and inserted, and owes no prime."""
    flags = (
        yes_or_no(before.loaded)
        and yes_or_no(before.primed)
        and yes_or_no(before.prime_fresh)
        and yes_or_no(before.inserted)
        and yes_or_no(before.filled)
        and yes_or_no(before.connected)
    )
    ranges = (
        up_to(before.reservoir, before.limits.reservoir_capacity)
        and up_to(before.site, CODE_MAX)
        and up_to(before.prime_used, VOLUME_MAX)
        and up_to(before.fill_used, VOLUME_MAX)
    )
    joined = before.loaded == 1 and before.inserted == 1 and before.prime_owed <= 0
    fresh = before.prime_fresh == 0 or before.primed == 1
    return iff(result, flags and ranges and fresh and (before.connected == 0 or joined))


def stop_ranges(before: State, result: bool) -> bool:
    """Flags are flags; a fault's cause and amount and two readings are in range."""
    flags = (
        yes_or_no(before.suspended)
        and yes_or_no(before.faulted)
        and yes_or_no(before.latched)
        and yes_or_no(before.gap)
        and yes_or_no(before.uncertain)
        and yes_or_no(before.low_suspended)
    )
    ranges = (
        up_to(before.fault_code, CAUSE_DELIVERY)
        and up_to(before.fault_amount, VOLUME_MAX)
        and up_to(before.glucose, GLUCOSE_MAX)
        and up_to(before.glucose_before, GLUCOSE_MAX)
    )
    return iff(result, flags and ranges)


def release_ranges(before: State, result: bool) -> bool:
    """Something waits for a purpose or nothing does; counters and ledgers are in range."""
    waits = before.outstanding > 0 and before.outstanding_class > RELEASE_NONE
    idle = before.outstanding == 0 and before.outstanding_class == RELEASE_NONE
    purpose = before.outstanding_class <= RELEASE_PRIME and before.outstanding <= VOLUME_MAX
    flags = yes_or_no(before.outstanding_ends) and yes_or_no(before.outstanding_stopped)
    bolus = up_to(before.outstanding_bolus, before.outstanding)
    ids = up_to(before.sequence, ID_MAX) and up_to(before.last.id, ID_MAX)
    ledgers = up_to(before.committed, ID_MAX) and up_to(before.confirmed, ID_MAX)
    return iff(result, (waits or idle) and purpose and flags and bolus and ids and ledgers)


def window_ranges(window: Window, result: bool) -> bool:
    """No slot is below nothing, and all of them together are in range."""
    sound = total(window) <= TOTAL_MAX
    for i in range(SLOTS):
        sound = sound and up_to(window.slots[i], TOTAL_MAX)
    return iff(result, sound)


def sound_windows(before: State, result: bool) -> bool:
    """All three windows are sound."""
    timed = window_valid(before.window) and window_valid(before.day)
    return iff(result, timed and window_valid(before.action))


def sound_state(before: State, result: bool) -> bool:
    """A state is sound if it is of this layout, its limits are valid and each group is in range."""
    known = before.layout == LAYOUT and limits_valid(before.limits)
    times = clock_valid(before) and basal_valid(before)
    owes = owed_valid(before) and set_valid(before)
    stops = stops_valid(before) and release_valid(before)
    return iff(result, known and times and owes and stops and windows_valid(before))
