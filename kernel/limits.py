"""Which limits may be adopted: ranges first, then what the limits must be to each other.

A field's range keeps every product of the kernel inside 63 bits, so only limits whose fields are
in range may be multiplied: `limits_ranged` comes first, `limits_agree` after it. The table in
`spec/limits_table` says the same to people, with units and with what 0 means.
"""

from .arithmetic import flow
from .contract import ensure, require
from .records import (
    AGE_LONGEST,
    DAY,
    DAY_SLOT,
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
)


def curve_valid(limits: Limits) -> bool:
    """The fraction that still acts starts whole, never rises and ends: so each is 0..WHOLE."""
    if limits.action_remaining[0] != WHOLE:
        return False
    for i in range(SPANS):
        if limits.action_remaining[i + 1] > limits.action_remaining[i]:
            return False
    return limits.action_remaining[SPANS] == 0


def delivery_ranged(limits: Limits) -> bool:
    """The reservoir, the infusion set and boluses: every field in range, in the order of fields."""
    if not 1 <= limits.pulse <= PULSE_MAX:
        return False
    if not limits.pulse <= limits.reservoir_capacity <= VOLUME_MAX:
        return False
    if not 0 <= limits.reservoir_low <= limits.reservoir_capacity:
        return False
    if not 0 <= limits.reservoir_life <= AGE_LONGEST:
        return False
    if not 0 <= limits.set_life <= AGE_LONGEST:
        return False
    if not 0 <= limits.set_expiry <= AGE_LONGEST:
        return False
    if not 0 <= limits.prime_max <= VOLUME_MAX:
        return False
    if not 0 <= limits.cannula_fill <= VOLUME_MAX:
        return False
    if not 0 <= limits.bolus_max <= VOLUME_MAX:
        return False
    if not 0 <= limits.bolus_lockout <= DAY:
        return False
    if not 0 <= limits.extended_duration_max <= EXTENDED_LONGEST:
        return False
    return 0 <= limits.request_age_max <= DAY


def rate_ranged(limits: Limits) -> bool:
    """Rates, windows and the action of the drug: every field in range, in the order of fields."""
    if not 1 <= limits.delivery_speed <= RATE_MAX:
        return False
    if not 0 <= limits.basal_max <= limits.delivery_speed:
        return False
    if not 0 <= limits.basal_reserve <= limits.basal_max:
        return False
    if not 0 <= limits.temp_duration_max <= DAY:
        return False
    if limits.window_length != WINDOW_HOUR and limits.window_length != WINDOW_FOUR_HOURS:
        return False
    if not 0 <= limits.window_max <= VOLUME_MAX:
        return False
    if not 0 <= limits.day_max <= VOLUME_MAX:
        return False
    if not 0 <= limits.on_board_max <= VOLUME_MAX:
        return False
    return curve_valid(limits)


def glucose_ranged(limits: Limits) -> bool:
    """Glucose: off, or a low that a sensor can report and a recovery above it."""
    if limits.glucose_low != 0 and not GLUCOSE_MIN <= limits.glucose_low <= GLUCOSE_MAX:
        return False
    if not 0 <= limits.glucose_resume <= GLUCOSE_MAX:
        return False
    if limits.glucose_low != 0 and limits.glucose_resume <= limits.glucose_low:
        return False
    if not 0 <= limits.glucose_predict <= HOUR:
        return False
    if not 0 <= limits.glucose_stale <= HOUR:
        return False
    return 1 <= limits.glucose_suspend_max <= DAY


def limits_ranged(limits: Limits) -> bool:
    """Every field is in its range; a field's range may be another field."""
    if not delivery_ranged(limits) or not rate_ranged(limits):
        return False
    if not 0 <= limits.controller_bolus_max <= limits.bolus_max:
        return False
    if not 0 <= limits.controller_basal_max <= limits.basal_max:
        return False
    if not 0 <= limits.controller_duration_max <= limits.temp_duration_max:
        return False
    if not 0 <= limits.remote_bolus_max <= limits.bolus_max:
        return False
    if not glucose_ranged(limits):
        return False
    if not 0 <= limits.suspend_reminder <= DAY:
        return False
    if not 1 <= limits.gap_max <= GAP_LONGEST:
        return False
    return 1 <= limits.confirm_max <= GAP_LONGEST


@require(lambda limits: limits_ranged(limits))
@ensure(lambda limits, result: result * SPANS == limits.window_length)
@ensure(lambda result: result == WINDOW_HOUR // SPANS or result == WINDOW_FOUR_HOURS // SPANS)
def slot_length(limits: Limits) -> int:
    """The time that one slot of the short window stands for."""
    return limits.window_length // SPANS


@require(lambda limits: limits_ranged(limits))
@ensure(lambda limits, result: result == limits.pulse * HOUR + limits.basal_max * limits.gap_max)
@ensure(lambda result: HOUR <= result <= PULSE_MAX * HOUR + RATE_MAX * GAP_LONGEST)
def backlog_max(limits: Limits) -> int:
    """The most metered basal that may pile up behind a release that waits for its report."""
    return limits.pulse * HOUR + flow(limits.basal_max, limits.gap_max)


def limits_agree(limits: Limits) -> bool:
    """One pulse can leave in the time of a release, and each window has room for the basal."""
    if flow(limits.delivery_speed, limits.confirm_max) < limits.pulse * HOUR:
        return False
    backlog = backlog_max(limits)
    window_basal = flow(limits.basal_reserve, SLOTS * slot_length(limits))
    if window_basal + backlog > limits.window_max * HOUR:
        return False
    day_basal = flow(limits.basal_reserve, SLOTS * DAY_SLOT)
    return day_basal + backlog <= limits.day_max * HOUR


def limits_valid(limits: Limits) -> bool:
    """These limits may be adopted; it has an answer for any words."""
    return limits_ranged(limits) and limits_agree(limits)
