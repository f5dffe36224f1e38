"""Glucose: what is low, what is foretold; a reading does no more than suspend or resume."""

from dosekernel.kernel.basal import rate_in_force
from dosekernel.kernel.contract import copy, same
from dosekernel.kernel.glucose import held, low
from dosekernel.kernel.records import (
    CONTROLLER,
    GLUCOSE_MAX,
    GLUCOSE_MIN,
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

from .rule_words import iff, next_line
from .stop_rules import raised

# ---- what the readings say


def foretold(state: State) -> bool:
    """The last two readings fall to the threshold within `glucose_predict`."""
    if state.glucose_before_at == NEVER:
        return False
    apart = state.glucose_at - state.glucose_before_at
    fall = state.glucose_before - state.glucose
    above = state.glucose - state.limits.glucose_low
    if apart < READINGS_NEAREST or apart > READINGS_FARTHEST or fall <= 0:
        return False
    return fall * state.limits.glucose_predict >= above * apart


def foretold_meaning(before: State, result: bool) -> bool:
    """The kernel foretells a low exactly when the line through the readings reaches it."""
    return iff(result, foretold(before))


def low_meaning(before: State, result: bool) -> bool:
    """Low is a reading at or below the threshold, or one that foretells it, where that is on."""
    if before.limits.glucose_low == 0 or before.glucose_at == NEVER:
        return not result
    return iff(result, before.glucose <= before.limits.glucose_low or foretold(before))


def held_meaning(before: State, result: bool) -> bool:
    """No low suspension starts within `glucose_suspend_max` of one that was ended."""
    free = before.low_ended + before.limits.glucose_suspend_max
    return iff(result, before.low_ended != NEVER and before.now < free)


# ---- guards


def increase_guards(before: State, result: int) -> bool:
    """An increase needs a reading, a fresh one, that is neither low nor foretells a low."""
    on = before.limits.glucose_low > 0
    stale = before.now > before.glucose_at + before.limits.glucose_stale
    missing = before.glucose_at == NEVER or stale
    found = next_line(REASON_NONE, on and missing, REASON_GLUCOSE_MISSING)
    return result == next_line(found, on and low(before), REASON_GLUCOSE_LOW)


def reading_guards(before: State, event: Event, result: int) -> bool:
    """A reading is in range, not from the future, newer than the last and fresh."""
    ranged = GLUCOSE_MIN <= event.glucose <= GLUCOSE_MAX
    stale = event.issued_at + before.limits.glucose_stale < event.at
    found = next_line(REASON_NONE, not ranged, REASON_GLUCOSE_RANGE)
    found = next_line(found, event.issued_at > event.at, REASON_FUTURE)
    found = next_line(found, event.issued_at <= before.glucose_at, REASON_GLUCOSE_OLD)
    return result == next_line(found, stale, REASON_GLUCOSE_STALE)


# ---- effects


def low_ended_exactly(before: State, after: State) -> bool:
    """A low suspension ends, and when it did is known; nothing else changes."""
    expected = copy(before)
    if before.low_suspended == 1:
        expected.low_suspended = 0
        expected.low_ended = before.now
    return same(after, expected)


def low_expired_exactly(before: State, after: State) -> bool:
    """A low suspension ends `glucose_suspend_max` after it began; nothing else changes."""
    expected = copy(before)
    over = before.low_since + before.limits.glucose_suspend_max <= before.now
    if before.low_suspended == 1 and over:
        expected.low_suspended = 0
        expected.low_ended = before.now
    return same(after, expected)


def reading_taken_exactly(before: State, event: Event, after: State) -> bool:
    """The last two readings are kept; a low one suspends, a recovered one resumes; that is all."""
    expected = copy(before)
    expected.glucose_before = before.glucose
    expected.glucose_before_at = before.glucose_at
    expected.glucose = event.glucose
    expected.glucose_at = event.issued_at
    suspends = low(expected) and before.low_suspended == 0 and not held(before)
    recovered = not low(expected) and event.glucose >= before.limits.glucose_resume
    if suspends:
        expected.low_suspended = 1
        expected.low_since = before.now
    if suspends and raised(before):
        expected.temporary_until = 0
        expected.temporary_rate = 0
    if recovered:
        expected.low_suspended = 0
    return same(after, expected)


# ---- what follows for a controller


def controller_sees(before: State, event: Event, result: int) -> bool:
    """A controller's increase of the rate now needs a fresh reading that is not low."""
    if result != REASON_NONE or event.source != CONTROLLER or before.limits.glucose_low == 0:
        return True
    if event.rate <= rate_in_force(before):
        return True
    if before.glucose_at == NEVER or low(before):
        return False
    return before.now <= before.glucose_at + before.limits.glucose_stale


# ---- covers


def allows_an_increase(before: State, event: Event, result: int) -> bool:
    """A controller's increase is accepted, with glucose switched on."""
    if result != REASON_NONE or event.source != CONTROLLER:
        return False
    return before.limits.glucose_low > 0 and event.rate > rate_in_force(before)


def foretells(before: State, result: bool) -> bool:
    """A low is foretold by a reading that is not low yet."""
    return result and before.glucose > before.limits.glucose_low


def suspends_for_low(before: State, after: State) -> bool:
    """A reading suspends and ends a raised temporary rate."""
    return after.low_suspended > before.low_suspended and raised(before)


def gives_up_suspending(before: State, after: State) -> bool:
    """A low suspension ends by its time."""
    return before.low_suspended == 1 and after.low_suspended == 0


def finds_glucose_low(result: int) -> bool:
    """A controller may not increase: glucose is low."""
    return result == REASON_GLUCOSE_LOW
