"""Who may ask for what, and exactly once: ids of accepted requests strictly increase."""

from .arithmetic import within
from .clock import clock_reason
from .contract import assign, copy, ensure, require, same, snapshot
from .records import (
    ACKNOWLEDGE,
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
from .state import state_valid


def is_stop(kind: int) -> bool:
    """A stop: accepted from anyone, whatever its id, age or clock."""
    return kind == SUSPEND or kind == CANCEL_BOLUS or kind == DISCONNECT or kind == FAULT


def is_report(kind: int) -> bool:
    """What the motor, the sensor or the clock reports; it carries no id of its own."""
    return kind == TICK or kind == CONFIRM or kind == UNCERTAIN or kind == GLUCOSE


def is_bolus(kind: int) -> bool:
    """A normal or an extended bolus."""
    return kind == BOLUS or kind == EXTENDED_BOLUS


def source_may(source: int, kind: int) -> bool:
    """The table of who may ask for what; a report may come from any source."""
    if source == USER or is_report(kind):
        return True
    if source == SCHEDULE:
        return kind == SET_BASAL
    if source == CONTROLLER or source == REMOTE:
        return kind == BOLUS or kind == TEMP_BASAL or kind == CANCEL_TEMP_BASAL
    return False


def event_ranged(event: Event) -> bool:
    """Every field that an event may use is in range; anything else is refused, never wrapped."""
    if not within(event.at, 0, TIME_MAX) or not within(event.issued_at, 0, TIME_MAX):
        return False
    if not within(event.source, USER, REMOTE):
        return False
    if not within(event.amount, 0, VOLUME_MAX) or not within(event.rate, 0, RATE_MAX):
        return False
    return within(event.duration, 0, TIME_MAX) and within(event.code, 0, CODE_MAX)


@require(lambda state: state_valid(state))
@ensure(
    lambda state, event, result: (
        result != REASON_NONE
        or (
            event.kind >= TICK
            and event.kind <= ACKNOWLEDGE
            and event_ranged(event)
            and source_may(event.source, event.kind)
            and state.now <= event.at
            and clock_reason(state, event.at) == REASON_NONE
        )
    )
)
@ensure(lambda result: REASON_NONE <= result <= REASON_CLOCK_AHEAD)
def event_reason(state: State, event: Event) -> int:
    """Why an event that is no stop cannot be looked at: malformed, not allowed, or out of time."""
    if not within(event.kind, TICK, ACKNOWLEDGE):
        return REASON_KIND
    if not event_ranged(event):
        return REASON_RANGE
    if not source_may(event.source, event.kind):
        return REASON_SOURCE
    return clock_reason(state, event.at)


def repeats(state: State, event: Event) -> bool:
    """The last accepted request again: the same id and content, all but the time it arrives."""
    if event.id != state.last.id or event.kind != state.last.kind:
        return False
    if event.issued_at != state.last.issued_at or event.source != state.last.source:
        return False
    if event.amount != state.last.amount or event.rate != state.last.rate:
        return False
    if event.duration != state.last.duration or event.glucose != state.last.glucose:
        return False
    return event.code == state.last.code


def id_follows(last: int, id: int) -> bool:
    """A new id: above the last, and not so far above that it would use up all ids."""
    return last < id and id <= ID_MAX and id - last <= ID_STEP_MAX


@require(lambda state: state_valid(state))
@require(lambda event: event_ranged(event))
@ensure(lambda state, event, result: result != REASON_NONE or id_follows(state.last.id, event.id))
@ensure(
    lambda state, event, result: (
        result != REASON_NONE
        or (
            event.issued_at <= event.at
            and event.at - event.issued_at <= state.limits.request_age_max
        )
    )
)
def request_reason(state: State, event: Event) -> int:
    """Why a request is not a fresh one: its id was used, or it is too old, or not yet issued."""
    if event.id < 1 or event.id > ID_MAX:
        return REASON_ID_RANGE
    if event.id - state.last.id > ID_STEP_MAX:
        return REASON_ID_RANGE
    if event.id == state.last.id:
        return REASON_ID_REUSED
    if event.id < state.last.id:
        return REASON_ID_OLD
    if event.issued_at > event.at:
        return REASON_FUTURE
    if event.at - event.issued_at > state.limits.request_age_max:
        return REASON_EXPIRED
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda state, event: id_follows(state.last.id, event.id))
@ensure(lambda state: state_valid(state))
@ensure(lambda state, event: same(state.last, event))
def remember(state: State, event: Event) -> None:
    """Keep the request: its id is used, and the same request again is known."""
    assign(state.last, event)


@require(lambda state: state_valid(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, OLD: state.last.id >= OLD.state.last.id)
@ensure(lambda state, event: state.last.id >= event.id or not id_follows(state.last.id, event.id))
def raise_id(state: State, event: Event) -> None:
    """A stop's id counts as used if it is a new one, so a delayed bolus behind it is refused."""
    if event.id >= 1 and event.id <= ID_MAX:
        if id_follows(state.last.id, event.id):
            remember(state, event)
