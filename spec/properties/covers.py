"""Covers: what a working kernel must be able to do, so that a theorem says something."""

from dosekernel.kernel.records import (
    ACCEPTED,
    BOLUS,
    CORRUPT,
    EXTENDED_BOLUS,
    PATH_AIR,
    PATH_PATIENT,
    REASON_NONE,
    REFUSED,
    REPEATED,
    SUSPEND,
    Event,
    Outcome,
    State,
)


def accepts_a_bolus(event: Event, outcome: Outcome) -> bool:
    """A normal bolus is accepted."""
    return event.kind == BOLUS and outcome.status == ACCEPTED


def accepts_an_extended_bolus(event: Event, outcome: Outcome) -> bool:
    """An extended bolus is accepted."""
    return event.kind == EXTENDED_BOLUS and outcome.status == ACCEPTED


def delivers_to_the_patient(outcome: Outcome) -> bool:
    """A tick releases volume to the patient."""
    return outcome.path == PATH_PATIENT and outcome.amount > 0


def primes(outcome: Outcome) -> bool:
    """A tick releases a prime to the air."""
    return outcome.path == PATH_AIR and outcome.amount > 0


def refuses_a_bolus(event: Event, outcome: Outcome) -> bool:
    """A bolus is refused for its amount."""
    return event.kind == BOLUS and outcome.status == REFUSED and outcome.allowable > 0


def repeats_a_bolus(event: Event, outcome: Outcome) -> bool:
    """The last bolus again is known again."""
    return event.kind == BOLUS and outcome.status == REPEATED


def finds_corruption(outcome: Outcome) -> bool:
    """A memory is found corrupt."""
    return outcome.status == CORRUPT


def stops_a_bolus(before: State, event: Event, outcome: Outcome) -> bool:
    """A suspension stops a bolus that is owed."""
    return event.kind == SUSPEND and before.bolus_owed > 0 and outcome.not_given > 0


def begins(after: State, result: int) -> bool:
    """A pump begins."""
    return result == REASON_NONE and after.now > 0


def something_acts(state: State, result: int) -> bool:
    """Some drug is on board, in a slot that is not the newest."""
    return result > 0 and state.action.slots[3] > 0


def basal_accrues(state: State, result: int) -> bool:
    """Basal accrues, some of it at a temporary rate."""
    return result > 0 and state.temporary_rate > 0
