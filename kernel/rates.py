"""Which programmed and temporary rates are accepted, and from whom."""

from .arithmetic import flow, larger
from .basal import committed_rate, no_temporary, rate_in_force
from .bolus import day_need, on_board_room, window_need
from .contract import ensure, require
from .glucose import increase_reason
from .infusion_set import mode, mode_reason
from .records import (
    CONTROLLER,
    DAY,
    HOUR,
    RATE_MAX,
    REASON_DAY,
    REASON_DURATION,
    REASON_NO_TEMPORARY,
    REASON_NONE,
    REASON_ON_BOARD,
    REASON_RATE_CAP,
    REASON_WINDOW,
    REMOTE,
    Event,
    State,
)
from .state import state_valid


@require(lambda state: state_valid(state))
@require(lambda rate: 0 <= rate <= RATE_MAX)
@ensure(lambda state, rate, result: result != REASON_NONE or rate <= state.limits.basal_max)
@ensure(
    lambda state, rate, result: (
        result != REASON_NONE
        or rate <= committed_rate(state)
        or (
            window_need(state, rate) <= state.limits.window_max * HOUR
            and day_need(state, rate) <= state.limits.day_max * HOUR
        )
    )
)
def rate_reason(state: State, rate: int) -> int:
    """Why a rate is refused; one that room is kept for already is always accepted."""
    if rate > state.limits.basal_max:
        return REASON_RATE_CAP
    if rate <= committed_rate(state):
        return REASON_NONE
    if window_need(state, rate) > state.limits.window_max * HOUR:
        return REASON_WINDOW
    if day_need(state, rate) > state.limits.day_max * HOUR:
        return REASON_DAY
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda rate: 0 <= rate <= RATE_MAX)
@require(lambda duration: 0 <= duration <= DAY)
@ensure(
    lambda state, rate, result: (
        result != REASON_NONE
        or rate <= rate_in_force(state)
        or increase_reason(state) == REASON_NONE
    )
)
def controller_reason(state: State, rate: int, duration: int) -> int:
    """Why a controller may not bring this rate about: an increase needs glucose and room."""
    if rate <= rate_in_force(state):
        return REASON_NONE
    glucose = increase_reason(state)
    if glucose != REASON_NONE:
        return glucose
    extra = (flow(larger(rate - state.basal_rate, 0), duration) + HOUR - 1) // HOUR
    if extra > on_board_room(state):
        return REASON_ON_BOARD
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda event: 0 <= event.rate <= RATE_MAX)
@ensure(
    lambda state, event, result: (
        result != REASON_NONE
        or (
            event.duration >= 1
            and event.duration <= state.limits.temp_duration_max
            and event.rate <= state.limits.basal_max
        )
    )
)
@ensure(
    lambda state, event, result: (
        result != REASON_NONE
        or event.source != CONTROLLER
        or (
            event.duration <= state.limits.controller_duration_max
            and event.rate <= state.limits.controller_basal_max
        )
    )
)
@ensure(
    lambda state, event, result: (
        result != REASON_NONE or event.source != REMOTE or event.rate <= state.basal_rate
    )
)
@ensure(
    lambda state, event, result: (
        result != REASON_NONE or rate_reason(state, event.rate) == REASON_NONE
    )
)
def temporary_reason(state: State, event: Event) -> int:
    """Why a temporary rate is refused."""
    if event.rate > state.basal_rate:
        blocked = mode_reason(mode(state))
        if blocked != REASON_NONE:
            return blocked
    if event.duration < 1 or event.duration > state.limits.temp_duration_max:
        return REASON_DURATION
    if event.source == CONTROLLER:
        if event.duration > state.limits.controller_duration_max:
            return REASON_DURATION
        if event.rate > state.limits.controller_basal_max:
            return REASON_RATE_CAP
        increase = controller_reason(state, event.rate, event.duration)
        if increase != REASON_NONE:
            return increase
    if event.source == REMOTE and event.rate > state.basal_rate:
        return REASON_RATE_CAP
    return rate_reason(state, event.rate)


@require(lambda state: state_valid(state))
@ensure(lambda state, result: result != REASON_NONE or state.temporary_until > 0)
def end_temporary_reason(state: State, source: int) -> int:
    """Why a temporary rate cannot be ended: for a controller that can be an increase."""
    if state.temporary_until == 0:
        return REASON_NO_TEMPORARY
    if source == CONTROLLER:
        return controller_reason(state, state.basal_rate, 0)
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda state, rate: 0 <= rate <= state.limits.basal_max)
@ensure(lambda state: state_valid(state))
@ensure(lambda state, rate: state.basal_rate == rate)
def program_rate(state: State, rate: int) -> None:
    """Change the programmed rate; a running temporary rate is left alone."""
    state.basal_rate = rate


@require(lambda state: state_valid(state))
@require(lambda state, rate: 0 <= rate <= state.limits.basal_max)
@require(lambda duration: 1 <= duration <= DAY)
@ensure(lambda state: state_valid(state))
@ensure(lambda state, rate: state.temporary_rate == rate)
@ensure(lambda state, duration: state.temporary_until == state.now + duration)
def run_temporary(state: State, rate: int, duration: int) -> None:
    """Run a temporary rate from now; it replaces the one before and ends by itself."""
    state.temporary_rate = rate
    state.temporary_until = state.now + duration


@require(lambda state: state_valid(state))
@ensure(lambda state: state_valid(state))
@ensure(lambda state: no_temporary(state))
def end_temporary(state: State) -> None:
    """Go back to the programmed rate."""
    state.temporary_until = 0
    state.temporary_rate = 0
