"""Which limits may be adopted, in the model's terms, and what adopting them does."""

from itertools import pairwise

from dosekernel.kernel import records as k

from . import guards
from .guards import Guards
from .pump import Pump

MILLI_LONGEST = {
    "reservoir_life": k.AGE_LONGEST,
    "set_life": k.AGE_LONGEST,
    "set_expiry": k.AGE_LONGEST,
    "bolus_lockout": k.DAY,
    "extended_duration_max": k.EXTENDED_LONGEST,
    "request_age_max": k.DAY,
    "temp_duration_max": k.DAY,
    "suspend_reminder": k.DAY,
    "glucose_predict": k.HOUR,
    "glucose_stale": k.HOUR,
}
LEAST_ONE = {
    "gap_max": k.GAP_LONGEST,
    "confirm_max": k.GAP_LONGEST,
    "glucose_suspend_max": k.DAY,
    "delivery_speed": k.RATE_MAX,
    "pulse": k.PULSE_MAX,
}
VOLUMES = ("prime_max", "cannula_fill", "bolus_max", "window_max", "day_max", "on_board_max")
# A field that may not exceed another field.
WITHIN = {
    "pulse": "reservoir_capacity",
    "reservoir_low": "reservoir_capacity",
    "basal_max": "delivery_speed",
    "basal_reserve": "basal_max",
    "controller_bolus_max": "bolus_max",
    "controller_basal_max": "basal_max",
    "controller_duration_max": "temp_duration_max",
    "remote_bolus_max": "bolus_max",
}


def valid(limits: k.Limits) -> bool:
    """Limits that may be adopted: each in range, and fitting each other."""
    words = vars(limits)
    in_range = (
        all(0 <= words[name] <= most for name, most in MILLI_LONGEST.items())
        and all(1 <= words[name] <= most for name, most in LEAST_ONE.items())
        and all(0 <= words[name] <= k.VOLUME_MAX for name in VOLUMES)
        and all(0 <= words[name] <= words[most] for name, most in WITHIN.items())
        and limits.reservoir_capacity <= k.VOLUME_MAX
        and limits.window_length in (k.WINDOW_HOUR, k.WINDOW_FOUR_HOURS)
        and glucose_valid(limits)
        and curve_valid(limits.action_remaining)
    )
    if not in_range:
        return False
    # Basal at the reserve, for as long as 25 slots reach, and what may pile up fits each cap.
    backlog = limits.pulse * k.HOUR + limits.basal_max * limits.gap_max
    reach = limits.window_length * (k.SPANS + 1) // k.SPANS
    day = k.DAY * (k.SPANS + 1) // k.SPANS
    return (
        limits.delivery_speed * limits.confirm_max >= limits.pulse * k.HOUR
        and limits.basal_reserve * reach + backlog <= limits.window_max * k.HOUR
        and limits.basal_reserve * day + backlog <= limits.day_max * k.HOUR
    )


def glucose_valid(limits: k.Limits) -> bool:
    """Off, or a low that a sensor can report with a recovery above it."""
    low, high = limits.glucose_low, limits.glucose_resume
    if not 0 <= high <= k.GLUCOSE_MAX:
        return False
    return low == 0 or (k.GLUCOSE_MIN <= low <= k.GLUCOSE_MAX and low < high)


def curve_valid(curve: list[int]) -> bool:
    """From the whole dose to none of it, never rising."""
    falls = all(a >= b for a, b in pairwise(curve))
    return curve[0] == k.WHOLE and curve[-1] == 0 and falls


def judge(pump: Pump, limits: k.Limits, at: int) -> tuple[Pump, frozenset[int]]:
    """The pump as it would be with these limits, and the reasons with which they may be answered.

    What a step would cancel is never lost in silence: limits are refused while time alone would
    cancel something.
    """
    aged = pump.twin()
    if not valid(limits):
        return aged, frozenset((k.REASON_LIMITS,))
    if not pump.now <= at:
        return aged, frozenset((k.REASON_CLOCK_BACKWARD,))
    if at > min(pump.now + k.AHEAD_MAX, k.TIME_MAX):
        return aged, frozenset((k.REASON_CLOCK_AHEAD,))
    if aged.age(at) > 0:
        return aged, frozenset((k.REASON_BUSY,))
    return aged, guards.reasons(change(aged, limits))


def change(pump: Pump, limits: k.Limits) -> Guards:
    """The guards of other limits, in their order; the pump gets them on the way."""
    yield k.REASON_LIMITS_WINDOW, limits.window_length != pump.limits.window_length
    if limits.pulse != pump.limits.pulse:
        handled = pump.connected or pump.owed > 0 or pump.outstanding is not None
        yield k.REASON_LIMITS_PULSE, handled
        pump.reservoir, pump.loaded = 0, False
        pump.primed = pump.prime_fresh = False
    pump.limits = limits.duplicate()
    rate = max(pump.basal_rate, pump.temporary[0] if pump.temporary else 0)
    beyond = (
        pump.reservoir > limits.reservoir_capacity
        or rate > limits.basal_max
        or pump.metered > pump.backlog
    )
    yield k.REASON_LIMITS_STATE, beyond
    for _, verdict in guards.rooms(pump, 0, pump.committed_rate):
        yield k.REASON_LIMITS_STATE, verdict
