"""The entry: check the whole state, judge the event on an aged copy, keep it only if accepted."""

from .arithmetic import within
from .basal import committed_rate
from .bolus import (
    allowable,
    bolus_reason,
    cancel,
    day_need,
    fill_reason,
    owe_bolus,
    owe_fill,
    window_need,
)
from .clock import catch_up, clock_reason, settle
from .contract import assign, clear, copy, ensure, require, snapshot
from .faults import (
    acknowledge,
    acknowledge_reason,
    book_excess,
    cause_of,
    clamped,
    confirm,
    fault,
    fault_repeats,
    report_reason,
    resume,
    resume_reason,
    suspend,
    uncertain,
)
from .delivery import tick
from .glucose import reading_reason, take_reading
from .infusion_set import (
    connect,
    connect_reason,
    disconnect,
    insert,
    insert_reason,
    load,
    load_reason,
    prime,
    prime_reason,
)
from .integrity import memory_sealed, seal_memory
from .limits import limits_valid
from .rates import (
    end_temporary,
    end_temporary_reason,
    program_rate,
    rate_reason,
    run_temporary,
    temporary_reason,
)
from .readout import read_out
from .records import (
    ACCEPTED,
    ACKNOWLEDGE,
    ALARM_CORRUPT,
    CANCEL_TEMP_BASAL,
    CONFIRM,
    CONNECT,
    CORRUPT,
    DISCONNECT,
    FAULT,
    FILL_CANNULA,
    GLUCOSE,
    HOUR,
    INSERT_SET,
    LAYOUT,
    LOAD_RESERVOIR,
    MODE_FAULTED,
    NEVER,
    PRIME,
    REASON_BUSY,
    REASON_CORRUPT_STATE,
    REASON_LIMITS,
    REASON_LIMITS_PULSE,
    REASON_LIMITS_STATE,
    REASON_LIMITS_WINDOW,
    REASON_NONE,
    REASON_RANGE,
    REFUSED,
    RELEASE_PRIME,
    REPEATED,
    RESUME,
    SET_BASAL,
    SUSPEND,
    TEMP_BASAL,
    TICK,
    TIME_MAX,
    VOLUME_MAX,
    Event,
    Limits,
    Memory,
    Outcome,
    State,
)
from .requests import (
    event_ranged,
    event_reason,
    is_bolus,
    is_report,
    is_stop,
    raise_id,
    remember,
    repeats,
    request_reason,
)
from .state import body_owed, state_valid


def event_ready(state: State, event: Event) -> bool:
    """An event in range whose time is the state's own: what is left once it was looked at."""
    return event_ranged(event) and event.at == state.now


# ---- what each kind does; a reason other than none leaves the state as it was


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
@ensure(lambda state, event, OLD, result: (result == REASON_NONE and is_bolus(event.kind)
        and body_owed(state) == body_owed(OLD.state) + event.amount)
    or body_owed(state) == body_owed(OLD.state))
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
@require(lambda state, event: event_ready(state, event))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, event, OLD, result: (result == REASON_NONE and event.kind == FILL_CANNULA
        and body_owed(state) == body_owed(OLD.state) + event.amount)
    or body_owed(state) == body_owed(OLD.state))
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


def is_set(kind: int) -> bool:
    """The reservoir and the infusion set."""
    return LOAD_RESERVOIR <= kind <= CONNECT


@require(lambda state: state_valid(state))
@require(lambda state, event: event_ready(state, event))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, event, result: result != REASON_NONE
    or (request_reason(state, event) != REASON_NONE and state.last.id == event.id))
@ensure(lambda state, event, OLD, result: (result == REASON_NONE
        and (is_bolus(event.kind) or event.kind == FILL_CANNULA)
        and body_owed(state) == body_owed(OLD.state) + event.amount)
    or body_owed(state) == body_owed(OLD.state))
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


# ---- the two ways through


@require(lambda state: state_valid(state))
@ensure(lambda state: state_valid(state))
def consider(state: State, event: Event, outcome: Outcome) -> None:
    """An event that is no stop: judged on a copy aged to its time, kept only if accepted."""
    unfit = event_reason(state, event)
    if unfit != REASON_NONE:
        outcome.status = REFUSED
        outcome.reason = unfit
        read_out(state, outcome)
        return
    aged = copy(state)
    cancelled = catch_up(aged, event.at)
    refused = REASON_NONE
    if is_report(event.kind):
        refused = take_report(aged, event, outcome)
    elif repeats(state, event):
        outcome.status = REPEATED
        read_out(aged, outcome)
        return
    else:
        refused = take_request(aged, event, outcome)
    if refused == REASON_NONE:
        undeliverable = settle(aged)
        outcome.not_given = outcome.not_given + cancelled + undeliverable
        outcome.status = ACCEPTED
        assign(state, aged)
    else:
        outcome.status = REFUSED
        outcome.reason = refused
    read_out(aged, outcome)


@require(lambda state: state_valid(state))
@require(lambda event: is_stop(event.kind))
@ensure(lambda state: state_valid(state))
@ensure(lambda event, outcome: outcome.status == ACCEPTED
    or (outcome.status == REPEATED and event.kind == FAULT))
def stop(state: State, event: Event, outcome: Outcome) -> None:
    """Stop now, whatever the id, the age or the clock; what was stopped never comes back."""
    if event.kind == FAULT and fault_repeats(state, event):
        outcome.status = REPEATED
        read_out(state, outcome)
        return
    cancelled = 0
    if clock_reason(state, event.at) == REASON_NONE:
        cancelled = catch_up(state, event.at)
        if event.kind != FAULT:
            raise_id(state, event)
    if state.outstanding > 0:
        state.outstanding_stopped = 1
    owed = cancel(state)
    if event.kind == SUSPEND:
        suspend(state)
    elif event.kind == DISCONNECT:
        disconnect(state)
    elif event.kind == FAULT:
        to_body = state.outstanding > 0 and state.outstanding_class != RELEASE_PRIME
        book_excess(state, clamped(event.amount), state.connected == 1 or to_body)
        fault(state, cause_of(event.code), clamped(event.amount), event.issued_at)
    undeliverable = settle(state)
    outcome.not_given = cancelled + owed + undeliverable
    outcome.status = ACCEPTED
    read_out(state, outcome)


@require(lambda state: state_valid(state))
@ensure(lambda state: state_valid(state))
def act(state: State, event: Event, outcome: Outcome) -> None:
    """Everything that can happen to a sound state."""
    if is_stop(event.kind):
        stop(state, event, outcome)
    else:
        consider(state, event, outcome)


# ---- the three entries: no preconditions


def intact(memory: Memory) -> bool:
    """Both copies agree, and the state is one that this kernel can have made."""
    return memory_sealed(memory) and state_valid(memory.state)


@ensure(lambda memory, result: result == CORRUPT or intact(memory))
@ensure(lambda outcome, result: result == outcome.status)
@ensure(lambda result: ACCEPTED <= result <= CORRUPT)
def step(memory: Memory, event: Event, outcome: Outcome) -> int:
    """Decide one event. Returns the outcome's status; the outcome is always filled in whole.

    A corrupt memory delivers nothing and is left untouched.
    """
    clear(outcome)
    if not intact(memory):
        outcome.status = CORRUPT
        outcome.reason = REASON_CORRUPT_STATE
        outcome.alarms = ALARM_CORRUPT
        outcome.mode = MODE_FAULTED
        return CORRUPT
    act(memory.state, event, outcome)
    seal_memory(memory)
    return outcome.status


@ensure(lambda memory, result: result != REASON_NONE or intact(memory))
def initialise(memory: Memory, limits: Limits, at: int) -> int:
    """A fresh pump: nothing loaded, primed, inserted or connected, basal 0. Returns a reason.

    If it is refused the memory is left untouched.
    """
    if not limits_valid(limits):
        return REASON_LIMITS
    if not within(at, 0, TIME_MAX):
        return REASON_RANGE
    clear(memory)
    assign(memory.state.limits, limits)
    memory.state.layout = LAYOUT
    memory.state.now = at
    memory.state.released_at = at
    memory.state.bolus_ended = NEVER
    memory.state.reservoir_at = NEVER
    memory.state.set_at = NEVER
    memory.state.suspended_at = NEVER
    memory.state.fault_at = NEVER
    memory.state.fault_before = NEVER
    memory.state.glucose_at = NEVER
    memory.state.glucose_before_at = NEVER
    memory.state.low_since = NEVER
    memory.state.low_ended = NEVER
    seal_memory(memory)
    return REASON_NONE


@require(lambda state: state_valid(state))
@require(lambda limits: limits_valid(limits))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state, result: result != REASON_NONE or state_valid(state))
def change_limits(state: State, limits: Limits) -> int:
    """Put new limits into a state, if the state satisfies them, its room for basal included."""
    if limits.window_length != state.limits.window_length:
        return REASON_LIMITS_WINDOW
    if limits.pulse != state.limits.pulse:
        owes = body_owed(state) > 0 or state.prime_owed > 0
        if state.connected == 1 or owes or state.outstanding > 0:
            return REASON_LIMITS_PULSE
        state.reservoir = 0
        state.loaded = 0
        state.primed = 0
        state.prime_fresh = 0
    assign(state.limits, limits)
    if not state_valid(state):
        return REASON_LIMITS_STATE
    rate = committed_rate(state)
    if window_need(state, rate) > state.limits.window_max * HOUR:
        return REASON_LIMITS_STATE
    if day_need(state, rate) > state.limits.day_max * HOUR:
        return REASON_LIMITS_STATE
    return REASON_NONE


@ensure(lambda memory, result: result != REASON_NONE or intact(memory))
def adopt(memory: Memory, limits: Limits, at: int) -> int:
    """Other limits, as a whole or not at all. Returns a reason; a refusal leaves the memory as it was.

    What a gap would cancel must be reported by an event first, so that it is never lost.
    """
    if not intact(memory):
        return REASON_CORRUPT_STATE
    if not limits_valid(limits):
        return REASON_LIMITS
    untimely = clock_reason(memory.state, at)
    if untimely != REASON_NONE:
        return untimely
    aged = copy(memory.state)
    cancelled = catch_up(aged, at)
    if cancelled > 0:
        return REASON_BUSY
    refused = change_limits(aged, limits)
    if refused == REASON_NONE:
        assign(memory.state, aged)
        seal_memory(memory)
    return refused
