"""Basal rates: who may bring which rate about, why not, and what each change does."""

from dosekernel.kernel.basal import committed_rate, rate_in_force
from dosekernel.kernel.bolus import day_need, on_board_room, window_need
from dosekernel.kernel.contract import copy, same
from dosekernel.kernel.glucose import increase_reason
from dosekernel.kernel.infusion_set import mode, mode_reason
from dosekernel.kernel.rates import controller_reason, rate_reason
from dosekernel.kernel.records import (
    CONTROLLER,
    HOUR,
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

from .rule_words import next_line

# ---- the rate now, and the rate that room is kept for


def in_force_meaning(before: State, result: int) -> bool:
    """The temporary rate as long as it runs, else the programmed one."""
    if before.temporary_until <= 0:
        return result == before.basal_rate
    return result == before.temporary_rate


def committed_meaning(before: State, result: int) -> bool:
    """The largest of programmed rate, temporary rate and reserve."""
    if result < before.basal_rate or result < before.temporary_rate:
        return False
    if result == before.basal_rate or result == before.temporary_rate:
        return result >= before.limits.basal_reserve
    return result == before.limits.basal_reserve


# ---- guards


def rate_guards(before: State, rate: int, result: int) -> bool:
    """A rate within its cap is refused only above the committed rate and only for want of room."""
    higher = rate > committed_rate(before)
    over_window = higher and window_need(before, rate) > before.limits.window_max * HOUR
    over_day = higher and day_need(before, rate) > before.limits.day_max * HOUR
    found = next_line(REASON_NONE, rate > before.limits.basal_max, REASON_RATE_CAP)
    found = next_line(found, over_window, REASON_WINDOW)
    return result == next_line(found, over_day, REASON_DAY)


def controller_guards(before: State, rate: int, duration: int, result: int) -> bool:
    """A controller's increase needs glucose, and room on board for what it adds."""
    increase = rate > rate_in_force(before)
    added = (rate - before.basal_rate) * duration
    over = rate > before.basal_rate and added > on_board_room(before) * HOUR
    full = over or on_board_room(before) < 0
    found = next_line(REASON_NONE, increase, increase_reason(before))
    return result == next_line(found, increase and full, REASON_ON_BOARD)


def temporary_guards(before: State, event: Event, result: int) -> bool:
    """A temporary rate is refused for the first of these causes, and accepted if none holds."""
    raised = event.rate > before.basal_rate
    endless = event.duration > before.limits.temp_duration_max
    by_controller = event.source == CONTROLLER
    too_long = by_controller and event.duration > before.limits.controller_duration_max
    too_high = by_controller and event.rate > before.limits.controller_basal_max
    increase = REASON_NONE
    if by_controller and not endless and event.duration >= 1:
        increase = controller_reason(before, event.rate, event.duration)
    found = next_line(REASON_NONE, raised, mode_reason(mode(before)))
    found = next_line(found, event.duration < 1 or endless or too_long, REASON_DURATION)
    found = next_line(found, too_high, REASON_RATE_CAP)
    found = next_line(found, by_controller, increase)
    found = next_line(found, event.source == REMOTE and raised, REASON_RATE_CAP)
    return result == next_line(found, True, rate_reason(before, event.rate))


def end_guards(before: State, source_before: int, result: int) -> bool:
    """There must be a temporary rate; that its end is an increase binds only a controller."""
    found = next_line(REASON_NONE, before.temporary_until == 0, REASON_NO_TEMPORARY)
    by_controller = source_before == CONTROLLER
    after_end = controller_reason(before, before.basal_rate, 0)
    return result == next_line(found, by_controller, after_end)


# ---- effects


def programmed_exactly(before: State, rate: int, after: State) -> bool:
    """The programmed rate, and nothing else: a running temporary rate is left alone."""
    expected = copy(before)
    expected.basal_rate = rate
    return same(after, expected)


def temporary_exactly(before: State, rate: int, duration: int, after: State) -> bool:
    """One temporary rate with its end; nothing else changes."""
    expected = copy(before)
    expected.temporary_rate = rate
    expected.temporary_until = before.now + duration
    return same(after, expected)


def temporary_ended_exactly(before: State, after: State) -> bool:
    """No temporary rate; nothing else changes."""
    expected = copy(before)
    expected.temporary_rate = 0
    expected.temporary_until = 0
    return same(after, expected)


# ---- covers


def refuses_an_increase(before: State, rate: int, result: int) -> bool:
    """A controller's increase finds no room on board."""
    return rate > before.basal_rate and result == REASON_ON_BOARD


def allows_a_controller(event: Event, result: int) -> bool:
    """A controller's temporary rate is accepted."""
    return event.source == CONTROLLER and event.rate > 0 and result == REASON_NONE


def commits_the_reserve(before: State, result: int) -> bool:
    """Room is kept for more than what is programmed."""
    return result > before.basal_rate and result > before.temporary_rate
