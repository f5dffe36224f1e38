"""What holds of any one step: predicates over the state around it, the event and the outcome.

`before` and `after` are the state around one event, `memory_before` and `memory_after` the whole
memory, `outcome` what the step said.
"""

from dosekernel.kernel.arithmetic import larger
from dosekernel.kernel.bolus import source_cap
from dosekernel.kernel.contract import same
from dosekernel.kernel.faults import clamped
from dosekernel.kernel.infusion_set import cannula_ready, set_expired, tubing_ready
from dosekernel.kernel.integrity import memory_sealed
from dosekernel.kernel.records import (
    ACCEPTED,
    ACKNOWLEDGE,
    ALARM_CORRUPT,
    BOLUS,
    CANCEL_TEMP_BASAL,
    CONFIRM,
    CONTROLLER,
    CORRUPT,
    DISCONNECT,
    FAULT,
    FILL_CANNULA,
    INSERT_SET,
    LOAD_RESERVOIR,
    MODE_FAULTED,
    PATH_AIR,
    PATH_NONE,
    PATH_PATIENT,
    PRIME,
    REASON_CORRUPT_STATE,
    REASON_ID_RANGE,
    REFUSED,
    RELEASE_FILL,
    RELEASE_PRIME,
    REMOTE,
    REPEATED,
    RESUME,
    SCHEDULE,
    SET_BASAL,
    SUSPEND,
    TEMP_BASAL,
    TICK,
    USER,
    Event,
    Memory,
    Outcome,
    State,
)
from dosekernel.kernel.requests import (
    id_follows,
    is_bolus,
    is_stop,
    repeats,
)
from dosekernel.kernel.step import intact
from dosekernel.kernel.window import total

from .words import delivers_nothing, is_request, owed

# ---- corruption


def corruption(memory_before: Memory, memory_after: Memory, outcome: Outcome) -> bool:
    """A memory with any word that does not match its inverse delivers nothing and says so."""
    if intact(memory_before):
        return outcome.status != CORRUPT
    return (
        outcome.status == CORRUPT
        and outcome.reason == REASON_CORRUPT_STATE
        and outcome.mode == MODE_FAULTED
        and outcome.alarms == ALARM_CORRUPT
        and delivers_nothing(outcome)
        and same(memory_before, memory_after)
    )


def corruption_seen(memory_before: Memory, any_damaged: Memory) -> bool:
    """Any change to one copy alone, of one word or of many, leaves a memory that does not match."""
    if not memory_sealed(memory_before) or same(memory_before, any_damaged):
        return True
    one_copy = same(memory_before.state, any_damaged.state)
    other_copy = same(memory_before.inverse, any_damaged.inverse)
    if one_copy or other_copy:
        return not memory_sealed(any_damaged)
    return True


def soundness(memory_before: Memory, memory_after: Memory, outcome: Outcome) -> bool:
    """What is acted on is sound, and what is left behind is: or it was found corrupt."""
    return outcome.status == CORRUPT or (intact(memory_before) and intact(memory_after))


# ---- bolus-cap


def bolus_cap(before: State, event: Event, outcome: Outcome) -> bool:
    """An accepted bolus is within its source's cap and a whole number of pulses."""
    if outcome.status != ACCEPTED or not is_bolus(event.kind):
        return True
    return (
        0 < event.amount <= source_cap(before, event.source)
        and event.amount % before.limits.pulse == 0
    )


def bolus_counted(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """A normal bolus is owed once, in full, and what is delivered for it is taken off."""
    if outcome.status == ACCEPTED and event.kind == BOLUS:
        return after.bolus_owed == event.amount and delivers_nothing(outcome)
    if outcome.amount > 0:
        return after.bolus_owed + after.outstanding_bolus <= before.bolus_owed
    return after.bolus_owed <= before.bolus_owed


# ---- reservoir


def reservoir(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """The reservoir is in range and changes by what was released, loaded or in excess."""
    if outcome.status != ACCEPTED:
        return after.reservoir == before.reservoir
    if after.reservoir < 0 or after.reservoir > after.limits.reservoir_capacity:
        return False
    if event.kind == LOAD_RESERVOIR:
        return after.reservoir == event.amount
    if event.kind == FAULT:
        return after.reservoir == larger(before.reservoir - clamped(event.amount), 0)
    if event.kind == CONFIRM:
        excess = larger(event.amount - before.outstanding, 0)
        return after.reservoir == larger(before.reservoir - excess, 0)
    return after.reservoir == before.reservoir - outcome.amount


# ---- blocked


def blocked(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """Nothing reaches the patient but in TICK, through a whole, sound, connected, running pump."""
    if outcome.path != PATH_PATIENT:
        return True
    if event.kind != TICK or outcome.status != ACCEPTED or before.outstanding > 0:
        return False
    if after.suspended == 1 or after.low_suspended == 1:
        return False
    if after.faulted == 1 or after.latched == 1:
        return False
    if after.loaded == 0 or after.inserted == 0 or after.connected == 0:
        return False
    if not tubing_ready(after) or set_expired(after):
        return False
    if before.reservoir < before.limits.pulse:
        return False
    return cannula_ready(after) or after.outstanding_class == RELEASE_FILL


def to_the_air(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """A prime leaves only in TICK, only while disconnected, with no fault standing."""
    if outcome.path != PATH_AIR:
        return outcome.path == PATH_NONE or outcome.path == PATH_PATIENT
    if event.kind != TICK or outcome.status != ACCEPTED or before.outstanding > 0:
        return False
    return (
        after.connected == 0
        and after.faulted == 0
        and after.outstanding_class == RELEASE_PRIME
        and outcome.amount <= before.prime_owed
    )


def released_whole(before: State, after: State, outcome: Outcome) -> bool:
    """What leaves is whole pulses, waits for its report, and is nothing where there is no path."""
    if outcome.path == PATH_NONE:
        return outcome.amount == 0 and outcome.pulses == 0
    return (
        outcome.amount >= 1
        and outcome.amount == outcome.pulses * before.limits.pulse
        and after.outstanding == outcome.amount
        and outcome.amount <= before.reservoir
    )


def window_caps(after: State, outcome: Outcome) -> bool:
    """After a release to the patient the windows hold no more than their caps."""
    if outcome.path != PATH_PATIENT:
        return True
    return (
        total(after.window) <= after.limits.window_max and total(after.day) <= after.limits.day_max
    )


# ---- stop


def stop_accepted(
    memory_before: Memory, before: State, event: Event, after: State, outcome: Outcome
) -> bool:
    """From every sound memory a stop is accepted, and what it stops is stopped."""
    if not intact(memory_before) or not is_stop(event.kind):
        return True
    if outcome.status == REPEATED:
        return event.kind == FAULT and before.faulted == 1
    if outcome.status != ACCEPTED or not delivers_nothing(outcome) or owed(after) != 0:
        return False
    if event.kind == SUSPEND:
        return after.suspended == 1
    if event.kind == DISCONNECT:
        return after.connected == 0
    if event.kind == FAULT:
        return after.faulted == 1 and after.suspended == 1
    return True


def owed_rises(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """Owed never rises but by an accepted bolus, prime or fill, and then by no more than asked."""
    if owed(after) <= owed(before):
        return True
    if outcome.status != ACCEPTED:
        return False
    if is_bolus(event.kind) or event.kind == FILL_CANNULA or event.kind == PRIME:
        return owed(after) <= owed(before) + event.amount
    return False


def stays_stopped(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """What was stopped starts again only when the user says so."""
    if before.suspended == 1 and after.suspended == 0:
        return event.kind == RESUME and event.source == USER and outcome.status == ACCEPTED
    if before.faulted == 1 and after.faulted == 0:
        return event.kind == ACKNOWLEDGE and event.source == USER and outcome.status == ACCEPTED
    if before.latched == 1 and after.latched == 0:
        return event.kind == INSERT_SET and event.source == USER and outcome.status == ACCEPTED
    return True


# ---- refusal


def refusal(memory_before: Memory, memory_after: Memory, outcome: Outcome) -> bool:
    """What is not accepted leaves every word of the memory as it was, and delivers nothing."""
    if outcome.status == ACCEPTED:
        return True
    return same(memory_before, memory_after) and delivers_nothing(outcome)


# ---- exactly-once


def exactly_once(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """An accepted request has a new id, is not too old and not from the future, and is kept."""
    if outcome.status != ACCEPTED or not is_request(event.kind):
        return True
    return (
        id_follows(before.last.id, event.id)
        and event.issued_at <= event.at
        and event.at - event.issued_at <= before.limits.request_age_max
        and same(after.last, event)
    )


def old_ids(memory_before: Memory, before: State, event: Event, outcome: Outcome) -> bool:
    """An id that was used before is refused, or recognised as the very same request again."""
    if not intact(memory_before) or not is_request(event.kind) or event.id > before.last.id:
        return True
    if outcome.status == REPEATED:
        return repeats(before, event)
    return outcome.status == REFUSED


def repeats_known(memory_before: Memory, before: State, event: Event, outcome: Outcome) -> bool:
    """The last accepted request again is REPEATED, unless it is malformed or out of time."""
    if not intact(memory_before) or not is_request(event.kind) or not repeats(before, event):
        return True
    if outcome.status == REPEATED:
        return True
    return outcome.status == REFUSED and outcome.reason < REASON_ID_RANGE


def ids_rise(before: State, after: State) -> bool:
    """The last id never falls, so no id is ever accepted twice."""
    return after.last.id >= before.last.id


# ---- clock and source


def clock(before: State, event: Event, after: State, outcome: Outcome) -> bool:
    """Time never goes back, and an accepted event other than a stop is at its own time."""
    if outcome.status == ACCEPTED and not is_stop(event.kind) and after.now != event.at:
        return False
    return after.now >= before.now


def source(before: State, event: Event, outcome: Outcome) -> bool:
    """No source obtains a kind or an amount outside its row."""
    if outcome.status != ACCEPTED or not is_request(event.kind) or event.source == USER:
        return True
    if event.source == SCHEDULE:
        return event.kind == SET_BASAL
    if event.source != CONTROLLER and event.source != REMOTE:
        return False
    if event.kind == BOLUS:
        return event.amount <= source_cap(before, event.source)
    if event.kind == CANCEL_TEMP_BASAL:
        return True
    if event.kind != TEMP_BASAL:
        return False
    if event.source == REMOTE:
        return event.rate <= before.basal_rate
    return (
        event.rate <= before.limits.controller_basal_max
        and event.duration <= before.limits.controller_duration_max
    )


def limits_kept(before: State, after: State) -> bool:
    """No event changes the limits."""
    return same(before.limits, after.limits)
