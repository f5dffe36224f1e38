"""Two runs: what tighter limits accept, looser limits accept.

Looser are larger caps, ages and room, a shorter lockout, a curve that lies lower and a smaller
reserve. What decides when and how fast a pump may deliver is equal: pulse, largest basal rate and
gap, lengths of windows, speed, the budgets of prime and fill, the life of a set, glucose.
"""

from dosekernel.kernel.arithmetic import flow
from dosekernel.kernel.basal import committed_rate
from dosekernel.kernel.bolus import (
    bolus_reason,
    day_need,
    day_room,
    on_board_room,
    window_need,
    window_room,
)
from dosekernel.kernel.contract import copy, ensure, require
from dosekernel.kernel.limits import slot_length
from dosekernel.kernel.rates import rate_reason
from dosekernel.kernel.records import (
    DAY_SLOT,
    RATE_MAX,
    REASON_NONE,
    SLOTS,
    Event,
    Limits,
    State,
    Window,
)
from dosekernel.kernel.requests import request_reason
from dosekernel.kernel.state import state_valid
from dosekernel.kernel.window import peak, slot_known, window_valid

# ---- limits, one looser than the other


def caps_looser(tight: Limits, loose: Limits) -> bool:
    """Every cap is at least as large, the lockout at most as long, the reserve at most as high."""
    if loose.bolus_max < tight.bolus_max or loose.bolus_lockout > tight.bolus_lockout:
        return False
    if loose.controller_bolus_max < tight.controller_bolus_max:
        return False
    if loose.remote_bolus_max < tight.remote_bolus_max:
        return False
    if loose.extended_duration_max < tight.extended_duration_max:
        return False
    if loose.window_max < tight.window_max or loose.day_max < tight.day_max:
        return False
    if loose.on_board_max < tight.on_board_max or loose.basal_reserve > tight.basal_reserve:
        return False
    return (
        loose.request_age_max >= tight.request_age_max
        and loose.reservoir_capacity >= tight.reservoir_capacity
        and loose.temp_duration_max >= tight.temp_duration_max
        and loose.controller_basal_max >= tight.controller_basal_max
        and loose.controller_duration_max >= tight.controller_duration_max
    )


def curve_lower(tight: Limits, loose: Limits) -> bool:
    """The drug is taken to be gone at least as soon."""
    lower = True
    for i in range(SLOTS):
        lower = lower and loose.action_remaining[i] <= tight.action_remaining[i]
    return lower


# ---- the parts


@require(lambda window: window_valid(window))
@require(lambda length: slot_known(length))
@require(lambda phase, length: 0 <= phase < length)
@require(lambda low_rate, rate: 0 <= low_rate <= rate <= RATE_MAX)
@ensure(lambda result: result)
def peak_grows(window: Window, length: int, phase: int, low_rate: int, rate: int) -> bool:
    """A higher rate never needs less room: in no part of the window does it deliver less."""
    if flow(rate - low_rate, length - phase) < 0:
        return False
    return peak(window, length, phase, low_rate) <= peak(window, length, phase, rate)


def window_need_grows(before: State, rate: int, any_rate: int, result: int) -> bool:
    """A higher rate never needs less of the short window."""
    if not state_valid(before) or not 0 <= rate <= any_rate <= RATE_MAX:
        return True
    length = slot_length(before.limits)
    if not peak_grows(before.window, length, before.now % length, rate, any_rate):
        return False
    return result <= window_need(before, any_rate)


def day_need_grows(before: State, rate: int, any_rate: int, result: int) -> bool:
    """A higher rate never needs less of the day's window."""
    if not state_valid(before) or not 0 <= rate <= any_rate <= RATE_MAX:
        return True
    if not peak_grows(before.day, DAY_SLOT, before.now % DAY_SLOT, rate, any_rate):
        return False
    return result <= day_need(before, any_rate)


def window_room_grows(before: State, any_limits: Limits, result: int) -> bool:
    """A larger cap and a smaller reserve never leave less room in the short window.

    That the lower rate needs no more is `window_need_grows`.
    """
    looser = copy(before)
    looser.limits.window_max = any_limits.window_max
    looser.limits.basal_reserve = any_limits.basal_reserve
    if not state_valid(looser) or not caps_looser(before.limits, looser.limits):
        return True
    if committed_rate(looser) > committed_rate(before):
        return False
    need = window_need(before, committed_rate(before))
    return window_need(looser, committed_rate(looser)) > need or window_room(looser) >= result


def day_room_grows(before: State, any_limits: Limits, result: int) -> bool:
    """A larger cap and a smaller reserve never leave less room in the day's window.

    That the lower rate needs no more is `day_need_grows`.
    """
    looser = copy(before)
    looser.limits.day_max = any_limits.day_max
    looser.limits.basal_reserve = any_limits.basal_reserve
    if not state_valid(looser) or not caps_looser(before.limits, looser.limits):
        return True
    if committed_rate(looser) > committed_rate(before):
        return False
    need = day_need(before, committed_rate(before))
    return day_need(looser, committed_rate(looser)) > need or day_room(looser) >= result


def on_board_room_grows(before: State, any_limits: Limits, result: int) -> bool:
    """A larger amount and a lower curve never leave less room on board."""
    looser = copy(before)
    looser.limits.on_board_max = any_limits.on_board_max
    for i in range(SLOTS):
        looser.limits.action_remaining[i] = any_limits.action_remaining[i]
    if not state_valid(looser) or not caps_looser(before.limits, looser.limits):
        return True
    if not curve_lower(before.limits, looser.limits):
        return True
    return on_board_room(looser) >= result


# ---- boluses


def more_room(tight: State, loose: State) -> bool:
    """No less room in either window nor on board: what the theorems above say of looser limits."""
    if window_room(loose) < window_room(tight) or day_room(loose) < day_room(tight):
        return False
    return on_board_room(loose) >= on_board_room(tight)


def looser_accepts_a_bolus(before: State, event: Event, any_limits: Limits, result: int) -> bool:
    """A bolus that tighter limits accept is accepted by looser ones as well.

    That these leave no less room is `window_room_grows`, `day_room_grows`, `on_board_room_grows`.
    """
    looser = copy(before)
    looser.limits.reservoir_capacity = any_limits.reservoir_capacity
    looser.limits.bolus_max = any_limits.bolus_max
    looser.limits.bolus_lockout = any_limits.bolus_lockout
    looser.limits.extended_duration_max = any_limits.extended_duration_max
    looser.limits.basal_reserve = any_limits.basal_reserve
    looser.limits.window_max = any_limits.window_max
    looser.limits.day_max = any_limits.day_max
    looser.limits.on_board_max = any_limits.on_board_max
    for i in range(SLOTS):
        looser.limits.action_remaining[i] = any_limits.action_remaining[i]
    looser.limits.controller_bolus_max = any_limits.controller_bolus_max
    looser.limits.remote_bolus_max = any_limits.remote_bolus_max
    if not caps_looser(before.limits, looser.limits) or not more_room(before, looser):
        return True
    if result != REASON_NONE:
        return True
    return bolus_reason(looser, event) == REASON_NONE


def looser_accepts_a_request(before: State, event: Event, any_age: int, result: int) -> bool:
    """A request that is fresh under a shorter age is fresh under a longer one."""
    looser = copy(before)
    looser.limits.request_age_max = any_age
    if any_age < before.limits.request_age_max or result != REASON_NONE:
        return True
    return request_reason(looser, event) == REASON_NONE


# ---- rates


def looser_accepts_a_rate(before: State, rate: int, any_limits: Limits, result: int) -> bool:
    """A rate for which tighter caps have room is accepted under larger ones with a smaller reserve.

    Not where the tighter reserve alone covers it: there the reserve is what keeps its room.
    """
    looser = copy(before)
    looser.limits.window_max = any_limits.window_max
    looser.limits.day_max = any_limits.day_max
    looser.limits.basal_reserve = any_limits.basal_reserve
    if not caps_looser(before.limits, looser.limits) or result != REASON_NONE:
        return True
    if rate > committed_rate(looser) and rate <= committed_rate(before):
        return True
    return rate_reason(looser, rate) == REASON_NONE
