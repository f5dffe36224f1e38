"""Each kind of event has its own guards and its own effect, and no other's."""

from dosekernel.kernel.bolus import allowable, bolus_reason, fill_reason
from dosekernel.kernel.contract import assign, copy, same
from dosekernel.kernel.faults import acknowledge_reason, report_reason, resume_reason
from dosekernel.kernel.glucose import reading_reason
from dosekernel.kernel.infusion_set import (
    connect_reason,
    insert_reason,
    load_reason,
    prime_reason,
)
from dosekernel.kernel.rates import end_temporary_reason, rate_reason, temporary_reason
from dosekernel.kernel.records import (
    ACKNOWLEDGE,
    CONFIRM,
    CONNECT,
    FILL_CANNULA,
    GLUCOSE,
    INSERT_SET,
    LOAD_RESERVOIR,
    PRIME,
    REASON_NONE,
    RESUME,
    SET_BASAL,
    TEMP_BASAL,
    TICK,
    Event,
    Outcome,
    State,
)
from dosekernel.kernel.requests import is_bolus, request_reason

from .bolus_rules import bolus_owed_exactly
from .delivery_rules import tick_order
from .glucose_rules import reading_taken_exactly
from .rate_rules import programmed_exactly, temporary_ended_exactly, temporary_exactly
from .rule_words import iff
from .set_rules import (
    connected_exactly,
    fill_owed_exactly,
    inserted_exactly,
    loaded_exactly,
    primed_exactly,
)
from .stop_rules import (
    acknowledged_exactly,
    confirmed_amiss,
    confirmed_exactly,
    reported,
    resumed_exactly,
    uncertain_once,
    uncertain_settled,
    uncertain_twice,
)


def of_the_set(kind: int) -> bool:
    """The reservoir and the infusion set."""
    if kind == LOAD_RESERVOIR:
        return True
    if kind == PRIME:
        return True
    if kind == INSERT_SET:
        return True
    if kind == FILL_CANNULA:
        return True
    return kind == CONNECT


def set_kinds(kind_before: int, result: bool) -> bool:
    """The five kinds of handling of reservoir and set, and no other."""
    return iff(result, of_the_set(kind_before))


def set_guard(before: State, event: Event) -> int:
    """What is said of a request about reservoir and set, by its kind."""
    if event.kind == LOAD_RESERVOIR:
        return load_reason(before, event.amount)
    if event.kind == PRIME:
        return prime_reason(before, event.amount)
    if event.kind == INSERT_SET:
        return insert_reason(before, event.code)
    if event.kind == CONNECT:
        return connect_reason(before)
    return fill_reason(before, event.amount)


def set_effect(before: State, event: Event, after: State) -> bool:
    """What an allowed request about reservoir and set does, by its kind."""
    if event.kind == LOAD_RESERVOIR:
        return loaded_exactly(before, event.amount, after)
    if event.kind == PRIME:
        return primed_exactly(before, event.amount, after)
    if event.kind == INSERT_SET:
        return inserted_exactly(before, event.code, after)
    if event.kind == CONNECT:
        return connected_exactly(before, after)
    return fill_owed_exactly(before, event.amount, after)


def therapy_guard(before: State, event: Event) -> int:
    """What is said of a request for a bolus or a rate, by its kind."""
    if is_bolus(event.kind):
        return bolus_reason(before, event)
    if event.kind == SET_BASAL:
        return rate_reason(before, event.rate)
    if event.kind == TEMP_BASAL:
        return temporary_reason(before, event)
    return end_temporary_reason(before, event.source)


def therapy_effect(before: State, event: Event, after: State) -> bool:
    """What an allowed request for a bolus or a rate does, by its kind."""
    if is_bolus(event.kind):
        return bolus_owed_exactly(before, event, after)
    if event.kind == SET_BASAL:
        return programmed_exactly(before, event.rate, after)
    if event.kind == TEMP_BASAL:
        return temporary_exactly(before, event.rate, event.duration, after)
    return temporary_ended_exactly(before, after)


def set_asked(before: State, event: Event, after: State, result: int) -> bool:
    """A request about reservoir and set: its own guard, then its own effect or none at all."""
    if result != set_guard(before, event):
        return False
    if result != REASON_NONE:
        return same(before, after)
    return set_effect(before, event, after)


def therapy_asked(before: State, event: Event, after: State, result: int) -> bool:
    """A request for a bolus or a rate: its own guard, then its own effect or none at all."""
    if result != therapy_guard(before, event):
        return False
    if result != REASON_NONE:
        return same(before, after)
    return therapy_effect(before, event, after)


# ---- any request


def request_guarded(before: State, event: Event, result: int) -> bool:
    """A request is refused for what is wrong with it, else by the guard of its kind."""
    stale = request_reason(before, event)
    if stale != REASON_NONE:
        return result == stale
    if event.kind == RESUME:
        return result == resume_reason(before)
    if event.kind == ACKNOWLEDGE:
        return result == acknowledge_reason(before)
    if of_the_set(event.kind):
        return result == set_guard(before, event)
    return result == therapy_guard(before, event)


def request_effect(before: State, event: Event, after: State, result: int) -> bool:
    """A request has the effect of its kind and is remembered; a refused one changes nothing."""
    if result != REASON_NONE:
        return same(before, after)
    done = copy(after)
    assign(done.last, before.last)
    if not same(after.last, event):
        return False
    if event.kind == RESUME:
        return resumed_exactly(before, done)
    if event.kind == ACKNOWLEDGE:
        return acknowledged_exactly(before, done)
    if of_the_set(event.kind):
        return set_effect(before, event, done)
    return therapy_effect(before, event, done)


def allowable_told(
    before: State, event: Event, outcome_before: Outcome, outcome_after: Outcome
) -> bool:
    """What a bolus could be is told of a bolus that is well asked; nothing else is said."""
    expected = copy(outcome_before)
    if request_reason(before, event) == REASON_NONE and is_bolus(event.kind):
        expected.allowable = allowable(before, event)
    return same(outcome_after, expected)


# ---- reports


def report_guarded(before: State, event: Event, result: int) -> bool:
    """A tick is always taken, a reading if it is usable, a report if it is of the release."""
    if event.kind == TICK:
        return result == REASON_NONE
    if event.kind == GLUCOSE:
        return result == reading_reason(before, event)
    return result == report_reason(before, event.id)


def report_effect(before: State, event: Event, after: State, outcome: Outcome, result: int) -> bool:
    """A report has the effect of its kind; a refused one changes nothing."""
    if result != REASON_NONE:
        return same(before, after) and outcome.not_given == 0
    if event.kind == TICK:
        return tick_order(before, after, outcome.reason) and outcome.not_given == 0
    if event.kind == GLUCOSE:
        return reading_taken_exactly(before, event, after) and outcome.not_given == 0
    if event.kind == CONFIRM:
        told = reported(before, event.amount, outcome.not_given)
        whole = confirmed_exactly(before, event.amount, after)
        return told and whole and confirmed_amiss(before, event.amount, after)
    return (
        uncertain_once(before, after)
        and uncertain_twice(before, after)
        and uncertain_settled(before, after)
    )


def report_told(event: Event, outcome_before: Outcome, outcome_after: Outcome) -> bool:
    """But for a tick, only what is not given is told here."""
    if event.kind == TICK:
        return True
    expected = copy(outcome_before)
    expected.reason = REASON_NONE
    expected.not_given = outcome_after.not_given
    return same(outcome_after, expected)


# ---- covers


def primes_the_tubing(before: State, event: Event, after: State, result: int) -> bool:
    """A prime is asked for and is owed."""
    asked = event.kind == PRIME and result == REASON_NONE
    return asked and after.prime_owed > before.prime_owed


def programs_a_rate(before: State, event: Event, after: State, result: int) -> bool:
    """Another rate is programmed."""
    asked = event.kind == SET_BASAL and result == REASON_NONE
    return asked and after.basal_rate != before.basal_rate


def resumes(before: State, event: Event, after: State, result: int) -> bool:
    """Delivery goes on after a suspension."""
    asked = event.kind == RESUME and result == REASON_NONE
    return asked and before.suspended == 1 and after.suspended == 0


def confirms(before: State, event: Event, after: State, result: int) -> bool:
    """A release is confirmed."""
    asked = event.kind == CONFIRM and result == REASON_NONE
    return asked and before.outstanding > 0 and after.outstanding == 0
