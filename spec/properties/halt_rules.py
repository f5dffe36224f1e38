"""What a stop does beside stopping: its time, its id, the fault as reported, the stock."""

from dosekernel.kernel.arithmetic import smaller
from dosekernel.kernel.clock import clock_reason
from dosekernel.kernel.contract import same
from dosekernel.kernel.faults import cause_of, clamped, fault_repeats
from dosekernel.kernel.infusion_set import empty
from dosekernel.kernel.records import (
    ACCEPTED,
    DISCONNECT,
    FAULT,
    ID_MAX,
    REASON_NONE,
    REFUSED,
    RELEASE_PRIME,
    REPEATED,
    SUSPEND,
    Event,
    Outcome,
    State,
)
from dosekernel.kernel.requests import id_follows

from .rule_words import iff
from .words import owed


def timely(before: State, event: Event) -> bool:
    """The stop's time can be the present."""
    return clock_reason(before, event.at) == REASON_NONE


def stop_time(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """A stop acts at its own time, or at the kernel's where that cannot be."""
    if outcome.status == REPEATED or not timely(before, event):
        return after.now == before.now
    return after.now == event.at


def stop_id(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """A timely stop with a new id is kept as the last request; a fault has no id of its own."""
    new = event.id >= 1 and id_follows(before.last.id, event.id)
    counts = outcome.status == ACCEPTED and event.kind != FAULT and timely(before, event)
    if counts and new:
        return same(after.last, event)
    return same(after.last, before.last)


def fault_as_reported(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """A fault stands with cause, amount and time of issue as they were reported."""
    if event.kind != FAULT or outcome.status != ACCEPTED:
        return after.fault_code == before.fault_code and after.fault_at == before.fault_at
    if after.fault_code != cause_of(event.code) or after.fault_amount != clamped(event.amount):
        return False
    return after.fault_issued == event.issued_at


def echoes_only(before: State, event: Event, outcome: Outcome) -> bool:
    """A stop is repeated exactly if it is a fault, and the very one that stands."""
    echo = event.kind == FAULT and fault_repeats(before, event)
    return iff(outcome.status == REPEATED, echo)


def still_priming(before: State, event: Event) -> bool:
    """A prime is under way when a stop acts: released, or owed with no gap and drug for it."""
    gap = timely(before, event) and event.at - before.now > before.limits.gap_max
    due = before.prime_owed > 0 and not gap and not empty(before)
    return due or before.outstanding_class == RELEASE_PRIME


def overflow_counted(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """Over-flow counts as in the body, unless a prime was under way."""
    if event.kind != FAULT or outcome.status != ACCEPTED or still_priming(before, event):
        return after.committed == before.committed
    return after.committed == smaller(before.committed + clamped(event.amount), ID_MAX)


def release_stopped(before: State, after: State, outcome: Outcome) -> bool:
    """A release that waits when a stop comes is marked, so that too little of it is no fault."""
    if outcome.status == ACCEPTED and before.outstanding > 0:
        return after.outstanding_stopped == 1
    return after.outstanding_stopped == before.outstanding_stopped


def stop_kept(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """A stop suspends or disconnects by its kind, cancels all that is owed, and says how much."""
    if outcome.status == REPEATED:
        return same(before, after) and outcome.not_given == 0
    if event.kind == DISCONNECT and after.connected != 0:
        return False
    if event.kind != DISCONNECT and after.connected != before.connected:
        return False
    suspends = event.kind == SUSPEND or event.kind == FAULT
    if suspends and after.suspended != 1:
        return False
    if not suspends and after.suspended != before.suspended:
        return False
    return owed(after) == 0 and outcome.not_given == owed(before)


def stock_told(after: State, outcome: Outcome) -> bool:
    """Whatever is decided, what is left in the reservoir and the last release's number are told."""
    return outcome.reservoir == after.reservoir and outcome.sequence == after.sequence


# ---- covers


def refuses(outcome: Outcome) -> bool:
    """An event is refused."""
    return outcome.status == REFUSED


def counts_an_overflow(before: State, event: Event, after: State) -> bool:
    """A fault brings volume that was not released."""
    return event.kind == FAULT and after.committed > before.committed


def echoes(outcome: Outcome) -> bool:
    """The fault that stands is reported again."""
    return outcome.status == REPEATED
