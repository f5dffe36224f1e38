"""Basal and bolus over whole histories: never ahead, never late, never faster than the motor.

The ghosts are sums since any instant: what the programme asked for, what was released.
"""

from dosekernel.kernel.arithmetic import larger, smaller
from dosekernel.kernel.basal import accrued, counted_time, metered, temporary_time
from dosekernel.kernel.contract import Record, copy, ensure, require
from dosekernel.kernel.infusion_set import mode
from dosekernel.kernel.limits import backlog_max, slot_length
from dosekernel.kernel.records import (
    ACCEPTED,
    ACTION_SLOT,
    DAY_SLOT,
    HOUR,
    MODE_DELIVERING,
    RATE_MAX,
    REASON_NONE,
    SPANS,
    TICK,
    TIME_MAX,
    Event,
    Outcome,
    State,
    Window,
)
from dosekernel.kernel.state import state_valid
from dosekernel.kernel.window import slot_known, total

from .histories import age
from .ledgers import given_of_basal, given_of_owed, to_patient
from .room import Run, area, carries_on, left_for_basal, roomy


class Sum(Record):
    """A ghost's sums since an instant.

    `programmed` is metered, in micro-units x ms/h, and so is `behind`, the carry at the start;
    `given` is a volume, `start` the instant.
    """

    start: int
    programmed: int
    given: int
    behind: int


# ---- what is metered


def accrued_meaning(state: State, at: int, result: int) -> bool:
    """The last `gap_max` of the time counts: at the temporary rate up to its end, then basal."""
    passed = at - state.now
    if passed > state.limits.gap_max:
        passed = state.limits.gap_max
    warm = larger(smaller(state.temporary_until, at) - (at - passed), 0)
    return result == state.temporary_rate * warm + state.basal_rate * (passed - warm)


# ---- basal is never ahead of its programme


def temporary_part(state: State, at: int) -> int:
    """How much of the time up to `at` the temporary rate runs, gap or no gap."""
    if state.temporary_until > state.now:
        return smaller(state.temporary_until, at) - state.now
    return 0


@require(lambda state: state_valid(state))
@require(lambda state, at: state.now <= at and at <= TIME_MAX)
@ensure(lambda state, at, result: metered(state, at) <= state.carry + result)
@ensure(
    lambda state, at, result: (
        result
        == state.temporary_rate * temporary_part(state, at)
        + state.basal_rate * (at - state.now - temporary_part(state, at))
    )
)
def programme(state: State, at: int) -> int:
    """What the programme asks for from now to `at`, metered, each instant at its own rate.

    It is what basal accrues, and what a gap leaves out.
    """
    warm = temporary_time(state, at)
    part = temporary_part(state, at)
    plain = at - state.now - part - (counted_time(state, at) - warm)
    left_out = area(state.temporary_rate, part - warm) + area(state.basal_rate, plain)
    return accrued(state, at) + left_out


def basal_follows(
    before: State, event: Event, after: State, outcome: Outcome, any_sum: Sum
) -> bool:
    """Since any instant basal has given no more than the programme, and what was left before it.

    What was left before is less than a backlog: a pulse, and what may pile up behind a release.
    """
    if outcome.status != ACCEPTED:
        return True
    ahead = any_sum.given * HOUR + before.carry > any_sum.programmed + any_sum.behind
    if ahead:
        return True
    given = any_sum.given + given_of_basal(before, event, after, outcome)
    programmed = any_sum.programmed + programme(before, after.now)
    if after.carry > backlog_max(after.limits):
        return False
    return given * HOUR + after.carry <= programmed + any_sum.behind


def rates_capped(after: State, outcome: Outcome) -> bool:
    """No programmed and no temporary rate is above the largest, whatever was decided."""
    if outcome.status != ACCEPTED:
        return True
    return (
        after.basal_rate <= after.limits.basal_max
        and after.temporary_rate <= after.limits.basal_max
    )


# ---- and no cap withholds a pulse of it


@require(lambda state: state_valid(state))
@require(lambda run: slot_known(run.length))
@require(lambda window, state, run: roomy(window, state, run.length, run.cap))
@ensure(lambda result: result)
@ensure(lambda window, state, run: total(window) * HOUR <= left_for_basal(state, run.cap))
def now_too(window: Window, state: State, run: Run) -> bool:
    """Room for all time to come is room now."""
    rate = state.basal_rate
    phase = state.now % run.length
    if state.temporary_rate > rate:
        rate = state.temporary_rate
    if state.limits.basal_reserve > rate:
        rate = state.limits.basal_reserve
    return area(rate, run.length - phase) >= 0 and roomy(window, state, run.length, run.cap)


def no_cap_withholds(
    before: State, event: Event, after: State, outcome: Outcome, any_run: Run
) -> bool:
    """A tick leaves less than a pulse of basal if the reservoir holds it: no cap stands in the way.

    So it is whenever the windows have the room that every step keeps: whenever no over-delivery
    is in them.
    """
    if outcome.status != ACCEPTED or event.kind != TICK or before.outstanding > 0:
        return True
    if mode(after) != MODE_DELIVERING or after.prime_owed > 0:
        return True
    run = copy(any_run)
    run.length = slot_length(before.limits)
    run.cap = before.limits.window_max
    run.amount = to_patient(outcome)
    day = copy(any_run)
    day.length = DAY_SLOT
    day.cap = before.limits.day_max
    day.amount = to_patient(outcome)
    if not roomy(before.window, before, run.length, run.cap):
        return True
    if not roomy(before.day, before, day.length, day.cap):
        return True
    if not carries_on(before, after, before.window, after.window, run):
        return False
    if not carries_on(before, after, before.day, after.day, day):
        return False
    if not now_too(after.window, after, run) or not now_too(after.day, after, day):
        return False
    if metered(before, after.now) >= before.reservoir * HOUR + HOUR:
        return True
    return after.carry < after.limits.pulse * HOUR


# ---- speed


@require(lambda speed: 0 <= speed <= RATE_MAX)
@require(lambda earlier, later: 0 <= earlier <= later)
@ensure(lambda result: result)
@ensure(lambda speed, earlier, later: speed * earlier <= speed * later)
def longer_gives_more(speed: int, earlier: int, later: int) -> bool:
    """In a longer time the motor delivers no less."""
    return area(speed, later - earlier) >= 0


def at_motor_speed(given: int, state: State, start: int) -> bool:
    """What was released beyond basal since an instant is what the motor delivers in that time.

    One release may have begun before it: so the time is longer by what a release may take.
    """
    if given == 0:
        return True
    if start > state.released_at:
        return False
    time = state.released_at - start + state.limits.confirm_max
    return given * HOUR <= state.limits.delivery_speed * time


def speed_kept(before: State, event: Event, after: State, outcome: Outcome, any_sum: Sum) -> bool:
    """In any interval the motor delivers no more beyond basal than its speed allows."""
    if outcome.status != ACCEPTED or any_sum.start < 0 or any_sum.given < 0:
        return True
    if any_sum.start > after.now or not at_motor_speed(any_sum.given, before, any_sum.start):
        return True
    speed = before.limits.delivery_speed
    more = given_of_owed(before, event, after, outcome)
    if event.kind != TICK:
        more = 0
    passed = after.now - before.released_at
    counted = smaller(passed, before.limits.confirm_max)
    whole = after.released_at - any_sum.start + before.limits.confirm_max
    if not longer_gives_more(speed, counted, passed):
        return False
    if any_sum.given > 0:
        was = before.released_at - any_sum.start + before.limits.confirm_max
        if not longer_gives_more(speed, was, whole):
            return False
    elif more > 0 and not longer_gives_more(speed, counted, whole):
        return False
    return more >= 0 and at_motor_speed(any_sum.given + more, after, any_sum.start)


# ---- adoption, and drug on board


def adoption_follows(before: State, after: State, result: int, any_sum: Sum) -> bool:
    """An adoption of limits gives no basal: it stays behind the programme as before."""
    if result != REASON_NONE:
        return True
    if any_sum.given * HOUR + before.carry > any_sum.programmed + any_sum.behind:
        return True
    programmed = any_sum.programmed + programme(before, after.now)
    return any_sum.given * HOUR + after.carry <= programmed + any_sum.behind


def acts_no_more(state: State, result: int, any_sum: Sum) -> bool:
    """Whatever was released at any instant acts no more than its slot is counted for.

    `elapsed` is its true age in whole slots, and what is left of it at that age is known; its slot
    may be one younger. So what is counted as on board is never below the true sum.
    """
    start = any_sum.start
    if start < 0 or start > state.now or result < 0:
        return True
    slot = age(ACTION_SLOT, start, state.now)
    elapsed = (state.now - start) // ACTION_SLOT
    if slot > SPANS:
        return elapsed >= SPANS
    youngest = larger(slot - 1, 0)
    acting = state.limits.action_remaining[elapsed]
    return acting <= state.limits.action_remaining[youngest]
