"""Delivery: `release` is the only place where volume leaves, and TICK is all that calls it."""

from .arithmetic import dose, flow, larger, pulses_in, smaller
from .bolus import extended_due
from .contract import copy, ensure, require, same, snapshot
from .infusion_set import body_mode, cannula_ready, mode, mode_reason
from .records import (
    HOUR,
    ID_MAX,
    MODE_DELIVERING,
    PATH_AIR,
    PATH_PATIENT,
    REASON_DAY,
    REASON_NONE,
    REASON_NOT_READY,
    REASON_NOTHING_DUE,
    REASON_SPEED,
    REASON_UNCONFIRMED,
    REASON_WINDOW,
    RELEASE_FILL,
    RELEASE_PRIME,
    RELEASE_THERAPY,
    VOLUME_MAX,
    Outcome,
    State,
)
from .state import body_owed, extended_left, state_valid, windows_booked, windows_same
from .window import book, total

# ---- the one gate


def body_room(state: State) -> int:
    """What may go to the patient now: in the reservoir and under both caps; 0 after an excess."""
    room = smaller(state.reservoir, state.limits.window_max - total(state.window))
    return larger(smaller(room, state.limits.day_max - total(state.day)), 0)


def may_release(state: State, amount: int, purpose: int) -> bool:
    """The whole rule of the gate: what may leave, how much, and for what."""
    if state.outstanding > 0 or amount < 1 or amount > state.reservoir:
        return False
    if purpose == RELEASE_PRIME:
        return state.connected == 0 and state.faulted == 0
    if amount > body_room(state):
        return False
    if purpose == RELEASE_FILL:
        return body_mode(state) == MODE_DELIVERING
    return purpose == RELEASE_THERAPY and mode(state) == MODE_DELIVERING


def released(before: State, after: State, outcome: Outcome, path: int) -> bool:
    """What every release does: whole pulses, out of the reservoir, waiting, under both caps."""
    if outcome.path != path or outcome.amount < 1 or after.outstanding != outcome.amount:
        return False
    if outcome.amount != outcome.pulses * after.limits.pulse:
        return False
    if after.reservoir != before.reservoir - outcome.amount or before.outstanding > 0:
        return False
    if after.released_at != after.now:
        return False
    if path == PATH_AIR:
        return before.connected == 0 and windows_same(before, after)
    if not windows_booked(before, after, outcome.amount):
        return False
    return (
        total(after.window) == total(before.window) + outcome.amount
        and total(after.window) <= after.limits.window_max
        and total(after.day) == total(before.day) + outcome.amount
        and total(after.day) <= after.limits.day_max
    )


def path_of(purpose: int) -> int:
    """A prime goes to the air, everything else to the patient."""
    if purpose == RELEASE_PRIME:
        return PATH_AIR
    return PATH_PATIENT


@require(lambda state: state_valid(state))
@require(lambda state, pulses: 1 <= pulses and pulses * state.limits.pulse <= 4 * VOLUME_MAX)
@require(
    lambda state, pulses, purpose: may_release(state, dose(pulses, state.limits.pulse), purpose)
)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda outcome, pulses: outcome.pulses == pulses)
@ensure(lambda state, outcome, purpose, OLD: released(OLD.state, state, outcome, path_of(purpose)))
@ensure(lambda state, purpose: state.outstanding_class == purpose and state.outstanding_bolus == 0)
def release(state: State, outcome: Outcome, pulses: int, purpose: int) -> None:
    """Let whole pulses leave: booked in the same step, in full, before the motor moves.

    A release to the patient is counted in all three windows; a prime goes to the air and in none.
    """
    amount = dose(pulses, state.limits.pulse)
    state.reservoir = state.reservoir - amount
    state.outstanding = amount
    state.outstanding_class = purpose
    state.outstanding_bolus = 0
    state.outstanding_ends = 0
    state.outstanding_stopped = 0
    state.released_at = state.now
    state.sequence = smaller(state.sequence + 1, ID_MAX)
    outcome.amount = amount
    outcome.pulses = pulses
    outcome.path = path_of(purpose)
    if purpose != RELEASE_PRIME:
        state.committed = smaller(state.committed + amount, ID_MAX)
        book(state.window, amount)
        book(state.day, amount)
        book(state.action, amount)


@require(lambda state: state_valid(state))
@ensure(lambda result: 0 <= result <= VOLUME_MAX)
@ensure(
    lambda state, result: (
        result * HOUR
        <= flow(
            state.limits.delivery_speed,
            smaller(state.now - state.released_at, state.limits.confirm_max),
        )
    )
)
def speed_room(state: State) -> int:
    """What the motor may deliver beyond basal, given the time since the last release."""
    passed = smaller(state.now - state.released_at, state.limits.confirm_max)
    return smaller(flow(state.limits.delivery_speed, passed) // HOUR, VOLUME_MAX)


# ---- what a tick lets go


@require(lambda state: state_valid(state))
@require(lambda state: state.outstanding == 0 and state.prime_owed > 0 and state.faulted == 0)
@snapshot(lambda state: copy(state), name="state")
@snapshot(lambda outcome: copy(outcome), name="outcome")
@ensure(lambda state: state_valid(state))
@ensure(
    lambda state, outcome, OLD, result: (
        result != REASON_NONE or released(OLD.state, state, outcome, PATH_AIR)
    )
)
@ensure(
    lambda state, outcome, OLD, result: (
        result == REASON_NONE or (same(state, OLD.state) and same(outcome, OLD.outcome))
    )
)
@ensure(
    lambda state, outcome, OLD, result: (
        result != REASON_NONE or state.prime_owed == OLD.state.prime_owed - outcome.amount
    )
)
@ensure(
    lambda OLD, outcome, result: result != REASON_NONE or outcome.amount <= speed_room(OLD.state)
)
@ensure(lambda state, result: result != REASON_NONE or state.outstanding_class == RELEASE_PRIME)
@ensure(lambda state, result: result != REASON_NONE or state.outstanding_bolus == 0)
def release_prime(state: State, outcome: Outcome) -> int:
    """Prime: to the air, while disconnected, at the motor's speed."""
    wanted = smaller(smaller(state.prime_owed, state.reservoir), speed_room(state))
    pulses = pulses_in(wanted, state.limits.pulse)
    if pulses == 0:
        return REASON_SPEED
    release(state, outcome, pulses, RELEASE_PRIME)
    state.prime_owed = state.prime_owed - outcome.amount
    if state.prime_owed == 0:
        state.outstanding_ends = 1
    return REASON_NONE


@require(lambda state: state_valid(state))
@ensure(lambda result: result != REASON_NONE)
def withheld_reason(state: State) -> int:
    """Why something that is due does not leave: a cap, or the motor's speed."""
    if state.limits.window_max - total(state.window) < state.limits.pulse:
        return REASON_WINDOW
    if state.limits.day_max - total(state.day) < state.limits.pulse:
        return REASON_DAY
    return REASON_SPEED


@require(lambda state: state_valid(state))
@require(lambda state: state.outstanding == 0 and body_mode(state) == MODE_DELIVERING)
@snapshot(lambda state: copy(state), name="state")
@snapshot(lambda outcome: copy(outcome), name="outcome")
@ensure(lambda state: state_valid(state))
@ensure(
    lambda state, outcome, OLD, result: (
        result != REASON_NONE or released(OLD.state, state, outcome, PATH_PATIENT)
    )
)
@ensure(
    lambda state, outcome, OLD, result: (
        result == REASON_NONE or (same(state, OLD.state) and same(outcome, OLD.outcome))
    )
)
@ensure(
    lambda state, outcome, OLD, result: (
        result != REASON_NONE
        or (
            state.outstanding_class == RELEASE_FILL
            and state.fill_owed == OLD.state.fill_owed - outcome.amount
        )
    )
)
@ensure(
    lambda OLD, outcome, result: result != REASON_NONE or outcome.amount <= speed_room(OLD.state)
)
@ensure(lambda state, result: result != REASON_NONE or state.outstanding_bolus == 0)
def release_fill(state: State, outcome: Outcome) -> int:
    """Fill the cannula: the only volume that reaches the patient before it is filled."""
    if state.fill_owed == 0:
        return REASON_NOT_READY
    room = smaller(body_room(state), speed_room(state))
    pulses = pulses_in(smaller(state.fill_owed, room), state.limits.pulse)
    if pulses == 0:
        return withheld_reason(state)
    release(state, outcome, pulses, RELEASE_FILL)
    state.fill_owed = state.fill_owed - outcome.amount
    if state.fill_owed == 0:
        state.outstanding_ends = 1
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda state, normal: 0 <= normal <= state.bolus_owed)
@require(lambda state, normal: normal <= state.outstanding and state.outstanding_bolus == 0)
@require(lambda state, extended: 0 <= extended <= extended_left(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(
    lambda state, normal, extended, OLD: (
        body_owed(state) == body_owed(OLD.state) - normal - extended
    )
)
@ensure(lambda state, normal, OLD: state.bolus_owed == OLD.state.bolus_owed - normal)
@ensure(lambda state, normal: state.outstanding_bolus == normal)
def count_bolus(state: State, normal: int, extended: int) -> None:
    """Take what is being released off the boluses; the last of it ends them."""
    if normal > 0:
        state.outstanding_bolus = normal
        state.bolus_owed = state.bolus_owed - normal
        if state.bolus_owed == 0:
            state.outstanding_ends = 1
            state.bolus_ended = state.now
    if extended > 0:
        state.extended_given = state.extended_given + extended
        if state.extended_given == state.extended_amount:
            state.extended_amount = 0
            state.extended_duration = 0
            state.extended_elapsed = 0
            state.extended_given = 0
            state.bolus_ended = state.now


@require(lambda state: state_valid(state))
@require(lambda state: state.outstanding == 0 and mode(state) == MODE_DELIVERING)
@snapshot(lambda state: copy(state), name="state")
@snapshot(lambda outcome: copy(outcome), name="outcome")
@ensure(lambda state: state_valid(state))
@ensure(
    lambda state, outcome, OLD, result: (
        result != REASON_NONE or released(OLD.state, state, outcome, PATH_PATIENT)
    )
)
@ensure(
    lambda state, outcome, OLD, result: (
        result == REASON_NONE or (same(state, OLD.state) and same(outcome, OLD.outcome))
    )
)
@ensure(
    lambda state, outcome, OLD, result: (
        result != REASON_NONE
        or outcome.amount * HOUR + state.carry + body_owed(state) * HOUR
        == OLD.state.carry + body_owed(OLD.state) * HOUR
    )
)
@ensure(
    lambda state, OLD, result: (
        result != REASON_NONE or state.bolus_owed + state.outstanding_bolus == OLD.state.bolus_owed
    )
)
@ensure(lambda state, OLD: state.carry <= OLD.state.carry)
@ensure(lambda state, OLD: body_owed(state) <= body_owed(OLD.state))
@ensure(lambda state, OLD: body_owed(OLD.state) - body_owed(state) <= speed_room(OLD.state))
@ensure(
    lambda state, OLD: (
        state.carry < state.limits.pulse * HOUR
        or OLD.state.carry >= body_room(OLD.state) * HOUR + HOUR
    )
)
def release_therapy(state: State, outcome: Outcome) -> int:
    """Basal first, then the normal bolus, then what of the extended bolus is due."""
    pulse = state.limits.pulse
    room = body_room(state)
    due = extended_due(state)
    metered = smaller(state.carry // HOUR, VOLUME_MAX)
    basal = pulses_in(smaller(metered, room), pulse)
    left = smaller(room - dose(basal, pulse), speed_room(state))
    normal = pulses_in(smaller(state.bolus_owed, left), pulse)
    extended = pulses_in(smaller(due, left - dose(normal, pulse)), pulse)
    if basal + normal + extended == 0:
        if metered < pulse and state.bolus_owed < pulse and due < pulse:
            return REASON_NOTHING_DUE
        return withheld_reason(state)
    release(state, outcome, basal + normal + extended, RELEASE_THERAPY)
    state.carry = state.carry - dose(basal, pulse) * HOUR
    count_bolus(state, dose(normal, pulse), dose(extended, pulse))
    return REASON_NONE


@require(lambda state: state_valid(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, OLD: state.reservoir <= OLD.state.reservoir)
@ensure(lambda state, OLD: body_owed(state) <= body_owed(OLD.state))
@ensure(lambda state, OLD: state.prime_owed <= OLD.state.prime_owed)
def tick(state: State, outcome: Outcome) -> int:
    """Release what is due and allowed; the reason says why nothing left."""
    if state.outstanding > 0:
        return REASON_UNCONFIRMED
    if state.prime_owed > 0 and state.faulted == 0:
        return release_prime(state, outcome)
    blocked = mode_reason(body_mode(state))
    if blocked != REASON_NONE:
        return blocked
    if not cannula_ready(state):
        return release_fill(state, outcome)
    return release_therapy(state, outcome)
