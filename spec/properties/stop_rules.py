"""Faults, stops and the motor's reports: what each does, all of it, and the latch as its rule."""

from dosekernel.kernel.arithmetic import larger, smaller
from dosekernel.kernel.contract import assign, copy, same
from dosekernel.kernel.faults import cause_of, clamped
from dosekernel.kernel.records import (
    CAUSE_AIR,
    CAUSE_DELIVERY,
    CAUSE_MOTOR,
    CAUSE_OCCLUSION,
    CAUSE_OTHER,
    CAUSE_OVERFLOW,
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
from dosekernel.kernel.state import body_owed, extended_left, windows_booked, windows_same

from .rule_words import iff, next_line

# ---- suspension


def raised(state: State) -> bool:
    """A temporary rate above the programmed one runs."""
    return state.temporary_until > 0 and state.temporary_rate > state.basal_rate


def raised_ended_exactly(before: State, after: State) -> bool:
    """A temporary rate above the programmed one ends; one that is not keeps its clock."""
    expected = copy(before)
    if raised(before):
        expected.temporary_until = 0
        expected.temporary_rate = 0
    return same(after, expected)


def suspended_exactly(before: State, after: State) -> bool:
    """Suspended since it first was, with no raised temporary rate; nothing else changes."""
    expected = copy(before)
    expected.suspended = 1
    if before.suspended == 0:
        expected.suspended_at = before.now
    if raised(before):
        expected.temporary_until = 0
        expected.temporary_rate = 0
    return same(after, expected)


# ---- faults


def cause_meaning(code_before: int, result: int) -> bool:
    """A known cause is itself, anything else is another cause."""
    found = next_line(0, code_before == CAUSE_OCCLUSION, CAUSE_OCCLUSION)
    found = next_line(found, code_before == CAUSE_MOTOR, CAUSE_MOTOR)
    found = next_line(found, code_before == CAUSE_OVERFLOW, CAUSE_OVERFLOW)
    found = next_line(found, code_before == CAUSE_AIR, CAUSE_AIR)
    return result == next_line(found, True, CAUSE_OTHER)


def clamped_meaning(amount_before: int, result: int) -> bool:
    """The nearest volume there is."""
    if amount_before < 0:
        return result == 0
    if amount_before > VOLUME_MAX:
        return result == VOLUME_MAX
    return result == amount_before


def echo_meaning(before: State, event: Event, result: bool) -> bool:
    """A fault is an echo exactly if it stands and cause, amount and time of issue are the same."""
    code = before.fault_code == cause_of(event.code)
    amount = before.fault_amount == clamped(event.amount)
    issued = before.fault_issued == event.issued_at
    return iff(result, before.faulted != 0 and code and amount and issued)


def latch(before: State, after: State) -> bool:
    """The third fault within ten minutes latches; a fault that adds to a standing one does not."""
    third = before.fault_before != NEVER and before.now - before.fault_before <= FAULT_SPAN
    if before.faulted == 1:
        return after.latched == before.latched
    return iff(after.latched == 1, before.latched == 1 or third)


def faults_counted(before: State, after: State) -> bool:
    """The times of the last two faults that started from an unfaulted state are known."""
    if before.faulted == 1:
        return after.fault_at == before.fault_at and after.fault_before == before.fault_before
    return after.fault_at == before.now and after.fault_before == before.fault_at


def faulted_exactly(before: State, cause: int, amount: int, issued_at: int, after: State) -> bool:
    """Faulted and suspended, with the fault as reported; else only latch and times change."""
    expected = copy(before)
    expected.faulted = 1
    expected.fault_code = cause
    expected.fault_amount = amount
    expected.fault_issued = issued_at
    expected.suspended = 1
    if before.suspended == 0:
        expected.suspended_at = before.now
    if raised(before):
        expected.temporary_until = 0
        expected.temporary_rate = 0
    expected.latched = after.latched
    expected.fault_at = after.fault_at
    expected.fault_before = after.fault_before
    return same(after, expected)


def excess_booked_exactly(before: State, amount: int, in_body: bool, after: State) -> bool:
    """Excess leaves the reservoir as far as it goes, and counts as committed if in the body."""
    expected = copy(before)
    expected.reservoir = larger(before.reservoir - amount, 0)
    if not in_body:
        return same(after, expected)
    expected.committed = smaller(before.committed + amount, ID_MAX)
    assign(expected.window, after.window)
    assign(expected.day, after.day)
    assign(expected.action, after.action)
    return same(after, expected) and windows_booked(before, after, amount)


# ---- the motor's reports


def report_guards(before: State, id_before: int, result: int) -> bool:
    """A report settles the release that waits, by its number, and nothing else."""
    waits = before.outstanding > 0 and before.sequence == id_before
    return result == next_line(REASON_NONE, not waits, REASON_SEQUENCE)


def last_of_bolus(state: State) -> bool:
    """The release that waits is the last of a normal bolus."""
    return state.outstanding_bolus > 0 and state.outstanding_ends == 1


def settled_exactly(before: State, after: State) -> bool:
    """Nothing waits any more; the lockout runs from the settlement of a bolus's last release."""
    expected = copy(before)
    expected.outstanding = 0
    expected.outstanding_class = RELEASE_NONE
    expected.outstanding_bolus = 0
    expected.outstanding_ends = 0
    expected.outstanding_stopped = 0
    if last_of_bolus(before):
        expected.bolus_ended = before.now
    return same(after, expected)


def completed_exactly(before: State, after: State) -> bool:
    """The last release of a prime primes, that of a fill fills; nothing else changes."""
    expected = copy(before)
    last = before.outstanding_ends == 1
    if last and before.outstanding_class == RELEASE_PRIME:
        expected.primed = 1
        expected.prime_fresh = 1
    if last and before.outstanding_class == RELEASE_FILL:
        expected.filled = 1
    return same(after, expected)


def amiss(before: State, amount: int) -> bool:
    """A report that does not match its release: too much, or too little without a stop after it."""
    if amount > before.outstanding:
        return True
    return amount < before.outstanding and before.outstanding_stopped == 0


def reported(before: State, amount: int, result: int) -> bool:
    """What was released and not delivered is not given, nor is what is owed if that is amiss."""
    missing = larger(before.outstanding - amount, 0)
    if amiss(before, amount):
        return result == missing + body_owed(before) + before.prime_owed
    return result == missing


def confirmed_exactly(before: State, amount: int, after: State) -> bool:
    """What was delivered is confirmed and nothing waits; delivered in full it ends its purpose."""
    if amiss(before, amount):
        return True
    expected = copy(before)
    last = before.outstanding_ends == 1 and amount == before.outstanding
    if last and before.outstanding_class == RELEASE_PRIME:
        expected.primed = 1
        expected.prime_fresh = 1
    if last and before.outstanding_class == RELEASE_FILL:
        expected.filled = 1
    if last_of_bolus(before):
        expected.bolus_ended = before.now
    expected.confirmed = smaller(before.confirmed + amount, ID_MAX)
    expected.uncertain = 0
    expected.outstanding = 0
    expected.outstanding_class = RELEASE_NONE
    expected.outstanding_bolus = 0
    expected.outstanding_ends = 0
    expected.outstanding_stopped = 0
    return same(after, expected)


def fault_of_delivery(before: State, after: State, excess: int) -> bool:
    """The kernel's own fault: what it is, that it suspends, latches by its rule and cancels all."""
    if after.faulted == 0 or after.suspended == 0 or raised(after):
        return False
    if before.suspended == 0 and after.suspended_at != before.now:
        return False
    if before.suspended == 1 and after.suspended_at != before.suspended_at:
        return False
    if after.fault_code != CAUSE_DELIVERY or after.fault_amount != excess:
        return False
    if after.fault_issued != before.now:
        return False
    if body_owed(after) + after.prime_owed > 0:
        return False
    return latch(before, after) and faults_counted(before, after)


def but_for_a_fault(before: State, after: State) -> bool:
    """All but what a fault sets, cancels and books, and what a report settles, is as it was."""
    expected = copy(after)
    expected.faulted = before.faulted
    expected.latched = before.latched
    expected.fault_code = before.fault_code
    expected.fault_amount = before.fault_amount
    expected.fault_issued = before.fault_issued
    expected.fault_at = before.fault_at
    expected.fault_before = before.fault_before
    expected.suspended = before.suspended
    expected.suspended_at = before.suspended_at
    expected.temporary_until = before.temporary_until
    expected.temporary_rate = before.temporary_rate
    expected.bolus_owed = before.bolus_owed
    expected.bolus_ended = before.bolus_ended
    expected.extended_amount = before.extended_amount
    expected.extended_duration = before.extended_duration
    expected.extended_elapsed = before.extended_elapsed
    expected.extended_given = before.extended_given
    expected.fill_owed = before.fill_owed
    expected.prime_owed = before.prime_owed
    expected.outstanding = before.outstanding
    expected.outstanding_class = before.outstanding_class
    expected.outstanding_bolus = before.outstanding_bolus
    expected.outstanding_ends = before.outstanding_ends
    expected.outstanding_stopped = before.outstanding_stopped
    expected.reservoir = before.reservoir
    expected.committed = before.committed
    expected.confirmed = before.confirmed
    expected.uncertain = before.uncertain
    assign(expected.window, before.window)
    assign(expected.day, before.day)
    assign(expected.action, before.action)
    return same(before, expected)


def raised_ended(before: State, after: State) -> bool:
    """A temporary rate above the programmed one ended; one that is not kept its clock."""
    if raised(before):
        return after.temporary_until == 0 and after.temporary_rate == 0
    return (
        after.temporary_until == before.temporary_until
        and after.temporary_rate == before.temporary_rate
    )


def all_settled(before: State, after: State) -> bool:
    """Nothing waits, and the lockout runs from now if a bolus was ended or under way."""
    if after.outstanding + after.outstanding_bolus + after.outstanding_class > 0:
        return False
    if after.outstanding_ends == 1 or after.outstanding_stopped == 1:
        return False
    ended = last_of_bolus(before) or before.bolus_owed > 0 or extended_left(before) > 0
    if ended:
        return after.bolus_ended == before.now
    return after.bolus_ended == before.bolus_ended


def confirmed_amiss(before: State, amount: int, after: State) -> bool:
    """A report that is amiss is a fault; an excess is booked; nothing else changes."""
    if not amiss(before, amount):
        return True
    excess = larger(amount - before.outstanding, 0)
    in_body = excess > 0 and before.outstanding_class != RELEASE_PRIME
    if not fault_of_delivery(before, after, excess) or not raised_ended(before, after):
        return False
    if not all_settled(before, after) or not but_for_a_fault(before, after):
        return False
    if after.uncertain != 0 or after.confirmed != smaller(before.confirmed + amount, ID_MAX):
        return False
    if in_body:
        return after.committed == smaller(before.committed + excess, ID_MAX) and windows_booked(
            before, after, excess
        )
    return after.committed == before.committed and windows_same(before, after)


def uncertain_once(before: State, after: State) -> bool:
    """A first uncertain release cancels what is owed and settles; the pump goes on."""
    if before.uncertain == 1:
        return True
    if after.uncertain == 0 or after.faulted != before.faulted:
        return False
    if after.suspended != before.suspended or after.latched != before.latched:
        return False
    if after.fault_at != before.fault_at or after.fault_before != before.fault_before:
        return False
    if after.fault_code != before.fault_code or after.fault_amount != before.fault_amount:
        return False
    if after.fault_issued != before.fault_issued or after.suspended_at != before.suspended_at:
        return False
    return (
        after.temporary_until == before.temporary_until
        and after.temporary_rate == before.temporary_rate
    )


def uncertain_twice(before: State, after: State) -> bool:
    """A second with no confirmation between is a fault."""
    if before.uncertain == 0:
        return True
    return fault_of_delivery(before, after, 0) and raised_ended(before, after)


def uncertain_settled(before: State, after: State) -> bool:
    """What was released stays booked in full, and nothing else changes."""
    if after.uncertain != 1 or not all_settled(before, after):
        return False
    if after.reservoir != before.reservoir or after.confirmed != before.confirmed:
        return False
    if after.committed != before.committed or not windows_same(before, after):
        return False
    return but_for_a_fault(before, after)


# ---- starting again


def acknowledge_guards(before: State, result: int) -> bool:
    """Only a fault or a gap can be acknowledged."""
    waits = before.faulted == 1 or before.gap == 1
    return result == next_line(REASON_NONE, not waits, REASON_NOTHING_TO_ACKNOWLEDGE)


def acknowledged_exactly(before: State, after: State) -> bool:
    """Fault and gap are seen; the suspension and the latch stay, and nothing else changes."""
    expected = copy(before)
    expected.faulted = 0
    expected.gap = 0
    return same(after, expected)


def resume_guards(before: State, result: int) -> bool:
    """Resumed is what is suspended, once no fault stands and no latch holds."""
    stopped = before.suspended == 1 or before.low_suspended == 1
    standing = before.faulted == 1 or before.latched == 1
    found = next_line(REASON_NONE, standing, REASON_FAULTED)
    return result == next_line(found, not stopped, REASON_NOT_SUSPENDED)


def resumed_exactly(before: State, after: State) -> bool:
    """No suspension; one for low glucose ends now, which holds off the next; nothing comes back."""
    expected = copy(before)
    expected.suspended = 0
    expected.low_suspended = 0
    if before.low_suspended == 1:
        expected.low_ended = before.now
    return same(after, expected)


# ---- covers


def latches(before: State, after: State) -> bool:
    """A fault latches."""
    return before.latched == 0 and after.latched == 1


def books_an_excess(before: State, in_body: bool, after: State) -> bool:
    """An excess in the body is booked."""
    return in_body and after.committed > before.committed


def fills_the_cannula(before: State, after: State) -> bool:
    """The cannula is full."""
    return before.filled == 0 and after.filled == 1


def finds_an_excess(before: State, after: State) -> bool:
    """More was delivered than released."""
    return before.faulted == 0 and after.faulted == 1 and after.committed > before.committed


def doubts_twice(before: State, after: State) -> bool:
    """The second uncertain release in a row."""
    return before.uncertain == 1 and before.faulted == 0 and after.faulted == 1
