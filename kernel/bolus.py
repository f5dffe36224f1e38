"""Boluses: one normal, one extended; refused with the amount that would be accepted, never clipped.

Room is kept for basal: no bolus is accepted if a scheduled pulse of basal could later find the
window full, even when the highest committed rate runs on.
"""

from .arithmetic import flow, larger, smaller, whole_pulses
from .basal import committed_rate
from .contract import copy, ensure, require, snapshot
from .glucose import increase_reason
from .infusion_set import body_mode, fill_ready, mode, mode_reason
from .limits import backlog_max, slot_length
from .on_board import on_board
from .records import (
    BOLUS,
    CONTROLLER,
    DAY_SLOT,
    EXTENDED_BOLUS,
    HOUR,
    MODE_DELIVERING,
    NEVER,
    RATE_MAX,
    REASON_AMOUNT,
    REASON_BOLUS_CAP,
    REASON_BUSY,
    REASON_DAY,
    REASON_DURATION,
    REASON_LOCKOUT,
    REASON_NONE,
    REASON_ON_BOARD,
    REASON_RESERVOIR,
    REASON_WINDOW,
    REMOTE,
    SLOTS,
    TOTAL_MAX,
    VOLUME_MAX,
    Event,
    State,
)
from .state import body_owed, extended_left, state_valid
from .window import peak

# The most that `window_need` and `day_need` can be, in metered units.
NEED_RANGE = TOTAL_MAX * HOUR + RATE_MAX * SLOTS * DAY_SLOT + 2 * VOLUME_MAX * HOUR


# ---- room for basal


def window_need(state: State, rate: int) -> int:
    """The most that the short window will hold, metered, with all that is owed and this rate."""
    length = slot_length(state.limits)
    near = peak(state.window, length, state.now % length, rate) + state.carry
    far = flow(rate, SLOTS * length) + backlog_max(state.limits)
    return larger(near, far) + body_owed(state) * HOUR


def day_need(state: State, rate: int) -> int:
    """The most that the day's window will hold, metered, with all that is owed and this rate."""
    near = peak(state.day, DAY_SLOT, state.now % DAY_SLOT, rate) + state.carry
    far = flow(rate, SLOTS * DAY_SLOT) + backlog_max(state.limits)
    return larger(near, far) + body_owed(state) * HOUR


@require(lambda cap: 0 <= cap <= VOLUME_MAX)
@require(lambda need: 0 <= need <= NEED_RANGE)
@ensure(lambda cap, result: 0 <= result <= cap)
@ensure(lambda cap, need, result: result == 0 or need + result * HOUR <= cap * HOUR)
def spare(cap: int, need: int) -> int:
    """The whole micro-units that still fit under a cap."""
    if need >= cap * HOUR:
        return 0
    return (cap * HOUR - need) // HOUR


@require(lambda state: state_valid(state))
@ensure(lambda state, result: result <= state.limits.on_board_max)
@ensure(
    lambda state, result: result + on_board(state) + body_owed(state) == state.limits.on_board_max
)
def on_board_room(state: State) -> int:
    """What may still be added to the drug on board; below 0 where there is too much already."""
    return state.limits.on_board_max - on_board(state) - body_owed(state)


@require(lambda state: state_valid(state))
@ensure(lambda state, result: 0 <= result <= state.limits.window_max)
@ensure(
    lambda state, result: (
        result == 0
        or window_need(state, committed_rate(state)) + result * HOUR
        <= state.limits.window_max * HOUR
    )
)
def window_room(state: State) -> int:
    """What may still be owed without taking room from basal in the short window."""
    return spare(state.limits.window_max, window_need(state, committed_rate(state)))


@require(lambda state: state_valid(state))
@ensure(lambda state, result: 0 <= result <= state.limits.day_max)
@ensure(
    lambda state, result: (
        result == 0
        or day_need(state, committed_rate(state)) + result * HOUR <= state.limits.day_max * HOUR
    )
)
def day_room(state: State) -> int:
    """What may still be owed without taking room from basal in the day's window."""
    return spare(state.limits.day_max, day_need(state, committed_rate(state)))


# ---- a bolus


def source_cap(state: State, source: int) -> int:
    """The largest bolus that this source may ask for."""
    if source == CONTROLLER:
        return state.limits.controller_bolus_max
    if source == REMOTE:
        return state.limits.remote_bolus_max
    return state.limits.bolus_max


def busy(state: State, kind: int) -> bool:
    """A bolus of this kind is under way; a normal one until its last release is settled."""
    if kind == EXTENDED_BOLUS:
        return state.extended_amount > 0
    return state.bolus_owed > 0 or state.outstanding_bolus > 0


def locked_out(state: State) -> bool:
    """The last bolus ended, however it ended, less than the lockout ago."""
    if state.bolus_ended == NEVER:
        return False
    return state.now - state.bolus_ended < state.limits.bolus_lockout


@require(lambda state: state_valid(state))
@ensure(lambda state, result: result != REASON_NONE or mode(state) == MODE_DELIVERING)
@ensure(lambda state, event, result: result != REASON_NONE or not busy(state, event.kind))
@ensure(lambda state, result: result != REASON_NONE or not locked_out(state))
@ensure(
    lambda state, event, result: (
        result != REASON_NONE
        or event.kind != EXTENDED_BOLUS
        or (event.duration >= 1 and event.duration <= state.limits.extended_duration_max)
    )
)
@ensure(
    lambda state, event, result: (
        result != REASON_NONE or event.source != CONTROLLER or increase_reason(state) == REASON_NONE
    )
)
def bolus_ready(state: State, event: Event) -> int:
    """Why no bolus of any amount can be accepted now."""
    blocked = mode_reason(mode(state))
    if blocked != REASON_NONE:
        return blocked
    if busy(state, event.kind):
        return REASON_BUSY
    if locked_out(state):
        return REASON_LOCKOUT
    if event.source == CONTROLLER:
        glucose = increase_reason(state)
        if glucose != REASON_NONE:
            return glucose
    if event.kind == EXTENDED_BOLUS:
        if event.duration < 1 or event.duration > state.limits.extended_duration_max:
            return REASON_DURATION
    return REASON_NONE


@require(lambda state: state_valid(state))
@ensure(lambda state, event, result: 0 <= result <= source_cap(state, event.source))
@ensure(lambda state, result: result % state.limits.pulse == 0)
def allowable(state: State, event: Event) -> int:
    """The largest bolus, in whole pulses, that would be accepted from this source now."""
    if bolus_ready(state, event) != REASON_NONE:
        return 0
    room = smaller(source_cap(state, event.source), state.reservoir - body_owed(state))
    room = smaller(room, smaller(window_room(state), day_room(state)))
    room = larger(smaller(room, on_board_room(state)), 0)
    return whole_pulses(room, state.limits.pulse)


@require(lambda state: state_valid(state))
@require(lambda event: 0 <= event.amount <= VOLUME_MAX)
@ensure(
    lambda state, event, result: result != REASON_NONE or bolus_ready(state, event) == REASON_NONE
)
@ensure(
    lambda state, event, result: (
        result != REASON_NONE or 0 < event.amount <= source_cap(state, event.source)
    )
)
@ensure(
    lambda state, event, result: result != REASON_NONE or event.amount % state.limits.pulse == 0
)
@ensure(
    lambda state, event, result: (
        result != REASON_NONE or body_owed(state) + event.amount <= state.reservoir
    )
)
@ensure(
    lambda state, event, result: (
        result != REASON_NONE
        or (event.amount <= window_room(state) and event.amount <= day_room(state))
    )
)
@ensure(lambda state, event, result: result != REASON_NONE or event.amount <= on_board_room(state))
def bolus_reason(state: State, event: Event) -> int:
    """Why this bolus is refused; none if it is accepted."""
    blocked = bolus_ready(state, event)
    if blocked != REASON_NONE:
        return blocked
    if event.amount == 0 or event.amount % state.limits.pulse != 0:
        return REASON_AMOUNT
    if event.amount > source_cap(state, event.source):
        return REASON_BOLUS_CAP
    if event.amount > state.reservoir - body_owed(state):
        return REASON_RESERVOIR
    if event.amount > window_room(state):
        return REASON_WINDOW
    if event.amount > day_room(state):
        return REASON_DAY
    if event.amount > on_board_room(state):
        return REASON_ON_BOARD
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda event: 0 < event.amount <= VOLUME_MAX)
@require(lambda state, event: not busy(state, event.kind))
@require(lambda state, event: body_owed(state) + event.amount <= state.reservoir)
@require(
    lambda state, event: (
        event.kind == BOLUS
        or (
            event.kind == EXTENDED_BOLUS
            and event.duration >= 1
            and event.duration <= state.limits.extended_duration_max
        )
    )
)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, event, OLD: body_owed(state) == body_owed(OLD.state) + event.amount)
@ensure(
    lambda state, event, OLD: (
        (event.kind == BOLUS and state.bolus_owed == event.amount)
        or (event.kind != BOLUS and state.bolus_owed == OLD.state.bolus_owed)
    )
)
def owe_bolus(state: State, event: Event) -> None:
    """Owe an accepted bolus; it leaves only in TICK."""
    if event.kind == BOLUS:
        state.bolus_owed = event.amount
    else:
        state.extended_amount = event.amount
        state.extended_duration = event.duration
        state.extended_elapsed = 0
        state.extended_given = 0


# ---- a cannula fill


@require(lambda state: state_valid(state))
@require(lambda amount: 0 <= amount <= VOLUME_MAX)
@ensure(
    lambda state, amount, result: (
        result != REASON_NONE
        or (
            body_mode(state) == MODE_DELIVERING
            and state.fill_owed == 0
            and amount > 0
            and state.fill_used + amount <= state.limits.cannula_fill
            and body_owed(state) + amount <= state.reservoir
        )
    )
)
@ensure(
    lambda state, amount, result: (
        result != REASON_NONE or (amount <= window_room(state) and amount <= day_room(state))
    )
)
def fill_reason(state: State, amount: int) -> int:
    """Why the cannula cannot be filled with this amount: it is bounded like any other volume."""
    blocked = fill_ready(state, amount)
    if blocked != REASON_NONE:
        return blocked
    if amount > state.reservoir - body_owed(state):
        return REASON_RESERVOIR
    if amount > window_room(state):
        return REASON_WINDOW
    if amount > day_room(state):
        return REASON_DAY
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda amount: 0 < amount <= VOLUME_MAX)
@require(lambda state: state.fill_owed == 0)
@require(lambda state, amount: body_owed(state) + amount <= state.reservoir)
@require(lambda state, amount: state.fill_used + amount <= state.limits.cannula_fill)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, amount, OLD: body_owed(state) == body_owed(OLD.state) + amount)
def owe_fill(state: State, amount: int) -> None:
    """Owe a cannula fill; it counts against the insertion's budget, finished or not."""
    state.fill_owed = amount
    state.fill_used = state.fill_used + amount


# ---- cancelling


@require(lambda state: state_valid(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state: body_owed(state) == 0 and state.bolus_owed == 0)
@ensure(lambda OLD, result: result == body_owed(OLD.state))
def cancel_body(state: State) -> int:
    """Cancel all that is owed to the patient; returns how much. It never comes back by itself."""
    cancelled = body_owed(state)
    if state.bolus_owed + extended_left(state) > 0:
        state.bolus_ended = state.now
    state.bolus_owed = 0
    state.extended_amount = 0
    state.extended_duration = 0
    state.extended_elapsed = 0
    state.extended_given = 0
    state.fill_owed = 0
    return cancelled


@require(lambda state: state_valid(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.prime_owed == 0)
@ensure(lambda OLD, result: result == OLD.state.prime_owed)
def cancel_prime(state: State) -> int:
    """Cancel a prime that is owed; returns how much."""
    cancelled = state.prime_owed
    state.prime_owed = 0
    return cancelled


@require(lambda state: state_valid(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state: body_owed(state) == 0 and state.bolus_owed == 0)
@ensure(lambda state: state.prime_owed == 0)
@ensure(lambda OLD, result: result == body_owed(OLD.state) + OLD.state.prime_owed)
def cancel(state: State) -> int:
    """Cancel all that is owed; returns how much."""
    body = cancel_body(state)
    prime = cancel_prime(state)
    return body + prime


# ---- an extended bolus


@require(lambda amount: 0 <= amount <= VOLUME_MAX)
@require(lambda elapsed: 0 <= elapsed <= 8 * HOUR)
@ensure(lambda amount, elapsed, result: result == amount * elapsed)
@ensure(lambda amount, elapsed, result: 0 <= result <= VOLUME_MAX * elapsed)
def spread(amount: int, elapsed: int) -> int:
    """An amount x a time: an extended bolus divides it by its duration, so the sum is exact."""
    return amount * elapsed


@require(lambda state: state_valid(state))
@ensure(lambda state, result: 0 <= result <= extended_left(state))
def extended_due(state: State) -> int:
    """What of the extended bolus should have been released by now and was not."""
    if state.extended_amount == 0:
        return 0
    reached = spread(state.extended_amount, state.extended_elapsed) // state.extended_duration
    return smaller(larger(reached - state.extended_given, 0), extended_left(state))


@require(lambda state: state_valid(state))
@require(lambda passed: passed >= 0)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(
    lambda state, OLD: (
        OLD.state.bolus_owed == 0 or state.extended_elapsed == OLD.state.extended_elapsed
    )
)
def run_extended(state: State, passed: int) -> None:
    """The extended bolus's clock runs, but not while a normal bolus is owed."""
    if state.extended_amount > 0 and state.bolus_owed == 0:
        left = state.extended_duration - state.extended_elapsed
        state.extended_elapsed = state.extended_elapsed + smaller(passed, left)
