"""Room for basal is kept by every step and every adoption, and so no cap withholds a pulse."""

from dosekernel.kernel.basal import committed_rate
from dosekernel.kernel.contract import copy, ensure, require
from dosekernel.kernel.limits import backlog_max, slot_length
from dosekernel.kernel.records import (
    ACCEPTED,
    DAY_SLOT,
    FILL_CANNULA,
    HOUR,
    RATE_MAX,
    SLOTS,
    SPANS,
    Event,
    Outcome,
    State,
    Window,
)
from dosekernel.kernel.requests import is_bolus
from dosekernel.kernel.state import body_owed, state_valid
from dosekernel.kernel.window import older, slots_passed

from .ledgers import fits, to_patient
from .room import (
    Run,
    area,
    carries_on,
    covered,
    covers_less,
    left_for_basal,
    no_more,
    no_more_carries,
    roomy,
)


@require(lambda state: state_valid(state))
@require(lambda rate: 0 <= rate <= RATE_MAX)
@require(lambda state, rate: fits(state, rate))
@ensure(lambda result: result)
@ensure(
    lambda state, rate: covered(
        state.window,
        slot_length(state.limits),
        state.now % slot_length(state.limits),
        rate,
        left_for_basal(state, state.limits.window_max),
    )
)
@ensure(
    lambda state, rate: covered(
        state.day,
        DAY_SLOT,
        state.now % DAY_SLOT,
        rate,
        left_for_basal(state, state.limits.day_max),
    )
)
@ensure(
    lambda state, rate: (
        rate * SLOTS * slot_length(state.limits)
        + backlog_max(state.limits)
        + body_owed(state) * HOUR
        <= state.limits.window_max * HOUR
    )
)
@ensure(
    lambda state, rate: (
        rate * SLOTS * DAY_SLOT + backlog_max(state.limits) + body_owed(state) * HOUR
        <= state.limits.day_max * HOUR
    )
)
def fits_for_ever(state: State, rate: int) -> bool:
    """What an acceptance looked at is room at every later time, in both windows."""
    return fits(state, rate)


def rate_looked_at(event: Event, after: State) -> int:
    """The rate for which an acceptance made sure of room."""
    if is_bolus(event.kind) or event.kind == FILL_CANNULA:
        return committed_rate(after)
    return event.rate


def looked_at(event: Event, after: State, high: Window, later: Window, run: Run) -> bool:
    """Room was looked at when more was accepted: so it is there."""
    on = copy(run)
    on.phase_after = after.now % run.length
    on.rate = rate_looked_at(event, after)
    if not fits_for_ever(after, on.rate):
        return False
    left = left_for_basal(after, run.cap)
    rate = committed_rate(after)
    if area(on.rate - rate, run.length) < 0 or not covers_less(later, high, on, rate, left):
        return False
    return roomy(later, after, run.length, run.cap)


def asks_for_more(before: State, event: Event, after: State) -> bool:
    """More is owed to the patient, or a higher rate is committed."""
    if is_bolus(event.kind) or event.kind == FILL_CANNULA:
        return True
    return committed_rate(after) > committed_rate(before)


def short_room_kept(
    before: State, event: Event, after: State, outcome: Outcome, any_given: Window, any_run: Run
) -> bool:
    """All that was released and is owed and the basal of all time to come fit the short window."""
    if outcome.status != ACCEPTED:
        return True
    run = copy(any_run)
    run.length = slot_length(before.limits)
    run.amount = to_patient(outcome)
    run.cap = before.limits.window_max
    if not no_more(any_given, before.window) or not roomy(any_given, before, run.length, run.cap):
        return True
    passed = slots_passed(run.length, before.now, after.now)
    later = copy(any_given)
    for i in range(SPANS):
        later.slots[i + 1] = older(any_given, i + 1, passed)
    later.slots[0] = older(any_given, 0, passed) + run.amount
    if not no_more_carries(any_given, before.window, passed) or not no_more(later, after.window):
        return False
    if asks_for_more(before, event, after):
        return looked_at(event, after, after.window, later, run)
    if not carries_on(before, after, any_given, later, run):
        return False
    return roomy(later, after, run.length, run.cap)


def day_room_kept(
    before: State, event: Event, after: State, outcome: Outcome, any_given: Window, any_run: Run
) -> bool:
    """All that was released and is owed and the basal of all time to come fit the day's window."""
    if outcome.status != ACCEPTED:
        return True
    run = copy(any_run)
    run.length = DAY_SLOT
    run.amount = to_patient(outcome)
    run.cap = before.limits.day_max
    if not no_more(any_given, before.day) or not roomy(any_given, before, run.length, run.cap):
        return True
    passed = slots_passed(run.length, before.now, after.now)
    later = copy(any_given)
    for i in range(SPANS):
        later.slots[i + 1] = older(any_given, i + 1, passed)
    later.slots[0] = older(any_given, 0, passed) + run.amount
    if not no_more_carries(any_given, before.day, passed) or not no_more(later, after.day):
        return False
    if asks_for_more(before, event, after):
        return looked_at(event, after, after.day, later, run)
    if not carries_on(before, after, any_given, later, run):
        return False
    return roomy(later, after, run.length, run.cap)
