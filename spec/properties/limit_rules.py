"""Limits: the range of each field, what they must be to each other; drug on board to a unit."""

from dosekernel.kernel.limits import (
    curve_valid,
    delivery_ranged,
    glucose_ranged,
    limits_agree,
    limits_ranged,
    rate_ranged,
)
from dosekernel.kernel.records import (
    AGE_LONGEST,
    DAY,
    EXTENDED_LONGEST,
    GAP_LONGEST,
    GLUCOSE_MAX,
    GLUCOSE_MIN,
    HOUR,
    PULSE_MAX,
    RATE_MAX,
    SLOTS,
    SPANS,
    VOLUME_MAX,
    WHOLE,
    WINDOW_FOUR_HOURS,
    WINDOW_HOUR,
    Limits,
    State,
)

from .rule_words import iff

# ---- ranges


def up_to(value: int, most: int) -> bool:
    """Nothing, or anything up to a most."""
    return value >= 0 and value <= most


def one_up_to(value: int, most: int) -> bool:
    """Something, up to a most."""
    return value >= 1 and value <= most


def curve_meaning(limits: Limits, result: bool) -> bool:
    """The curve begins whole, falls or stays from slot to slot, and ends at nothing."""
    falls = limits.action_remaining[0] == WHOLE and limits.action_remaining[SPANS] == 0
    for i in range(SPANS):
        falls = falls and limits.action_remaining[i] >= limits.action_remaining[i + 1]
    return iff(result, falls)


def delivery_ranges(limits: Limits, result: bool) -> bool:
    """Reservoir, set and boluses: each field in its own range."""
    most = VOLUME_MAX
    reservoir = (
        one_up_to(limits.pulse, PULSE_MAX)
        and limits.pulse <= limits.reservoir_capacity
        and limits.reservoir_capacity <= most
        and up_to(limits.reservoir_low, limits.reservoir_capacity)
    )
    ages = (
        up_to(limits.reservoir_life, AGE_LONGEST)
        and up_to(limits.set_life, AGE_LONGEST)
        and up_to(limits.set_expiry, AGE_LONGEST)
    )
    budgets = up_to(limits.prime_max, most) and up_to(limits.cannula_fill, most)
    boluses = (
        up_to(limits.bolus_max, most)
        and up_to(limits.bolus_lockout, DAY)
        and up_to(limits.extended_duration_max, EXTENDED_LONGEST)
        and up_to(limits.request_age_max, DAY)
    )
    return iff(result, reservoir and ages and budgets and boluses)


def rate_ranges(limits: Limits, result: bool) -> bool:
    """Rates, windows and action: each field in its own range."""
    rates = (
        one_up_to(limits.delivery_speed, RATE_MAX)
        and up_to(limits.basal_max, limits.delivery_speed)
        and up_to(limits.basal_reserve, limits.basal_max)
        and up_to(limits.temp_duration_max, DAY)
    )
    known = limits.window_length == WINDOW_HOUR or limits.window_length == WINDOW_FOUR_HOURS
    caps = (
        up_to(limits.window_max, VOLUME_MAX)
        and up_to(limits.day_max, VOLUME_MAX)
        and up_to(limits.on_board_max, VOLUME_MAX)
    )
    return iff(result, rates and known and caps and curve_valid(limits))


def glucose_ranges(limits: Limits, result: bool) -> bool:
    """Glucose: off, or a threshold that a sensor can report, with recovery above it."""
    on = limits.glucose_low >= GLUCOSE_MIN and limits.glucose_low <= GLUCOSE_MAX
    recovers = limits.glucose_resume > limits.glucose_low
    times = (
        up_to(limits.glucose_predict, HOUR)
        and up_to(limits.glucose_stale, HOUR)
        and one_up_to(limits.glucose_suspend_max, DAY)
    )
    ranged = up_to(limits.glucose_resume, GLUCOSE_MAX)
    return iff(result, times and ranged and (limits.glucose_low == 0 or (on and recovers)))


def all_ranges(limits: Limits, result: bool) -> bool:
    """Every field is in its range, a controller's and a remote's caps within the user's."""
    groups = delivery_ranged(limits) and rate_ranged(limits) and glucose_ranged(limits)
    caps = (
        up_to(limits.controller_bolus_max, limits.bolus_max)
        and up_to(limits.controller_basal_max, limits.basal_max)
        and up_to(limits.controller_duration_max, limits.temp_duration_max)
        and up_to(limits.remote_bolus_max, limits.bolus_max)
    )
    times = (
        up_to(limits.suspend_reminder, DAY)
        and one_up_to(limits.gap_max, GAP_LONGEST)
        and one_up_to(limits.confirm_max, GAP_LONGEST)
    )
    return iff(result, groups and caps and times)


# ---- what they must be to each other


def agreement(limits: Limits, result: bool) -> bool:
    """A pulse can leave in the time of a release, and both windows hold the reserve's basal."""
    if not limits_ranged(limits):
        return True
    backlog = limits.pulse * HOUR + limits.basal_max * limits.gap_max
    window = limits.basal_reserve * SLOTS * (limits.window_length // SPANS) + backlog
    day = limits.basal_reserve * SLOTS * (DAY // SPANS) + backlog
    leaves = limits.delivery_speed * limits.confirm_max >= limits.pulse * HOUR
    fits = window <= limits.window_max * HOUR and day <= limits.day_max * HOUR
    return iff(result, leaves and fits)


def validity(limits: Limits, result: bool) -> bool:
    """Limits are valid if each is in range and they agree."""
    return iff(result, limits_ranged(limits) and limits_agree(limits))


# ---- drug on board


def acting(before: State, result: int) -> bool:
    """The sum of each slot times the fraction left when it was a slot younger, rounded up."""
    whole = before.action.slots[0] * before.limits.action_remaining[0]
    for i in range(SPANS):
        whole = whole + before.action.slots[i + 1] * before.limits.action_remaining[i]
    return whole <= result * WHOLE and result * WHOLE < whole + WHOLE
