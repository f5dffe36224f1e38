"""Limits: a fresh pump with its first ones, and which new ones are adopted, what that changes."""

from dosekernel.kernel.basal import committed_rate
from dosekernel.kernel.bolus import day_need, window_need
from dosekernel.kernel.clock import clock_reason
from dosekernel.kernel.contract import assign, clear, copy, same
from dosekernel.kernel.limits import limits_valid
from dosekernel.kernel.records import (
    HOUR,
    LAYOUT,
    NEVER,
    REASON_BUSY,
    REASON_CORRUPT_STATE,
    REASON_LIMITS,
    REASON_LIMITS_PULSE,
    REASON_LIMITS_STATE,
    REASON_LIMITS_WINDOW,
    REASON_NONE,
    REASON_RANGE,
    TIME_MAX,
    Limits,
    Memory,
    State,
)
from dosekernel.kernel.state import state_valid
from dosekernel.kernel.step import intact

from .limit_rules import up_to
from .rule_words import next_line
from .words import owed


def at_rest(state: State) -> bool:
    """Disconnected, with nothing owed and nothing waiting for its report."""
    return state.connected == 0 and owed(state) == 0 and state.outstanding == 0


def keeps_room(state: State) -> bool:
    """Both windows have room for the basal that is committed and all that is owed."""
    rate = committed_rate(state)
    if window_need(state, rate) > state.limits.window_max * HOUR:
        return False
    return day_need(state, rate) <= state.limits.day_max * HOUR


def limits_changed_exactly(before: State, limits: Limits, after: State, result: int) -> bool:
    """The new limits stand as a whole; another pulse un-loads the reservoir; no more changes."""
    if result != REASON_NONE:
        return True
    expected = copy(before)
    if limits.pulse != before.limits.pulse:
        expected.reservoir = 0
        expected.loaded = 0
        expected.primed = 0
        expected.prime_fresh = 0
    assign(expected.limits, limits)
    return same(after, expected)


def limits_guards(before: State, limits: Limits, result: int) -> bool:
    """Another window is refused, another pulse unless at rest, and what the state breaks."""
    changed = copy(before)
    if limits.pulse != before.limits.pulse:
        changed.reservoir = 0
        changed.loaded = 0
        changed.primed = 0
        changed.prime_fresh = 0
    assign(changed.limits, limits)
    other_pulse = limits.pulse != before.limits.pulse and not at_rest(before)
    other_window = limits.window_length != before.limits.window_length
    fits = state_valid(changed) and keeps_room(changed)
    found = next_line(REASON_NONE, other_window, REASON_LIMITS_WINDOW)
    found = next_line(found, other_pulse, REASON_LIMITS_PULSE)
    return result == next_line(found, not fits, REASON_LIMITS_STATE)


def adopted_whole(limits: Limits, memory_after: Memory, after: State, result: int) -> bool:
    """What is adopted is valid and stands as a whole, and the state satisfies it."""
    if result != REASON_NONE:
        return True
    if not limits_valid(limits) or not same(after.limits, limits):
        return False
    return intact(memory_after)


def adopted_in_time(before: State, at: int, after: State, result: int) -> bool:
    """Adopted at its time, with nothing lost that was owed; the short window keeps its length."""
    if result != REASON_NONE:
        return True
    if after.now != at or at < before.now or owed(after) != owed(before):
        return False
    return after.limits.window_length == before.limits.window_length


def other_pulse_at_rest(before: State, limits: Limits, after: State, result: int) -> bool:
    """Another concentration is adopted only at rest, and un-loads the reservoir."""
    if result != REASON_NONE or limits.pulse == before.limits.pulse:
        return True
    return at_rest(after) and after.loaded == 0 and after.reservoir == 0 and after.primed == 0


def refused_adoption(
    memory_before: Memory, limits: Limits, memory_after: Memory, result: int
) -> bool:
    """A refusal leaves every word as it was; a corrupt memory and invalid limits are refused."""
    if not intact(memory_before):
        return result == REASON_CORRUPT_STATE and same(memory_before, memory_after)
    if not limits_valid(limits):
        return result == REASON_LIMITS and same(memory_before, memory_after)
    return result == REASON_NONE or same(memory_before, memory_after)


def adoption_reasons(
    memory_before: Memory, before: State, limits: Limits, at: int, result: int
) -> bool:
    """A time that cannot be comes first, then what a gap would cancel, then what does not fit."""
    if not intact(memory_before) or not limits_valid(limits):
        return True
    untimely = clock_reason(before, at)
    if untimely != REASON_NONE:
        return result == untimely
    if result == REASON_BUSY:
        return owed(before) > 0
    return result == REASON_NONE or REASON_LIMITS_WINDOW <= result <= REASON_LIMITS_STATE


# ---- a fresh pump


def fresh_pump(limits: Limits, at: int, memory_after: Memory, after: State, result: int) -> bool:
    """Its limits, its time, and no more: everything else is nothing, or never was."""
    if result != REASON_NONE:
        return True
    fresh = copy(after)
    clear(fresh)
    assign(fresh.limits, limits)
    fresh.layout = LAYOUT
    fresh.now = at
    fresh.released_at = at
    fresh.bolus_ended = NEVER
    fresh.reservoir_at = NEVER
    fresh.set_at = NEVER
    fresh.suspended_at = NEVER
    fresh.fault_at = NEVER
    fresh.fault_before = NEVER
    fresh.glucose_at = NEVER
    fresh.glucose_before_at = NEVER
    fresh.low_since = NEVER
    fresh.low_ended = NEVER
    return same(after, fresh) and intact(memory_after)


def fresh_guards(
    memory_before: Memory, limits: Limits, at: int, memory_after: Memory, result: int
) -> bool:
    """Invalid limits are refused, and a time out of range; a refusal changes no word."""
    found = next_line(REASON_NONE, not limits_valid(limits), REASON_LIMITS)
    expected = next_line(found, not up_to(at, TIME_MAX), REASON_RANGE)
    return result == expected and (result == REASON_NONE or same(memory_before, memory_after))


# ---- covers


def starts_afresh(memory_before: Memory, memory_after: Memory, result: int) -> bool:
    """A pump that was something else begins anew."""
    return result == REASON_NONE and not same(memory_before, memory_after)


def changes_the_pulse(before: State, after: State, result: int) -> bool:
    """Another concentration is adopted."""
    return result == REASON_NONE and before.limits.pulse != after.limits.pulse


def adopts_other_limits(before: State, after: State, result: int) -> bool:
    """Other limits are adopted."""
    return result == REASON_NONE and not same(before.limits, after.limits)


def refuses_busy(result: int) -> bool:
    """Limits are refused because a gap would cancel what is owed."""
    return result == REASON_BUSY
