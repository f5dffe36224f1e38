"""Requests: kinds, ranges, sources, ids and ages, each as its definition."""

from dosekernel.kernel.clock import clock_reason
from dosekernel.kernel.contract import assign, copy, same
from dosekernel.kernel.records import (
    ACKNOWLEDGE,
    AHEAD_MAX,
    BOLUS,
    CANCEL_BOLUS,
    CANCEL_TEMP_BASAL,
    CODE_MAX,
    CONFIRM,
    CONTROLLER,
    DISCONNECT,
    EXTENDED_BOLUS,
    FAULT,
    GLUCOSE,
    ID_MAX,
    ID_STEP_MAX,
    RATE_MAX,
    REASON_CLOCK_AHEAD,
    REASON_CLOCK_BACKWARD,
    REASON_EXPIRED,
    REASON_FUTURE,
    REASON_ID_OLD,
    REASON_ID_RANGE,
    REASON_ID_REUSED,
    REASON_KIND,
    REASON_NONE,
    REASON_RANGE,
    REASON_SOURCE,
    REMOTE,
    SCHEDULE,
    SET_BASAL,
    SUSPEND,
    TEMP_BASAL,
    TICK,
    TIME_MAX,
    UNCERTAIN,
    USER,
    VOLUME_MAX,
    Event,
    State,
)
from dosekernel.kernel.requests import event_ranged, id_follows, is_report, source_may

from .rule_words import iff, next_line

# ---- kinds and sources


def stop_kinds(kind: int, result: bool) -> bool:
    """SUSPEND, CANCEL_BOLUS, DISCONNECT and FAULT, and nothing else."""
    listed = next_line(0, kind == SUSPEND, 1)
    listed = next_line(listed, kind == CANCEL_BOLUS, 1)
    listed = next_line(listed, kind == DISCONNECT, 1)
    return iff(result, next_line(listed, kind == FAULT, 1) == 1)


def report_kinds(kind: int, result: bool) -> bool:
    """TICK, CONFIRM, UNCERTAIN and GLUCOSE, and nothing else."""
    listed = next_line(0, kind == TICK, 1)
    listed = next_line(listed, kind == CONFIRM, 1)
    listed = next_line(listed, kind == UNCERTAIN, 1)
    return iff(result, next_line(listed, kind == GLUCOSE, 1) == 1)


def bolus_kinds(kind: int, result: bool) -> bool:
    """BOLUS and EXTENDED_BOLUS, and nothing else."""
    return iff(result, next_line(next_line(0, kind == BOLUS, 1), kind == EXTENDED_BOLUS, 1) == 1)


def source_rows(source_before: int, kind: int, result: bool) -> bool:
    """The table of sources, row by row: what each may ask for beside reports."""
    if is_report(kind) or source_before == USER:
        return result
    automatic = next_line(next_line(0, source_before == CONTROLLER, 1), source_before == REMOTE, 1)
    therapy = next_line(next_line(0, kind == BOLUS, 1), kind == TEMP_BASAL, 1)
    if automatic == 1:
        return iff(result, therapy == 1 or kind == CANCEL_TEMP_BASAL)
    return iff(result, source_before == SCHEDULE and kind == SET_BASAL)


# ---- ranges and time


def ranges(event: Event, result: bool) -> bool:
    """Each field is in its own range; nothing is wrapped or clipped."""
    times = 0 <= event.at <= TIME_MAX and 0 <= event.issued_at <= TIME_MAX
    volumes = 0 <= event.amount <= VOLUME_MAX and 0 <= event.rate <= RATE_MAX
    rest = 0 <= event.duration <= TIME_MAX and 0 <= event.code <= CODE_MAX
    return iff(result, times and volumes and rest and USER <= event.source <= REMOTE)


def clock_guards(before: State, at: int, result: int) -> bool:
    """The present is not before the kernel's time, nor more than 31 days ahead."""
    ahead = at > TIME_MAX or at > before.now + AHEAD_MAX
    found = next_line(REASON_NONE, at < before.now, REASON_CLOCK_BACKWARD)
    return result == next_line(found, ahead, REASON_CLOCK_AHEAD)


def event_guards(before: State, event: Event, result: int) -> bool:
    """Kind, ranges, source and time, in this order."""
    known = TICK <= event.kind <= ACKNOWLEDGE
    found = next_line(REASON_NONE, not known, REASON_KIND)
    found = next_line(found, not event_ranged(event), REASON_RANGE)
    found = next_line(found, not source_may(event.source, event.kind), REASON_SOURCE)
    return result == next_line(found, True, clock_reason(before, event.at))


# ---- ids


def repeat_meaning(before: State, event: Event, result: bool) -> bool:
    """The last request again, whatever the time at which it arrives, and nothing else."""
    arrived = copy(event)
    arrived.at = before.last.at
    return iff(result, same(arrived, before.last))


def next_ids(last: int, id_before: int, result: bool) -> bool:
    """A new id lies above the last, by no more than the largest step, and in range."""
    step = id_before - last
    return iff(result, step >= 1 and step <= ID_STEP_MAX and id_before <= ID_MAX)


def request_guards(before: State, event: Event, result: int) -> bool:
    """A fresh request has a new id in range, was issued by now and is not too old."""
    last = before.last.id
    ranged = 1 <= event.id <= ID_MAX and event.id <= last + ID_STEP_MAX
    old = event.issued_at + before.limits.request_age_max < event.at
    found = next_line(REASON_NONE, not ranged, REASON_ID_RANGE)
    found = next_line(found, event.id == last, REASON_ID_REUSED)
    found = next_line(found, event.id < last, REASON_ID_OLD)
    found = next_line(found, event.issued_at > event.at, REASON_FUTURE)
    return result == next_line(found, old, REASON_EXPIRED)


def remembered_exactly(before: State, event: Event, after: State) -> bool:
    """The whole request is kept, and nothing else changes."""
    expected = copy(before)
    assign(expected.last, event)
    return same(after, expected)


def id_raised_exactly(before: State, event: Event, after: State) -> bool:
    """A stop with a new id is kept as the last request; with any other it moves nothing."""
    expected = copy(before)
    if event.id >= 1 and id_follows(before.last.id, event.id):
        assign(expected.last, event)
    return same(after, expected)


# ---- covers


def knows_again(before: State, result: bool) -> bool:
    """A request is known again."""
    return result and before.last.id > 0


def is_automatic(source_before: int, result: bool) -> bool:
    """A controller may ask."""
    return result and source_before == CONTROLLER
