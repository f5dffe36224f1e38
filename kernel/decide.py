"""What each kind of event does; a reason other than none leaves the state as it was."""

from .bolus import (
    allowable,
    bolus_reason,
    fill_reason,
    owe_bolus,
    owe_fill,
)
from .contract import copy, ensure, require, snapshot
from .delivery import tick
from .faults import (
    acknowledge,
    acknowledge_reason,
    confirm,
    report_reason,
    resume,
    resume_reason,
    uncertain,
)
from .glucose import reading_reason, take_reading
from .infusion_set import (
    connect,
    connect_reason,
    insert,
    insert_reason,
    load,
    load_reason,
    prime,
    prime_reason,
)
from .rates import (
    end_temporary,
    end_temporary_reason,
    program_rate,
    rate_reason,
    run_temporary,
    temporary_reason,
)
from .records import (
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
    VOLUME_MAX,
    Event,
    Outcome,
    State,
)
from .requests import (
    event_ranged,
    is_bolus,
    remember,
    request_reason,
)
from .state import body_owed, state_valid


def event_ready(state: State, event: Event) -> bool:
    """An event in range whose time is the state's own: what is left once it was looked at."""
    return event_ranged(event) and event.at == state.now


def is_set(kind: int) -> bool:
    """The reservoir and the infusion set."""
    return LOAD_RESERVOIR <= kind <= CONNECT


@require(lambda state: state_valid(state))
@require(lambda state, event: event_ready(state, event))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, OLD: body_owed(state) <= body_owed(OLD.state))
@ensure(lambda state, OLD: state.prime_owed <= OLD.state.prime_owed)
@ensure(lambda state, OLD: state.reservoir <= OLD.state.reservoir)
@ensure(lambda outcome: 0 <= outcome.not_given <= 3 * VOLUME_MAX)
@ensure(lambda event, outcome: event.kind == TICK or outcome.reason == REASON_NONE)
def take_report(state: State, event: Event, outcome: Outcome) -> int:
    """TICK, CONFIRM, UNCERTAIN and GLUCOSE: taken in every mode."""
    outcome.not_given = 0
    outcome.reason = REASON_NONE
    if event.kind == TICK:
        outcome.reason = tick(state, outcome)
        return REASON_NONE
    if event.kind == GLUCOSE:
        unusable = reading_reason(state, event)
        if unusable == REASON_NONE:
            take_reading(state, event)
        return unusable
    unknown = report_reason(state, event.id)
    if unknown != REASON_NONE:
        return unknown
    if event.kind == CONFIRM:
        outcome.not_given = confirm(state, event.amount)
    else:
        outcome.not_given = uncertain(state)
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda state, event: event_ready(state, event))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(
    lambda state, event, OLD, result: (
        (
            result == REASON_NONE
            and is_bolus(event.kind)
            and body_owed(state) == body_owed(OLD.state) + event.amount
        )
        or body_owed(state) == body_owed(OLD.state)
    )
)
def ask_therapy(state: State, event: Event) -> int:
    """Boluses and rates."""
    if is_bolus(event.kind):
        refused = bolus_reason(state, event)
        if refused == REASON_NONE:
            owe_bolus(state, event)
        return refused
    if event.kind == SET_BASAL:
        too_high = rate_reason(state, event.rate)
        if too_high == REASON_NONE:
            program_rate(state, event.rate)
        return too_high
    if event.kind == TEMP_BASAL:
        not_now = temporary_reason(state, event)
        if not_now == REASON_NONE:
            run_temporary(state, event.rate, event.duration)
        return not_now
    none_runs = end_temporary_reason(state, event.source)
    if none_runs == REASON_NONE:
        end_temporary(state)
    return none_runs


@require(lambda state: state_valid(state))
@require(lambda state, event: event_ready(state, event) and is_set(event.kind))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(
    lambda state, event, OLD, result: (
        (
            result == REASON_NONE
            and event.kind == FILL_CANNULA
            and body_owed(state) == body_owed(OLD.state) + event.amount
        )
        or body_owed(state) == body_owed(OLD.state)
    )
)
def ask_set(state: State, event: Event) -> int:
    """The reservoir and the infusion set, in their only order."""
    if event.kind == LOAD_RESERVOIR:
        unloadable = load_reason(state, event.amount)
        if unloadable == REASON_NONE:
            load(state, event.amount)
        return unloadable
    if event.kind == PRIME:
        unprimable = prime_reason(state, event.amount)
        if unprimable == REASON_NONE:
            prime(state, event.amount)
        return unprimable
    if event.kind == INSERT_SET:
        not_ready = insert_reason(state, event.code)
        if not_ready == REASON_NONE:
            insert(state, event.code)
        return not_ready
    if event.kind == CONNECT:
        apart = connect_reason(state)
        if apart == REASON_NONE:
            connect(state)
        return apart
    unfillable = fill_reason(state, event.amount)
    if unfillable == REASON_NONE:
        owe_fill(state, event.amount)
    return unfillable


@require(lambda state: state_valid(state))
@require(lambda state, event: event_ready(state, event))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(
    lambda state, event, OLD, result: (
        result != REASON_NONE
        or (request_reason(OLD.state, event) == REASON_NONE and state.last.id == event.id)
    )
)
@ensure(
    lambda state, event, OLD, result: (
        (
            result == REASON_NONE
            and (is_bolus(event.kind) or event.kind == FILL_CANNULA)
            and body_owed(state) == body_owed(OLD.state) + event.amount
        )
        or body_owed(state) == body_owed(OLD.state)
    )
)
def take_request(state: State, event: Event, outcome: Outcome) -> int:
    """A request: fresh by its id and age, then allowed by the guards of its kind."""
    stale = request_reason(state, event)
    if stale != REASON_NONE:
        return stale
    refused = REASON_NONE
    if is_bolus(event.kind):
        outcome.allowable = allowable(state, event)
    if event.kind == RESUME:
        refused = resume_reason(state)
        if refused == REASON_NONE:
            resume(state)
    elif event.kind == ACKNOWLEDGE:
        refused = acknowledge_reason(state)
        if refused == REASON_NONE:
            acknowledge(state)
    elif is_set(event.kind):
        refused = ask_set(state, event)
    else:
        refused = ask_therapy(state, event)
    if refused == REASON_NONE:
        remember(state, event)
    return refused
