"""Time: it never goes back, a gap is bounded, and all that depends on it is brought up to date."""

from .basal import accrue, end_raised_temporary, metered, no_temporary, same_temporary
from .bolus import cancel, cancel_body, cancel_prime, run_extended
from .contract import copy, ensure, require, snapshot
from .glucose import expire_low_suspension
from .infusion_set import body_mode, empty
from .limits import slot_length
from .records import (
    ACTION_SLOT,
    AHEAD_MAX,
    DAY_SLOT,
    MODE_DELIVERING,
    REASON_CLOCK_AHEAD,
    REASON_CLOCK_BACKWARD,
    REASON_NONE,
    TIME_MAX,
    VOLUME_MAX,
    State,
)
from .state import body_owed, state_valid
from .window import advance, moved, slots_passed


@require(lambda state: state_valid(state))
@ensure(
    lambda state, at, result: (
        result != REASON_NONE
        or (state.now <= at and at <= TIME_MAX and at - state.now <= AHEAD_MAX)
    )
)
@ensure(lambda state, at, result: result != REASON_CLOCK_BACKWARD or at < state.now)
@ensure(
    lambda state, at, result: (
        result == REASON_NONE
        or result == REASON_CLOCK_BACKWARD
        or (
            result == REASON_CLOCK_AHEAD
            and at >= state.now
            and (at > TIME_MAX or at - state.now > AHEAD_MAX)
        )
    )
)
def clock_reason(state: State, at: int) -> int:
    """Why a time cannot be the present: it lies before the kernel's, or absurdly far ahead."""
    if at < state.now:
        return REASON_CLOCK_BACKWARD
    if at > TIME_MAX or at - state.now > AHEAD_MAX:
        return REASON_CLOCK_AHEAD
    return REASON_NONE


@require(lambda state: state_valid(state))
@ensure(lambda state, result: state.now <= result and result <= TIME_MAX)
@ensure(lambda state, at, result: result == at or clock_reason(state, at) != REASON_NONE)
@ensure(lambda state, at, result: result == state.now or clock_reason(state, at) == REASON_NONE)
def time_of_stop(state: State, at: int) -> int:
    """When a stop acts: at its time, or at the kernel's own if that time cannot be the present."""
    if clock_reason(state, at) == REASON_NONE:
        return at
    return state.now


@require(lambda state: state_valid(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(
    lambda state, OLD, result: (
        result + body_owed(state) + state.prime_owed == body_owed(OLD.state) + OLD.state.prime_owed
    )
)
@ensure(
    lambda state: (
        body_mode(state) == MODE_DELIVERING or (state.carry == 0 and body_owed(state) == 0)
    )
)
@ensure(lambda state, OLD: body_owed(state) <= body_owed(OLD.state))
@ensure(lambda state, OLD: state.prime_owed <= OLD.state.prime_owed)
@ensure(lambda result: 0 <= result <= 2 * VOLUME_MAX)
@ensure(lambda state, OLD: state.bolus_owed <= OLD.state.bolus_owed)
@ensure(
    lambda state, OLD: (
        body_mode(OLD.state) != MODE_DELIVERING
        or (
            state.carry == OLD.state.carry
            and state.bolus_owed == OLD.state.bolus_owed
            and body_owed(state) == body_owed(OLD.state)
        )
    )
)
def settle(state: State) -> int:
    """What cannot be delivered now is not owed either: cancel it and say how much it was."""
    body = 0
    prime = 0
    if body_mode(state) != MODE_DELIVERING:
        state.carry = 0
        body = cancel_body(state)
    if empty(state):
        prime = cancel_prime(state)
    return body + prime


def windows_moved(before: State, after: State, at: int) -> bool:
    """The three windows moved with the time, and nothing else happened to them."""
    passed = slots_passed(slot_length(before.limits), before.now, at)
    if not moved(before.window, after.window, passed):
        return False
    if not moved(before.day, after.day, slots_passed(DAY_SLOT, before.now, at)):
        return False
    return moved(before.action, after.action, slots_passed(ACTION_SLOT, before.now, at))


@require(lambda state: state_valid(state))
@require(lambda state, at: state.now <= at and at <= TIME_MAX)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, at: state.now == at)
@ensure(lambda state, at, OLD: windows_moved(OLD.state, state, at))
@ensure(lambda state, at, OLD: state.carry == metered(OLD.state, at))
@ensure(lambda state, OLD: same_temporary(OLD.state, state) or no_temporary(state))
def pass_time(state: State, at: int) -> None:
    """Meter the basal, run the extended bolus, move the windows."""
    accrue(state, at)
    run_extended(state, at - state.now)
    advance(state.window, slots_passed(slot_length(state.limits), state.now, at))
    advance(state.day, slots_passed(DAY_SLOT, state.now, at))
    advance(state.action, slots_passed(ACTION_SLOT, state.now, at))
    state.now = at


@require(lambda state: state_valid(state))
@require(lambda state, at: state.now <= at and at <= TIME_MAX)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, at: state.now == at)
@ensure(
    lambda state, OLD, result: (
        result + body_owed(state) + state.prime_owed == body_owed(OLD.state) + OLD.state.prime_owed
    )
)
@ensure(lambda state, OLD: body_owed(state) <= body_owed(OLD.state))
@ensure(lambda state, OLD: state.prime_owed <= OLD.state.prime_owed)
@ensure(
    lambda state: (
        body_mode(state) == MODE_DELIVERING or (state.carry == 0 and body_owed(state) == 0)
    )
)
@ensure(lambda result: 0 <= result <= 2 * VOLUME_MAX)
@ensure(lambda state, OLD: state.bolus_owed <= OLD.state.bolus_owed)
@ensure(lambda state, at, OLD: windows_moved(OLD.state, state, at))
@ensure(lambda state, at, OLD: state.carry == metered(OLD.state, at) or state.carry == 0)
@ensure(
    lambda state, at, OLD: (
        body_mode(state) != MODE_DELIVERING or state.carry == metered(OLD.state, at)
    )
)
@ensure(lambda state, OLD: same_temporary(OLD.state, state) or no_temporary(state))
@ensure(lambda state, OLD: state.low_suspended <= OLD.state.low_suspended)
def catch_up(state: State, at: int) -> int:
    """Bring the state up to `at`; returns what was owed and is now cancelled.

    After a gap what was owed is cancelled: a pump that was dead for hours finishes no old bolus.
    """
    gap = at - state.now > state.limits.gap_max
    pass_time(state, at)
    expire_low_suspension(state)
    cancelled = 0
    if gap:
        state.gap = 1
        end_raised_temporary(state)
        cancelled = cancel(state)
    undeliverable = settle(state)
    return cancelled + undeliverable
