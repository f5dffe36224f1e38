"""Boluses: refused exactly above what is allowable, for the first cause; owed exactly."""

from dosekernel.kernel.bolus import (
    allowable,
    bolus_ready,
    bolus_reason,
    busy,
    day_room,
    locked_out,
    on_board_room,
    source_cap,
    window_room,
)
from dosekernel.kernel.contract import copy, same
from dosekernel.kernel.glucose import increase_reason
from dosekernel.kernel.infusion_set import mode, mode_reason
from dosekernel.kernel.records import (
    ACCEPTED,
    BOLUS,
    CONTROLLER,
    EXTENDED_BOLUS,
    HOUR,
    NEVER,
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
    VOLUME_MAX,
    Event,
    Outcome,
    State,
)
from dosekernel.kernel.requests import event_reason, is_bolus, request_reason
from dosekernel.kernel.state import body_owed, extended_left

from .rule_words import iff, next_line

# ---- what a bolus is measured by


def cap_meaning(before: State, source_before: int, result: int) -> bool:
    """A controller and a remote have caps of their own, everyone else the largest."""
    if source_before == CONTROLLER:
        return result == before.limits.controller_bolus_max
    if source_before == REMOTE:
        return result == before.limits.remote_bolus_max
    return result == before.limits.bolus_max


def busy_meaning(before: State, kind_before: int, result: bool) -> bool:
    """One bolus of a kind at a time; a normal one lasts until its last release is settled."""
    if kind_before == EXTENDED_BOLUS:
        return iff(result, before.extended_amount > 0)
    return iff(result, before.bolus_owed > 0 or before.outstanding_bolus > 0)


def lockout_meaning(before: State, result: bool) -> bool:
    """No bolus before `bolus_lockout` has passed since the last one ended."""
    free = before.bolus_ended + before.limits.bolus_lockout
    return iff(result, before.bolus_ended != NEVER and before.now < free)


def spare_meaning(cap: int, need: int, result: int) -> bool:
    """The largest whole amount that still fits, and nothing once the cap is reached."""
    if need >= cap * HOUR:
        return result == 0
    return need + result * HOUR <= cap * HOUR and cap * HOUR < need + result * HOUR + HOUR


# ---- guards


def ready_guards(before: State, event: Event, result: int) -> bool:
    """Guards that are not about the amount: mode, another bolus, lockout, glucose, duration."""
    found = next_line(mode_reason(mode(before)), busy(before, event.kind), REASON_BUSY)
    found = next_line(found, locked_out(before), REASON_LOCKOUT)
    found = next_line(found, event.source == CONTROLLER, increase_reason(before))
    too_long = event.duration > before.limits.extended_duration_max
    untimed = event.kind == EXTENDED_BOLUS and (event.duration < 1 or too_long)
    return result == next_line(found, untimed, REASON_DURATION)


def bolus_guards(before: State, event: Event, result: int) -> bool:
    """A bolus is refused for the first of these causes that holds, and accepted if none does."""
    amount = event.amount
    broken = amount == 0 or amount % before.limits.pulse != 0
    found = next_line(bolus_ready(before, event), broken, REASON_AMOUNT)
    found = next_line(found, amount > source_cap(before, event.source), REASON_BOLUS_CAP)
    found = next_line(found, body_owed(before) + amount > before.reservoir, REASON_RESERVOIR)
    found = next_line(found, amount > window_room(before), REASON_WINDOW)
    found = next_line(found, amount > day_room(before), REASON_DAY)
    return result == next_line(found, amount > on_board_room(before), REASON_ON_BOARD)


def well_formed(state: State, event: Event) -> bool:
    """A bolus of at least one pulse and of whole pulses."""
    return 0 < event.amount <= VOLUME_MAX and event.amount % state.limits.pulse == 0


def exact_refusal(before: State, event: Event, result: int) -> bool:
    """A well-formed bolus is accepted if and only if it is no more than what is allowable."""
    if not well_formed(before, event):
        return result != REASON_NONE
    return iff(result == REASON_NONE, event.amount <= allowable(before, event))


def largest_allowed(before: State, event: Event, any_amount: int, result: int) -> bool:
    """Of all amounts the same bolus is accepted for those up to this one, and for no other."""
    asked = copy(event)
    asked.amount = any_amount
    if not well_formed(before, asked):
        return True
    return iff(bolus_reason(before, asked) == REASON_NONE, any_amount <= result)


def refused_exactly(before: State, event: Event, outcome: Outcome) -> bool:
    """A bolus that is fresh and well-formed is accepted if and only if the outcome allows it."""
    if not is_bolus(event.kind) or not well_formed(before, event):
        return True
    if event_reason(before, event) != REASON_NONE or request_reason(before, event) != REASON_NONE:
        return True
    return iff(outcome.status == ACCEPTED, event.amount <= outcome.allowable)


def spaced(before: State, event: Event, result: int) -> bool:
    """No bolus is accepted before the lockout has passed since the last one ended."""
    if result != REASON_NONE or not is_bolus(event.kind) or before.bolus_ended == NEVER:
        return True
    return before.now >= before.bolus_ended + before.limits.bolus_lockout


# ---- effects


def bolus_owed_exactly(before: State, event: Event, after: State) -> bool:
    """A normal bolus is owed at once, an extended one starts its clock; nothing else changes."""
    expected = copy(before)
    if event.kind == BOLUS:
        expected.bolus_owed = event.amount
    else:
        expected.extended_amount = event.amount
        expected.extended_duration = event.duration
        expected.extended_elapsed = 0
        expected.extended_given = 0
    return same(after, expected)


def body_cancelled_exactly(before: State, after: State, result: int) -> bool:
    """Nothing is owed to the patient; if it was a bolus the lockout runs from now."""
    expected = copy(before)
    expected.bolus_owed = 0
    expected.extended_amount = 0
    expected.extended_duration = 0
    expected.extended_elapsed = 0
    expected.extended_given = 0
    expected.fill_owed = 0
    if before.bolus_owed > 0 or extended_left(before) > 0:
        expected.bolus_ended = before.now
    return same(after, expected) and result == body_owed(before)


def prime_cancelled_exactly(before: State, after: State, result: int) -> bool:
    """No prime is owed."""
    expected = copy(before)
    expected.prime_owed = 0
    return same(after, expected) and result == before.prime_owed


def all_cancelled_exactly(before: State, after: State, result: int) -> bool:
    """Nothing is owed at all, and what was is told; nothing else changes."""
    expected = copy(before)
    expected.bolus_owed = 0
    expected.extended_amount = 0
    expected.extended_duration = 0
    expected.extended_elapsed = 0
    expected.extended_given = 0
    expected.fill_owed = 0
    expected.prime_owed = 0
    if before.bolus_owed > 0 or extended_left(before) > 0:
        expected.bolus_ended = before.now
    return same(after, expected) and result == body_owed(before) + before.prime_owed


# ---- an extended bolus


def even_pace(before: State, result: int) -> bool:
    """What is due is the even share of the time that has run, less what was given."""
    if before.extended_amount == 0:
        return result == 0
    reached = before.extended_given + result
    share = before.extended_amount * before.extended_elapsed
    if result > 0 and reached * before.extended_duration > share:
        return False
    return share < (reached + 1) * before.extended_duration


def exact_sum(before: State, result: int) -> bool:
    """When its time has run all of it is due, to the last micro-unit."""
    if before.extended_elapsed < before.extended_duration:
        return True
    return result == extended_left(before)


def clock_pauses(before: State, passed: int, after: State) -> bool:
    """An extended bolus's clock runs to its end, and not at all while a normal one is owed."""
    expected = copy(before)
    if before.extended_amount > 0 and before.bolus_owed == 0:
        expected.extended_elapsed = before.extended_elapsed + passed
        if expected.extended_elapsed > before.extended_duration:
            expected.extended_elapsed = before.extended_duration
    return same(after, expected)


def counted_exactly(before: State, normal: int, extended: int, after: State) -> bool:
    """What is being released is taken off its bolus; the last of a bolus ends it now."""
    expected = copy(before)
    if normal > 0:
        expected.outstanding_bolus = normal
        expected.bolus_owed = before.bolus_owed - normal
    if normal > 0 and normal == before.bolus_owed:
        expected.outstanding_ends = 1
        expected.bolus_ended = before.now
    if extended > 0:
        expected.extended_given = before.extended_given + extended
    if extended > 0 and extended == extended_left(before):
        expected.extended_amount = 0
        expected.extended_duration = 0
        expected.extended_elapsed = 0
        expected.extended_given = 0
        expected.bolus_ended = before.now
    return same(after, expected)


# ---- covers


def allows_after_a_lockout(before: State, event: Event, result: int) -> bool:
    """A bolus is accepted after another has ended."""
    return result == REASON_NONE and is_bolus(event.kind) and before.bolus_ended > 0


def allows_some(before: State, result: int) -> bool:
    """More than one pulse is allowed."""
    return result > before.limits.pulse


def ends_both(before: State, after: State) -> bool:
    """The last of both boluses."""
    if before.bolus_owed == 0 or before.extended_amount == 0:
        return False
    return after.bolus_owed == 0 and after.extended_amount == 0


def takes_a_bolus(event: Event, outcome: Outcome) -> bool:
    """A bolus of its whole allowance is accepted."""
    if not is_bolus(event.kind) or outcome.status != ACCEPTED:
        return False
    return event.amount == outcome.allowable


def refuses_for_its_amount(before: State, event: Event, result: int) -> bool:
    """A well-formed bolus is refused though a smaller one is allowed."""
    return result != REASON_NONE and allowable(before, event) > 0 and well_formed(before, event)


def pauses(before: State, passed: int, after: State) -> bool:
    """The clock of an extended bolus stands while another is owed."""
    return (
        passed > 0 and before.extended_amount > 0 and before.bolus_owed > 0 and same(before, after)
    )
