"""Glucose: a low or a foretold low suspends delivery; no reading ever adds to it."""

from .basal import end_raised_temporary, no_temporary, same_temporary
from .contract import copy, ensure, require, snapshot
from .records import (
    GLUCOSE_MAX,
    GLUCOSE_MIN,
    HOUR,
    NEVER,
    READINGS_FARTHEST,
    READINGS_NEAREST,
    REASON_FUTURE,
    REASON_GLUCOSE_LOW,
    REASON_GLUCOSE_MISSING,
    REASON_GLUCOSE_OLD,
    REASON_GLUCOSE_RANGE,
    REASON_GLUCOSE_STALE,
    REASON_NONE,
    Event,
    State,
)
from .state import state_valid


@require(lambda change: 0 <= change <= GLUCOSE_MAX)
@require(lambda duration: 0 <= duration <= HOUR)
@ensure(lambda change, duration, result: result == change * duration)
@ensure(lambda duration, result: 0 <= result <= GLUCOSE_MAX * duration)
def slope(change: int, duration: int) -> int:
    """A change of glucose x a duration: two falls are compared across, so nothing is rounded."""
    return change * duration


@require(lambda state: state_valid(state))
def foretold_low(state: State) -> bool:
    """The last two readings, `glucose_predict` further on, fall to the low threshold."""
    if state.glucose_before_at == NEVER or state.glucose >= state.glucose_before:
        return False
    apart = state.glucose_at - state.glucose_before_at
    if apart < READINGS_NEAREST or apart > READINGS_FARTHEST:
        return False
    if state.glucose <= state.limits.glucose_low:
        return True
    fall = slope(state.glucose_before - state.glucose, state.limits.glucose_predict)
    return fall >= slope(state.glucose - state.limits.glucose_low, apart)


@require(lambda state: state_valid(state))
@ensure(
    lambda state, result: (
        result
        or state.limits.glucose_low == 0
        or state.glucose_at == NEVER
        or state.glucose > state.limits.glucose_low
    )
)
def low(state: State) -> bool:
    """The last reading is low or foretells a low, and the room is switched on."""
    if state.limits.glucose_low == 0 or state.glucose_at == NEVER:
        return False
    return state.glucose <= state.limits.glucose_low or foretold_low(state)


@require(lambda state: state_valid(state))
@ensure(lambda state, result: result == REASON_NONE or state.limits.glucose_low > 0)
@ensure(
    lambda state, result: (
        result != REASON_NONE
        or state.limits.glucose_low == 0
        or (
            state.glucose_at != NEVER
            and state.now - state.glucose_at <= state.limits.glucose_stale
            and state.glucose > state.limits.glucose_low
        )
    )
)
def increase_reason(state: State) -> int:
    """Why a controller may not increase delivery now: no fresh reading, or a low one."""
    if state.limits.glucose_low == 0:
        return REASON_NONE
    if state.glucose_at == NEVER:
        return REASON_GLUCOSE_MISSING
    if state.now - state.glucose_at > state.limits.glucose_stale:
        return REASON_GLUCOSE_MISSING
    if low(state):
        return REASON_GLUCOSE_LOW
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda state, event: event.at == state.now and event.issued_at >= 0)
@ensure(
    lambda state, event, result: (
        result != REASON_NONE
        or (
            event.glucose >= GLUCOSE_MIN
            and event.glucose <= GLUCOSE_MAX
            and state.glucose_at < event.issued_at
            and event.issued_at <= event.at
            and event.at - event.issued_at <= state.limits.glucose_stale
        )
    )
)
def reading_reason(state: State, event: Event) -> int:
    """Why a reading cannot be used."""
    if event.glucose < GLUCOSE_MIN or event.glucose > GLUCOSE_MAX:
        return REASON_GLUCOSE_RANGE
    if event.issued_at > event.at:
        return REASON_FUTURE
    if event.issued_at <= state.glucose_at:
        return REASON_GLUCOSE_OLD
    if event.at - event.issued_at > state.limits.glucose_stale:
        return REASON_GLUCOSE_STALE
    return REASON_NONE


@require(lambda state: state_valid(state))
def held(state: State) -> bool:
    """A low suspension was ended by its time or by the user not long ago: none starts anew."""
    if state.low_ended == NEVER:
        return False
    return state.now - state.low_ended < state.limits.glucose_suspend_max


@require(lambda state: state_valid(state))
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.low_suspended == 0)
def end_low_suspension(state: State) -> None:
    """End a low suspension by its time or by the user, and hold off the next one."""
    if state.low_suspended == 1:
        state.low_suspended = 0
        state.low_ended = state.now


@require(lambda state: state_valid(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, OLD: state.low_suspended <= OLD.state.low_suspended)
def expire_low_suspension(state: State) -> None:
    """A failed sensor must not stop insulin for ever."""
    if state.low_suspended == 1:
        if state.now - state.low_since >= state.limits.glucose_suspend_max:
            end_low_suspension(state)


@require(lambda state: state_valid(state))
@require(lambda state, event: state.glucose_at < event.issued_at and event.issued_at <= state.now)
@require(lambda event: event.glucose >= GLUCOSE_MIN and event.glucose <= GLUCOSE_MAX)
@require(lambda event: event.issued_at >= 0)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, event: state.glucose == event.glucose)
@ensure(lambda state, event: state.glucose_at == event.issued_at)
@ensure(lambda state, OLD: same_temporary(OLD.state, state) or no_temporary(state))
def take_reading(state: State, event: Event) -> None:
    """Keep the reading; suspend if it is low or foretells a low, resume if it has recovered."""
    state.glucose_before = state.glucose
    state.glucose_before_at = state.glucose_at
    state.glucose = event.glucose
    state.glucose_at = event.issued_at
    if low(state):
        if state.low_suspended == 0 and not held(state):
            state.low_suspended = 1
            state.low_since = state.now
            end_raised_temporary(state)
    elif state.low_suspended == 1 and state.glucose >= state.limits.glucose_resume:
        state.low_suspended = 0
