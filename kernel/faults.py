"""Faults and stops latch; a release's report settles it, and one that does not match is a fault."""

from .arithmetic import larger, smaller, within
from .basal import end_raised_temporary, no_temporary, same_temporary
from .bolus import cancel
from .contract import copy, ensure, require, snapshot
from .glucose import end_low_suspension
from .records import (
    CAUSE_DELIVERY,
    CAUSE_OCCLUSION,
    CAUSE_OTHER,
    FAULT_SPAN,
    ID_MAX,
    NEVER,
    REASON_FAULTED,
    REASON_NONE,
    REASON_NOT_SUSPENDED,
    REASON_NOTHING_TO_ACKNOWLEDGE,
    REASON_SEQUENCE,
    RELEASE_FILL,
    RELEASE_NONE,
    RELEASE_PRIME,
    VOLUME_MAX,
    Event,
    State,
)
from .state import body_owed, state_valid, windows_booked, windows_same
from .window import book

# ---- stopping


def only_stops(before: State, after: State) -> bool:
    """No stop that stood was lifted."""
    if after.faulted < before.faulted or after.latched < before.latched:
        return False
    return after.suspended >= before.suspended


@require(lambda state: state_valid(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.suspended == 1)
@ensure(lambda state, OLD: same_temporary(OLD.state, state) or no_temporary(state))
def suspend(state: State) -> None:
    """Suspend by the user or a fault; it lasts until RESUME."""
    if state.suspended == 0:
        state.suspended = 1
        state.suspended_at = state.now
    end_raised_temporary(state)


def cause_of(code: int) -> int:
    """The cause that a fault names; an unknown one is another cause, never none."""
    if within(code, CAUSE_OCCLUSION, CAUSE_OTHER):
        return code
    return CAUSE_OTHER


def clamped(amount: int) -> int:
    """A fault's amount, brought into the range of a volume: a stop is never malformed."""
    return smaller(larger(amount, 0), VOLUME_MAX)


def fault_repeats(state: State, event: Event) -> bool:
    """The fault that still stands, reported again."""
    if state.faulted == 0 or state.fault_code != cause_of(event.code):
        return False
    return state.fault_amount == clamped(event.amount) and state.fault_issued == event.issued_at


@require(lambda state: state_valid(state))
@require(lambda cause: CAUSE_OCCLUSION <= cause <= CAUSE_DELIVERY)
@require(lambda amount: 0 <= amount <= VOLUME_MAX)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.faulted == 1 and state.suspended == 1)
@ensure(lambda state, OLD: only_stops(OLD.state, state))
@ensure(lambda state, OLD: same_temporary(OLD.state, state) or no_temporary(state))
def fault(state: State, cause: int, amount: int, issued_at: int) -> None:
    """Stop until ACKNOWLEDGE and RESUME; the third within ten minutes latches."""
    if state.faulted == 0:
        if state.fault_before != NEVER and state.now - state.fault_before <= FAULT_SPAN:
            state.latched = 1
        state.fault_before = state.fault_at
        state.fault_at = state.now
    state.faulted = 1
    state.fault_code = cause
    state.fault_amount = amount
    state.fault_issued = issued_at
    suspend(state)


@require(lambda state: state_valid(state))
@require(lambda amount: 0 <= amount <= VOLUME_MAX)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state, amount, OLD: state.reservoir == larger(OLD.state.reservoir - amount, 0))
@ensure(lambda state, amount, in_body, OLD: windows_booked(OLD.state, state, amount) or not in_body)
@ensure(lambda state, in_body, OLD: in_body or windows_same(OLD.state, state))
def book_excess(state: State, amount: int, in_body: bool) -> None:
    """Count volume that flowed beyond what was released: it can only reduce what follows."""
    state.reservoir = larger(state.reservoir - amount, 0)
    if in_body:
        state.committed = smaller(state.committed + amount, ID_MAX)
        book(state.window, amount)
        book(state.day, amount)
        book(state.action, amount)


# ---- the motor's report on a release


@require(lambda state: state_valid(state))
@ensure(
    lambda state, id, result: (
        result != REASON_NONE or (state.outstanding > 0 and id == state.sequence)
    )
)
def report_reason(state: State, id: int) -> int:
    """Why a report settles nothing: no release waits, or it is not this one."""
    if state.outstanding == 0 or id != state.sequence:
        return REASON_SEQUENCE
    return REASON_NONE


@require(lambda state: state_valid(state))
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.outstanding == 0)
def clear_outstanding(state: State) -> None:
    """The release is settled: the lockout runs from the settlement of a bolus's end."""
    if state.outstanding_bolus > 0 and state.outstanding_ends == 1:
        state.bolus_ended = state.now
    state.outstanding = 0
    state.outstanding_class = RELEASE_NONE
    state.outstanding_bolus = 0
    state.outstanding_ends = 0
    state.outstanding_stopped = 0


@require(lambda state: state_valid(state))
@require(lambda state: state.outstanding > 0)
@ensure(lambda state: state_valid(state))
def complete(state: State) -> None:
    """A prime or a fill is done when the release that ends it was delivered in full."""
    if state.outstanding_ends == 1:
        if state.outstanding_class == RELEASE_PRIME:
            state.primed = 1
            state.prime_fresh = 1
        if state.outstanding_class == RELEASE_FILL:
            state.filled = 1


@require(lambda state: state_valid(state))
@require(lambda state: state.outstanding > 0)
@require(lambda amount: 0 <= amount <= VOLUME_MAX)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.outstanding == 0 and state.uncertain == 0)
@ensure(
    lambda state, amount, OLD, result: (
        result + body_owed(state) + state.prime_owed
        == body_owed(OLD.state) + OLD.state.prime_owed + larger(OLD.state.outstanding - amount, 0)
    )
)
@ensure(lambda state, OLD: body_owed(state) <= body_owed(OLD.state))
@ensure(lambda state, OLD: state.prime_owed <= OLD.state.prime_owed)
@ensure(
    lambda state, amount, OLD: (
        state.reservoir
        == larger(OLD.state.reservoir - larger(amount - OLD.state.outstanding, 0), 0)
    )
)
@ensure(
    lambda state, amount, OLD: (
        amount == OLD.state.outstanding
        or state.faulted == 1
        or (amount < OLD.state.outstanding and OLD.state.outstanding_stopped == 1)
    )
)
@ensure(lambda result: 0 <= result <= 3 * VOLUME_MAX)
@ensure(lambda state, OLD: only_stops(OLD.state, state))
@ensure(lambda state, OLD: state.bolus_owed <= OLD.state.bolus_owed)
@ensure(
    lambda state, amount, OLD: (
        windows_same(OLD.state, state)
        or windows_booked(OLD.state, state, larger(amount - OLD.state.outstanding, 0))
    )
)
@ensure(lambda state, OLD: same_temporary(OLD.state, state) or no_temporary(state))
def confirm(state: State, amount: int) -> int:
    """The motor says what it delivered; returns what was released or owed and is not given.

    Too little is a fault, unless a stop came after the release; too much is a fault and is booked.
    """
    shortfall = larger(state.outstanding - amount, 0)
    excess = larger(amount - state.outstanding, 0)
    cancelled = 0
    if excess == 0 and shortfall == 0:
        complete(state)
    if excess > 0:
        book_excess(state, excess, state.outstanding_class != RELEASE_PRIME)
    if excess > 0 or (shortfall > 0 and state.outstanding_stopped == 0):
        fault(state, CAUSE_DELIVERY, excess, state.now)
        cancelled = cancel(state)
    state.confirmed = smaller(state.confirmed + amount, ID_MAX)
    state.uncertain = 0
    clear_outstanding(state)
    return shortfall + cancelled


@require(lambda state: state_valid(state))
@require(lambda state: state.outstanding > 0)
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.outstanding == 0 and state.uncertain == 1)
@ensure(lambda state: body_owed(state) == 0 and state.prime_owed == 0)
@ensure(lambda OLD, result: result == body_owed(OLD.state) + OLD.state.prime_owed)
@ensure(lambda state, OLD: OLD.state.uncertain == 0 or state.faulted == 1)
@ensure(lambda state, OLD: only_stops(OLD.state, state))
@ensure(lambda state, OLD: same_temporary(OLD.state, state) or no_temporary(state))
def uncertain(state: State) -> int:
    """Nobody knows what was delivered: it stays booked in full, what is owed is cancelled."""
    if state.uncertain == 1:
        fault(state, CAUSE_DELIVERY, 0, state.now)
    state.uncertain = 1
    cancelled = cancel(state)
    clear_outstanding(state)
    return cancelled


# ---- starting again


@require(lambda state: state_valid(state))
@ensure(lambda state, result: result != REASON_NONE or state.faulted == 1 or state.gap == 1)
def acknowledge_reason(state: State) -> int:
    """There must be something to acknowledge."""
    if state.faulted == 0 and state.gap == 0:
        return REASON_NOTHING_TO_ACKNOWLEDGE
    return REASON_NONE


@require(lambda state: state_valid(state))
@snapshot(lambda state: copy(state), name="state")
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.faulted == 0 and state.gap == 0)
@ensure(lambda state, OLD: OLD.state.faulted == 0 or state.suspended == OLD.state.suspended)
def acknowledge(state: State) -> None:
    """The user has seen it. Delivery stays suspended after a fault; a latch stays."""
    state.faulted = 0
    state.gap = 0


@require(lambda state: state_valid(state))
@ensure(lambda state, result: result != REASON_NONE or (state.faulted == 0 and state.latched == 0))
def resume_reason(state: State) -> int:
    """Why delivery cannot be resumed."""
    if state.faulted == 1 or state.latched == 1:
        return REASON_FAULTED
    if state.suspended == 0 and state.low_suspended == 0:
        return REASON_NOT_SUSPENDED
    return REASON_NONE


@require(lambda state: state_valid(state))
@ensure(lambda state: state_valid(state))
@ensure(lambda state: state.suspended == 0 and state.low_suspended == 0)
def resume(state: State) -> None:
    """Basal goes on from now; nothing that was stopped comes back."""
    state.suspended = 0
    end_low_suspension(state)
