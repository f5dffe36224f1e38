"""New limits in an old state: as a whole, and only if the state satisfies them."""

from .basal import committed_rate
from .bolus import (
    day_need,
    window_need,
)
from .contract import assign, copy, ensure, require, same, snapshot
from .limits import limits_valid
from .records import (
    HOUR,
    REASON_LIMITS_PULSE,
    REASON_LIMITS_STATE,
    REASON_LIMITS_WINDOW,
    REASON_NONE,
    Limits,
    State,
)
from .state import body_owed, state_valid


@require(lambda state: state_valid(state))
@require(lambda limits: limits_valid(limits))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state, result: result != REASON_NONE or state_valid(state))
@ensure(lambda state, limits, result: result != REASON_NONE or same(state.limits, limits))
@ensure(
    lambda limits, OLD, result: (
        result != REASON_NONE or limits.window_length == OLD.state.limits.window_length
    )
)
@ensure(
    lambda state, limits, OLD, result: (
        result != REASON_NONE
        or limits.pulse == OLD.state.limits.pulse
        or (
            state.connected == 0
            and body_owed(state) == 0
            and state.prime_owed == 0
            and state.outstanding == 0
            and state.loaded == 0
            and state.primed == 0
            and state.reservoir == 0
        )
    )
)
@ensure(
    lambda state, result: (
        result != REASON_NONE
        or window_need(state, committed_rate(state)) <= state.limits.window_max * HOUR
    )
)
@ensure(
    lambda state, result: (
        result != REASON_NONE
        or day_need(state, committed_rate(state)) <= state.limits.day_max * HOUR
    )
)
@ensure(
    lambda result: result == REASON_NONE or REASON_LIMITS_WINDOW <= result <= REASON_LIMITS_STATE
)
def change_limits(state: State, limits: Limits) -> int:
    """Put new limits into a state, if the state satisfies them, its room for basal included."""
    if limits.window_length != state.limits.window_length:
        return REASON_LIMITS_WINDOW
    if limits.pulse != state.limits.pulse:
        owes = body_owed(state) > 0 or state.prime_owed > 0
        if state.connected == 1 or owes or state.outstanding > 0:
            return REASON_LIMITS_PULSE
        state.reservoir = 0
        state.loaded = 0
        state.primed = 0
        state.prime_fresh = 0
    assign(state.limits, limits)
    if not state_valid(state):
        return REASON_LIMITS_STATE
    rate = committed_rate(state)
    if window_need(state, rate) > state.limits.window_max * HOUR:
        return REASON_LIMITS_STATE
    if day_need(state, rate) > state.limits.day_max * HOUR:
        return REASON_LIMITS_STATE
    return REASON_NONE
