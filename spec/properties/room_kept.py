"""Room for basal is kept by every step and every adoption, and so no cap withholds a pulse."""

from dosekernel.kernel.basal import committed_rate
from dosekernel.kernel.bolus import day_need, window_need
from dosekernel.kernel.contract import copy, ensure, require
from dosekernel.kernel.limits import backlog_max, slot_length
from dosekernel.kernel.records import (
    ACCEPTED,
    DAY_SLOT,
    FILL_CANNULA,
    HOUR,
    RATE_MAX,
    REASON_NONE,
    SET_BASAL,
    SLOTS,
    SPANS,
    TEMP_BASAL,
    Event,
    Outcome,
    State,
    Window,
)
from dosekernel.kernel.requests import is_bolus
from dosekernel.kernel.state import body_owed, state_valid
from dosekernel.kernel.window import older, slots_passed

from .ledgers import to_patient
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
@ensure(lambda result: result == 0 or result == 1)
@ensure(
    lambda state, rate, result: (
        result == 0
        or covered(
            state.window,
            slot_length(state.limits),
            state.now % slot_length(state.limits),
            rate,
            left_for_basal(state, state.limits.window_max),
        )
    )
)
@ensure(
    lambda state, rate, result: (
        result == 0
        or covered(
            state.day,
            DAY_SLOT,
            state.now % DAY_SLOT,
            rate,
            left_for_basal(state, state.limits.day_max),
        )
    )
)
@ensure(
    lambda state, rate, result: (
        result == 0
        or rate * SLOTS * slot_length(state.limits)
        + backlog_max(state.limits)
        + body_owed(state) * HOUR
        <= state.limits.window_max * HOUR
    )
)
@ensure(
    lambda state, rate, result: (
        result == 0
        or rate * SLOTS * DAY_SLOT + backlog_max(state.limits) + body_owed(state) * HOUR
        <= state.limits.day_max * HOUR
    )
)
def fits(state: State, rate: int) -> int:
    """1 if all that is owed, and this rate for ever, have room in both windows."""
    if window_need(state, rate) > state.limits.window_max * HOUR:
        return 0
    if day_need(state, rate) > state.limits.day_max * HOUR:
        return 0
    return 1


def asks_for_volume(event: Event) -> bool:
    """What adds to what is owed to the patient."""
    return is_bolus(event.kind) or event.kind == FILL_CANNULA


def room_checked(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """More is owed, or a higher rate is committed, only if room is left for all the basal."""
    if outcome.status != ACCEPTED:
        return True
    if asks_for_volume(event):
        return fits(after, committed_rate(after)) == 1
    if committed_rate(after) <= committed_rate(before):
        return True
    if event.kind != SET_BASAL and event.kind != TEMP_BASAL:
        return False
    if committed_rate(after) > event.rate or event.rate > after.limits.basal_max:
        return False
    return fits(after, event.rate) == 1


@require(lambda state: state_valid(state))
@require(lambda state, rate: committed_rate(state) <= rate and rate <= RATE_MAX)
@require(lambda state, rate: fits(state, rate) == 1)
@require(lambda state, later: no_more(later, state.window))
@require(lambda state, run: run.length == slot_length(state.limits))
@require(lambda state, run: run.cap == state.limits.window_max)
@ensure(lambda result: result)
@ensure(lambda state, later, run: roomy(later, state, run.length, run.cap))
def short_window_fits(state: State, later: Window, rate: int, run: Run) -> bool:
    """Room in the short window was looked at when more was accepted: so it is there."""
    on = copy(run)
    on.phase_after = state.now % run.length
    on.rate = rate
    left = left_for_basal(state, run.cap)
    committed = committed_rate(state)
    if fits(state, rate) != 1 or area(rate - committed, run.length) < 0:
        return False
    return covers_less(later, state.window, on, committed, left)


@require(lambda state: state_valid(state))
@require(lambda state, rate: committed_rate(state) <= rate and rate <= RATE_MAX)
@require(lambda state, rate: fits(state, rate) == 1)
@require(lambda state, later: no_more(later, state.day))
@require(lambda run: run.length == DAY_SLOT)
@require(lambda state, run: run.cap == state.limits.day_max)
@ensure(lambda result: result)
@ensure(lambda state, later, run: roomy(later, state, run.length, run.cap))
def day_window_fits(state: State, later: Window, rate: int, run: Run) -> bool:
    """Room in the day's window was looked at when more was accepted: so it is there."""
    on = copy(run)
    on.phase_after = state.now % run.length
    on.rate = rate
    left = left_for_basal(state, run.cap)
    committed = committed_rate(state)
    if fits(state, rate) != 1 or area(rate - committed, run.length) < 0:
        return False
    return covers_less(later, state.day, on, committed, left)


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
    if asks_for_volume(event):
        if not short_window_fits(after, later, committed_rate(after), run):
            return False
    elif committed_rate(after) > committed_rate(before):
        if not short_window_fits(after, later, event.rate, run):
            return False
    elif not carries_on(before, after, any_given, later, run):
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
    if asks_for_volume(event):
        if not day_window_fits(after, later, committed_rate(after), run):
            return False
    elif committed_rate(after) > committed_rate(before):
        if not day_window_fits(after, later, event.rate, run):
            return False
    elif not carries_on(before, after, any_given, later, run):
        return False
    return roomy(later, after, run.length, run.cap)


# ---- where a history begins, and what else moves it


def fits_then(after: State, result: int) -> bool:
    """What is begun or adopted has room for its basal at every later time."""
    return result != REASON_NONE or fits(after, committed_rate(after)) == 1


def roomy_then(after: State, result: int, any_given: Window, any_run: Run) -> bool:
    """The invariant of both windows holds of what is begun or adopted, whatever the ghost."""
    if result != REASON_NONE:
        return True
    run = copy(any_run)
    run.length = slot_length(after.limits)
    run.cap = after.limits.window_max
    rate = committed_rate(after)
    if no_more(any_given, after.window):
        if not short_window_fits(after, any_given, rate, run):
            return False
        if not roomy(any_given, after, run.length, run.cap):
            return False
    run.length = DAY_SLOT
    run.cap = after.limits.day_max
    if no_more(any_given, after.day):
        return day_window_fits(after, any_given, rate, run) and roomy(
            any_given, after, run.length, run.cap
        )
    return True
