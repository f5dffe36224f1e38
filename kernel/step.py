"""The entry: check the whole state, judge the event on an aged copy, keep it only if accepted."""

from .adoption import change_limits
from .arithmetic import within
from .bolus import (
    cancel,
)
from .clock import catch_up, clock_reason, settle, time_of_stop
from .contract import assign, clear, copy, ensure, require
from .decide import take_report, take_request
from .faults import (
    book_excess,
    cause_of,
    clamped,
    fault,
    fault_repeats,
    suspend,
)
from .infusion_set import (
    disconnect,
)
from .integrity import memory_sealed, seal_memory
from .limits import limits_valid
from .readout import read_out, unsaid
from .records import (
    ACCEPTED,
    ALARM_CORRUPT,
    CORRUPT,
    DISCONNECT,
    FAULT,
    LAYOUT,
    MODE_FAULTED,
    NEVER,
    REASON_BUSY,
    REASON_CORRUPT_STATE,
    REASON_LIMITS,
    REASON_NONE,
    REASON_RANGE,
    REFUSED,
    RELEASE_PRIME,
    REPEATED,
    SUSPEND,
    TIME_MAX,
    Event,
    Limits,
    Memory,
    Outcome,
    State,
)
from .requests import (
    event_reason,
    is_report,
    is_stop,
    raise_id,
    repeats,
)
from .state import state_valid

# ---- the two ways through


@require(lambda state: state_valid(state))
@require(lambda outcome: unsaid(outcome))
@ensure(lambda state: state_valid(state))
@ensure(lambda outcome: ACCEPTED <= outcome.status <= REPEATED)
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
    if refused != REASON_NONE:
        outcome.status = REFUSED
        outcome.reason = refused
        read_out(aged, outcome)
        return
    undeliverable = settle(aged)
    outcome.not_given = outcome.not_given + cancelled + undeliverable
    outcome.status = ACCEPTED
    read_out(aged, outcome)
    assign(state, aged)


@require(lambda state: state_valid(state))
@require(lambda outcome: unsaid(outcome))
@require(lambda event: is_stop(event.kind))
@ensure(lambda state: state_valid(state))
@ensure(lambda outcome: ACCEPTED <= outcome.status <= REPEATED)
@ensure(
    lambda event, outcome: (
        outcome.status == ACCEPTED or (outcome.status == REPEATED and event.kind == FAULT)
    )
)
def stop(state: State, event: Event, outcome: Outcome) -> None:
    """Stop now, whatever the id, the age or the clock; what was stopped never comes back.

    Over-flow that a fault reports counts as in the body, even after a disconnection, unless a
    prime was under way.
    """
    if event.kind == FAULT and fault_repeats(state, event):
        outcome.status = REPEATED
        read_out(state, outcome)
        return
    if event.kind != FAULT and clock_reason(state, event.at) == REASON_NONE:
        raise_id(state, event)
    cancelled = catch_up(state, time_of_stop(state, event.at))
    if state.outstanding > 0:
        state.outstanding_stopped = 1
    priming = state.prime_owed > 0 or state.outstanding_class == RELEASE_PRIME
    owed = cancel(state)
    if event.kind == SUSPEND:
        suspend(state)
    elif event.kind == DISCONNECT:
        disconnect(state)
    elif event.kind == FAULT:
        book_excess(state, clamped(event.amount), not priming)
        fault(state, cause_of(event.code), clamped(event.amount), event.issued_at)
    undeliverable = settle(state)
    outcome.not_given = cancelled + owed + undeliverable
    outcome.status = ACCEPTED
    read_out(state, outcome)


@require(lambda state: state_valid(state))
@require(lambda outcome: unsaid(outcome))
@ensure(lambda state: state_valid(state))
@ensure(lambda outcome: ACCEPTED <= outcome.status <= REPEATED)
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


@ensure(lambda memory, result: result != REASON_NONE or intact(memory))
def adopt(memory: Memory, limits: Limits, at: int) -> int:
    """Other limits, as a whole or not at all. Returns a reason; a refusal leaves the memory equal.

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
