"""Reservoir and infusion set: what each action does, all of it, and the guards in their order."""

from dosekernel.kernel.bolus import day_room, window_room
from dosekernel.kernel.contract import copy, same
from dosekernel.kernel.infusion_set import (
    body_mode,
    cannula_ready,
    change_reason,
    fill_ready,
    mode_reason,
    set_expired,
    tubing_ready,
)
from dosekernel.kernel.records import (
    CODE_MAX,
    MODE_DELIVERING,
    MODE_DISCONNECTED,
    MODE_EMPTY,
    MODE_EXPIRED,
    MODE_FAULTED,
    MODE_LOW_SUSPENDED,
    MODE_NOT_READY,
    MODE_SUSPENDED,
    NEVER,
    REASON_AMOUNT,
    REASON_BUSY,
    REASON_CAPACITY,
    REASON_CONNECTED,
    REASON_DAY,
    REASON_DISCONNECTED,
    REASON_EMPTY,
    REASON_FAULTED,
    REASON_FILL_CAP,
    REASON_FILLED,
    REASON_LOW_SUSPENDED,
    REASON_NONE,
    REASON_NOT_INSERTED,
    REASON_NOT_LOADED,
    REASON_NOT_PRIMED,
    REASON_NOT_READY,
    REASON_PRIME_CAP,
    REASON_RANGE,
    REASON_RESERVOIR,
    REASON_SET_EXPIRED,
    REASON_SUSPENDED,
    REASON_UNCONFIRMED,
    REASON_WINDOW,
    State,
)
from dosekernel.kernel.state import body_owed

from .rule_words import iff, next_line

# ---- what the pump can do


def tubing_meaning(before: State, result: bool) -> bool:
    """The tubing is ready if it was primed, or if no prime is ever allowed."""
    return iff(result, before.primed == 1 or before.limits.prime_max == 0)


def cannula_meaning(before: State, result: bool) -> bool:
    """The cannula is ready if it was filled, or if no fill is ever allowed."""
    return iff(result, before.filled == 1 or before.limits.cannula_fill == 0)


def expiry_meaning(before: State, result: bool) -> bool:
    """An inserted set expires `set_expiry` after its insertion, if there is an expiry."""
    worn = before.inserted != 0 and before.limits.set_expiry != 0
    return iff(result, worn and before.set_at + before.limits.set_expiry <= before.now)


def empty_meaning(before: State, result: bool) -> bool:
    """Empty: not even one pulse can leave."""
    return iff(result, before.reservoir < before.limits.pulse)


def body_mode_meaning(before: State, result: int) -> bool:
    """Each mode says that its cause holds, and that no cause before it does."""
    ready = before.loaded != 0 and before.inserted != 0 and tubing_ready(before)
    found = next_line(0, before.faulted == 1 or before.latched == 1, MODE_FAULTED)
    found = next_line(found, not ready, MODE_NOT_READY)
    found = next_line(found, before.connected == 0, MODE_DISCONNECTED)
    found = next_line(found, set_expired(before), MODE_EXPIRED)
    found = next_line(found, before.reservoir < before.limits.pulse, MODE_EMPTY)
    found = next_line(found, before.suspended == 1, MODE_SUSPENDED)
    found = next_line(found, before.low_suspended == 1, MODE_LOW_SUSPENDED)
    return result == next_line(found, True, MODE_DELIVERING)


def mode_meaning(before: State, result: int) -> bool:
    """DELIVERING exactly if nothing at all stands between the pump and the patient."""
    if body_mode(before) != MODE_DELIVERING:
        return result == body_mode(before)
    return result == next_line(
        next_line(0, cannula_ready(before), MODE_DELIVERING), True, MODE_NOT_READY
    )


def mode_reason_meaning(found_before: int, result: int) -> bool:
    """Each mode but DELIVERING has its own reason."""
    reason = next_line(REASON_NONE, found_before == MODE_FAULTED, REASON_FAULTED)
    reason = next_line(reason, found_before == MODE_DISCONNECTED, REASON_DISCONNECTED)
    reason = next_line(reason, found_before == MODE_EXPIRED, REASON_SET_EXPIRED)
    reason = next_line(reason, found_before == MODE_EMPTY, REASON_EMPTY)
    reason = next_line(reason, found_before == MODE_SUSPENDED, REASON_SUSPENDED)
    reason = next_line(reason, found_before == MODE_LOW_SUSPENDED, REASON_LOW_SUSPENDED)
    return result == next_line(reason, found_before != MODE_DELIVERING, REASON_NOT_READY)


# ---- guards


def change_guards(before: State, result: int) -> bool:
    """A set is handled off the body, with no prime under way and nothing unsettled."""
    found = next_line(REASON_NONE, before.connected == 1, REASON_CONNECTED)
    found = next_line(found, before.prime_owed > 0, REASON_BUSY)
    return result == next_line(found, before.outstanding > 0, REASON_UNCONFIRMED)


def load_guards(before: State, amount: int, result: int) -> bool:
    """A reservoir is loaded exactly when the set may be handled and the amount fits."""
    fits = amount > 0 and amount <= before.limits.reservoir_capacity
    return result == next_line(change_reason(before), not fits, REASON_CAPACITY)


def prime_guards(before: State, amount: int, result: int) -> bool:
    """A prime is refused for the first of these causes that holds, and accepted if none does."""
    budget = before.limits.prime_max - before.prime_used
    found = next_line(REASON_NONE, before.connected == 1, REASON_CONNECTED)
    found = next_line(found, before.faulted == 1, REASON_FAULTED)
    found = next_line(found, before.loaded == 0, REASON_NOT_LOADED)
    found = next_line(found, before.reservoir < before.limits.pulse, REASON_EMPTY)
    found = next_line(found, before.outstanding > 0, REASON_UNCONFIRMED)
    found = next_line(found, before.prime_owed > 0, REASON_BUSY)
    found = next_line(found, amount == 0 or amount % before.limits.pulse != 0, REASON_AMOUNT)
    found = next_line(found, amount > budget, REASON_PRIME_CAP)
    return result == next_line(found, amount > before.reservoir, REASON_RESERVOIR)


def insert_guards(before: State, site: int, result: int) -> bool:
    """A set is inserted with a known site and a prime of its own, where primes are used."""
    known = 0 <= site <= CODE_MAX
    unprimed = before.limits.prime_max != 0 and before.prime_fresh == 0
    found = next_line(change_reason(before), not known, REASON_RANGE)
    return result == next_line(found, unprimed, REASON_NOT_PRIMED)


def connect_guards(before: State, result: int) -> bool:
    """Connected is what was loaded, primed and inserted before, in that order."""
    found = next_line(change_reason(before), before.loaded == 0, REASON_NOT_LOADED)
    found = next_line(found, not tubing_ready(before), REASON_NOT_PRIMED)
    return result == next_line(found, before.inserted == 0, REASON_NOT_INSERTED)


def fill_ready_guards(before: State, amount: int, result: int) -> bool:
    """A cannula is filled once, in whole pulses, within the insertion's budget."""
    budget = before.limits.cannula_fill - before.fill_used
    found = next_line(mode_reason(body_mode(before)), before.outstanding > 0, REASON_UNCONFIRMED)
    found = next_line(found, before.fill_owed > 0, REASON_BUSY)
    found = next_line(found, before.filled == 1, REASON_FILLED)
    found = next_line(found, amount == 0 or amount % before.limits.pulse != 0, REASON_AMOUNT)
    return result == next_line(found, amount > budget, REASON_FILL_CAP)


def fill_guards(before: State, amount: int, result: int) -> bool:
    """A fill is bounded by the reservoir and by the room of both windows, like any volume."""
    over = body_owed(before) + amount > before.reservoir
    found = next_line(fill_ready(before, amount), over, REASON_RESERVOIR)
    found = next_line(found, amount > window_room(before), REASON_WINDOW)
    return result == next_line(found, amount > day_room(before), REASON_DAY)


# ---- effects: the state afterwards, every word of it


def loaded_exactly(before: State, amount: int, after: State) -> bool:
    """A new reservoir, unprimed, with a whole budget for primes; nothing else changes."""
    expected = copy(before)
    expected.reservoir = amount
    expected.reservoir_at = before.now
    expected.loaded = 1
    expected.primed = 0
    expected.prime_fresh = 0
    expected.prime_used = 0
    return same(after, expected)


def primed_exactly(before: State, amount: int, after: State) -> bool:
    """The prime is owed and counts against the budget; nothing else changes."""
    expected = copy(before)
    expected.prime_owed = amount
    expected.prime_used = before.prime_used + amount
    return same(after, expected)


def inserted_exactly(before: State, site: int, after: State) -> bool:
    """A new set, unfilled, with a whole budget; it uses up the prime and forgets the faults."""
    expected = copy(before)
    expected.inserted = 1
    expected.site = site
    expected.set_at = before.now
    expected.filled = 0
    expected.fill_used = 0
    expected.prime_fresh = 0
    expected.latched = 0
    expected.fault_at = NEVER
    expected.fault_before = NEVER
    return same(after, expected)


def connected_exactly(before: State, after: State) -> bool:
    """Connected, and the prime is used up; nothing else changes."""
    expected = copy(before)
    expected.connected = 1
    expected.prime_fresh = 0
    return same(after, expected)


def disconnected_exactly(before: State, after: State) -> bool:
    """Disconnected: the set itself stays as it is."""
    expected = copy(before)
    expected.connected = 0
    return same(after, expected)


def fill_owed_exactly(before: State, amount: int, after: State) -> bool:
    """The fill is owed and counts against the budget; nothing else changes."""
    expected = copy(before)
    expected.fill_owed = amount
    expected.fill_used = before.fill_used + amount
    return same(after, expected)
