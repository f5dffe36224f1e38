"""What each kind of event leaves alone, what an outcome says, how long a temporary rate runs."""

from dosekernel.kernel.contract import same
from dosekernel.kernel.records import (
    ACCEPTED,
    ACKNOWLEDGE,
    CONFIRM,
    CONNECT,
    DISCONNECT,
    FAULT,
    FILL_CANNULA,
    GLUCOSE,
    INSERT_SET,
    LOAD_RESERVOIR,
    MODE_DELIVERING,
    PRIME,
    REASON_NONE,
    REFUSED,
    REPEATED,
    RESUME,
    SET_BASAL,
    SUSPEND,
    TEMP_BASAL,
    TICK,
    UNCERTAIN,
    Event,
    Outcome,
    State,
)
from dosekernel.kernel.requests import event_reason, is_stop

from .words import delivers_nothing, is_request

# ---- groups of words: with limits, layout, and what time and owing change, these are all there are


def same_load(before: State, after: State) -> bool:
    """The same reservoir: when it was put in, and how much of it was used to prime."""
    return before.reservoir_at == after.reservoir_at and before.loaded == after.loaded


def same_tubing(before: State, after: State) -> bool:
    """The tubing is as far primed."""
    return before.primed == after.primed and before.prime_fresh == after.prime_fresh


def same_insertion(before: State, after: State) -> bool:
    """The same set at the same site since the same time."""
    if before.inserted != after.inserted or before.site != after.site:
        return False
    return before.set_at == after.set_at


def same_suspension(before: State, after: State) -> bool:
    """Suspended or not, since the same time."""
    return before.suspended == after.suspended and before.suspended_at == after.suspended_at


def same_faults(before: State, after: State) -> bool:
    """The same faults, as reported and at the same times; the same latch."""
    if before.faulted != after.faulted or before.latched != after.latched:
        return False
    if before.fault_code != after.fault_code or before.fault_amount != after.fault_amount:
        return False
    if before.fault_issued != after.fault_issued or before.fault_at != after.fault_at:
        return False
    return before.fault_before == after.fault_before


def same_release(before: State, after: State) -> bool:
    """The same release waits, or none does, and as many were made before it."""
    if before.outstanding != after.outstanding or before.sequence != after.sequence:
        return False
    if before.outstanding_class != after.outstanding_class:
        return False
    if before.outstanding_bolus != after.outstanding_bolus:
        return False
    return (
        before.outstanding_ends == after.outstanding_ends
        and before.outstanding_stopped == after.outstanding_stopped
    )


def same_readings(before: State, after: State) -> bool:
    """The same two readings."""
    if before.glucose != after.glucose or before.glucose_at != after.glucose_at:
        return False
    if before.glucose_before != after.glucose_before:
        return False
    return before.glucose_before_at == after.glucose_before_at


# ---- frame


def reports(event: Event) -> bool:
    """The motor's reports on a release."""
    return event.kind == CONFIRM or event.kind == UNCERTAIN


def frame_of_the_set(before: State, event: Event, after: State) -> bool:
    """Only the actions on reservoir and set change them, and a confirmed prime or fill."""
    if event.kind != LOAD_RESERVOIR and not same_load(before, after):
        return False
    primes = event.kind == LOAD_RESERVOIR or event.kind == PRIME
    if not primes and before.prime_used != after.prime_used:
        return False
    handled = event.kind == LOAD_RESERVOIR or event.kind == INSERT_SET or event.kind == CONNECT
    if not handled and event.kind != CONFIRM and not same_tubing(before, after):
        return False
    if event.kind != INSERT_SET and not same_insertion(before, after):
        return False
    if event.kind != INSERT_SET and event.kind != CONFIRM and before.filled != after.filled:
        return False
    fills = event.kind == INSERT_SET or event.kind == FILL_CANNULA
    if not fills and before.fill_used != after.fill_used:
        return False
    return event.kind == CONNECT or event.kind == DISCONNECT or before.connected == after.connected


def frame_of_stops(before: State, event: Event, after: State) -> bool:
    """Only faults, suspensions, a report that is amiss and what lifts them change them."""
    faults = event.kind == FAULT or reports(event)
    stops = faults or event.kind == SUSPEND or event.kind == RESUME
    if not stops and not same_suspension(before, after):
        return False
    lifts = event.kind == ACKNOWLEDGE or event.kind == INSERT_SET
    if not faults and not lifts and not same_faults(before, after):
        return False
    if event.kind == ACKNOWLEDGE and before.latched != after.latched:
        return False
    if event.kind == INSERT_SET and before.faulted != after.faulted:
        return False
    return reports(event) or before.uncertain == after.uncertain


def frame_of_releases(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """Only TICK releases, only the motor's reports settle, only a stop marks what waits."""
    if event.kind != TICK and before.released_at != after.released_at:
        return False
    if event.kind != TICK and before.sequence != after.sequence:
        return False
    if event.kind != CONFIRM and before.confirmed != after.confirmed:
        return False
    settles = event.kind == TICK or reports(event)
    if is_stop(event.kind):
        marked = before.outstanding == 0 or after.outstanding_stopped == 1
        if before.outstanding != after.outstanding:
            return False
        if outcome.status == ACCEPTED and not marked:
            return False
    elif not settles and not same_release(before, after):
        return False
    counts = event.kind == TICK or event.kind == CONFIRM or event.kind == FAULT
    return counts or before.committed == after.committed


def frame_of_the_rest(before: State, event: Event, after: State) -> bool:
    """Only SET_BASAL programs a rate, only a reading is a reading, only a request is the last."""
    if before.layout != after.layout:
        return False
    if event.kind != SET_BASAL and before.basal_rate != after.basal_rate:
        return False
    if event.kind != GLUCOSE and not same_readings(before, after):
        return False
    if event.kind != GLUCOSE and after.low_suspended > before.low_suspended:
        return False
    if event.kind != GLUCOSE and before.low_since != after.low_since:
        return False
    return is_request(event.kind) or is_stop(event.kind) or same(before.last, after.last)


# ---- outcomes


def statuses(event: Event, outcome: Outcome) -> bool:
    """Exactly one status, and a reason exactly where there is something to explain."""
    if outcome.status == REFUSED:
        return outcome.reason != REASON_NONE and outcome.not_given == 0
    if outcome.status == REPEATED:
        return outcome.reason == REASON_NONE and outcome.not_given == 0
    if outcome.status != ACCEPTED:
        return False
    return event.kind == TICK or outcome.reason == REASON_NONE


def ticks_accepted(before: State, event: Event, outcome: Outcome) -> bool:
    """A well-formed tick in time is always accepted; it says why nothing left exactly if so."""
    if event.kind != TICK:
        return True
    if event_reason(before, event) != REASON_NONE:
        return outcome.status == REFUSED and outcome.reason == event_reason(before, event)
    if outcome.status != ACCEPTED:
        return False
    if outcome.reason == REASON_NONE:
        return outcome.amount > 0
    return delivers_nothing(outcome)


# ---- temporary rates


def temporary_bounded(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """No temporary rate outlives its end, none is longer than allowed, none comes unasked."""
    if outcome.status != ACCEPTED or after.temporary_until == 0:
        return outcome.status != ACCEPTED or after.temporary_rate == 0
    if after.temporary_until <= after.now:
        return False
    if event.kind == TEMP_BASAL:
        longest = after.now + after.limits.temp_duration_max
        return after.temporary_until <= longest and after.temporary_rate == event.rate
    return (
        after.temporary_until == before.temporary_until
        and after.temporary_rate == before.temporary_rate
    )


# ---- covers


def ends_a_temporary_rate(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """A temporary rate ends by itself."""
    if outcome.status != ACCEPTED or event.kind != TICK or outcome.mode != MODE_DELIVERING:
        return False
    return before.temporary_until > before.now and after.temporary_until == 0


def finds_nothing_due(event: Event, outcome: Outcome) -> bool:
    """A tick is accepted and says why nothing left."""
    return event.kind == TICK and outcome.status == ACCEPTED and outcome.reason != REASON_NONE
