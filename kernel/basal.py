"""Basal: the programmed rate, at most one temporary rate, and metering exact to the last pulse."""

from .arithmetic import flow, larger, smaller
from .contract import copy, ensure, require, snapshot
from .infusion_set import mode
from .limits import backlog_max
from .records import (
    GAP_LONGEST,
    MODE_DELIVERING,
    RATE_MAX,
    TIME_MAX,
    State,
)
from .state import state_valid


def rate_in_force(state: State) -> int:
    """The temporary rate while there is one, otherwise the programmed rate."""
    if state.temporary_until > 0:
        return state.temporary_rate
    return state.basal_rate


def no_temporary(state: State) -> bool:
    """No temporary rate runs."""
    return state.temporary_until == 0 and state.temporary_rate == 0


def same_temporary(before: State, after: State) -> bool:
    """The temporary rate, if there is one, is the same as before."""
    if after.temporary_until != before.temporary_until:
        return False
    return after.temporary_rate == before.temporary_rate


def committed_rate(state: State) -> int:
    """The highest rate that the windows must always have room for."""
    return larger(larger(state.basal_rate, state.temporary_rate), state.limits.basal_reserve)


def counted_time(state: State, at: int) -> int:
    """How much of the time up to `at` is metered: after a gap only the last of it."""
    return smaller(at - state.now, state.limits.gap_max)


def temporary_time(state: State, at: int) -> int:
    """How much of the metered time the temporary rate runs."""
    counted = counted_time(state, at)
    left = state.temporary_until - (at - counted)
    return smaller(larger(left, 0), counted)


@require(lambda state: state_valid(state))
@require(lambda state, at: state.now <= at and at <= TIME_MAX)
@ensure(lambda result: 0 <= result <= RATE_MAX * GAP_LONGEST)
@ensure(
    lambda state, at, result: (
        result
        == flow(state.temporary_rate, temporary_time(state, at))
        + flow(state.basal_rate, counted_time(state, at) - temporary_time(state, at))
    )
)
def accrued(state: State, at: int) -> int:
    """Basal metered from now to `at`, the last `gap_max` of it, each instant at its own rate."""
    warm = temporary_time(state, at)
    plain = counted_time(state, at) - warm
    return flow(state.temporary_rate, warm) + flow(state.basal_rate, plain)


@require(lambda state: state_valid(state))
@require(lambda state, at: state.now <= at and at <= TIME_MAX)
@ensure(lambda state, result: state.carry <= result <= backlog_max(state.limits))
@ensure(lambda state, at, result: result <= state.carry + accrued(state, at))
@ensure(lambda state, result: mode(state) == MODE_DELIVERING or result == state.carry)
@ensure(
    lambda state, at, result: (
        mode(state) != MODE_DELIVERING
        or result == state.carry + accrued(state, at)
        or result == backlog_max(state.limits)
    )
)
def metered(state: State, at: int) -> int:
    """The basal that is metered at `at` and not released; it grows only while the pump delivers."""
    if mode(state) != MODE_DELIVERING:
        return state.carry
    return smaller(state.carry + accrued(state, at), backlog_max(state.limits))


@require(lambda state: state_valid(state))
@require(lambda state, at: state.now <= at and at <= TIME_MAX)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, at: state.temporary_until == 0 or state.temporary_until > at)
@ensure(lambda state, at, OLD: state.carry == metered(OLD.state, at))
@ensure(
    lambda state, at, OLD: (
        same_temporary(OLD.state, state)
        or (no_temporary(state) and OLD.state.temporary_until <= at)
    )
)
def accrue(state: State, at: int) -> None:
    """Meter the basal up to `at`; a temporary rate ends at its end."""
    state.carry = metered(state, at)
    if state.temporary_until <= at:
        state.temporary_until = 0
        state.temporary_rate = 0


@require(lambda state: state_valid(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.temporary_rate <= state.basal_rate)
@ensure(lambda state, OLD: same_temporary(OLD.state, state) or no_temporary(state))
def end_raised_temporary(state: State) -> None:
    """End a temporary rate above the programmed one; a lower one keeps its clock."""
    if state.temporary_rate > state.basal_rate:
        state.temporary_until = 0
        state.temporary_rate = 0
