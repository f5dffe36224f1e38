"""What holds of whole histories: invariants with a ghost, and the lemmas that carry them one step.

A ghost is what no kernel remembers: any instant, and what was released since. An invariant that
holds of a fresh pump and is kept by every step and every adoption holds after any sequence of
them. A lemma is a function that is always true; its contract says what follows, and a statement
uses it by calling it.
"""

from dosekernel.kernel.arithmetic import smaller
from dosekernel.kernel.contract import Record, copy, ensure, require
from dosekernel.kernel.limits import slot_length
from dosekernel.kernel.records import (
    ACCEPTED,
    ACTION_SLOT,
    DAY_SLOT,
    REASON_NONE,
    SLOTS,
    SPANS,
    TIME_MAX,
    Memory,
    Outcome,
    State,
    Window,
)
from dosekernel.kernel.step import intact
from dosekernel.kernel.window import slot_known, slots_passed, total, window_valid

from .ledgers import ledger, to_patient
from .words import owed


class Span(Record):
    """A rolling window as a ghost knows it, and one step of the kernel as it matters to it.

    It began at `start`; `volume` was released in it so far. The step goes from `now` to `at` and
    releases `amount`; `length` is that of a slot.
    """

    start: int
    volume: int
    length: int
    now: int
    at: int
    amount: int


# ---- slots and ages


def counted(slot: int, i: int, age: int) -> int:
    """A slot's content if the slot is no older than this."""
    if i <= age:
        return slot
    return 0


def since(window: Window, age: int) -> int:
    """What the slots hold that are no older than this."""
    whole = 0
    for i in range(SLOTS):
        whole = whole + counted(window.slots[i], i, age)
    return whole


@require(lambda length: slot_known(length))
@require(lambda start, at: 0 <= start <= TIME_MAX and 0 <= at <= TIME_MAX)
@ensure(lambda length, start, at, result: result == at // length - start // length)
@ensure(lambda length, start, at, result: at > start + SPANS * length or result <= SPANS)
@ensure(lambda start, at, result: at < start or result >= 0)
def age(length: int, start: int, at: int) -> int:
    """How many slots old an instant is: below 0 in the future."""
    return at // length - start // length


@require(lambda before, after: window_valid(before) and window_valid(after))
@require(lambda shift: 0 <= shift <= SLOTS)
@require(
    lambda age_before, age_after, shift: (
        age_before <= age_after and shift == smaller(age_after - age_before, SLOTS)
    )
)
@require(lambda before, after, shift, amount: ledger(before, after, shift, amount, False))
@require(lambda amount: amount >= 0)
@ensure(lambda result: result)
@ensure(lambda after, age_after: since(after, age_after) <= total(after))
@ensure(
    lambda before, after, age_before, age_after, amount: (
        age_after > SPANS
        or since(before, age_before) + counted(amount, 0, age_after) <= since(after, age_after)
    )
)
def slots_carry(
    before: Window, after: Window, shift: int, age_before: int, age_after: int, amount: int
) -> bool:
    """What was no older than some instant still is in sight, until the instant is too old."""
    return age_before <= age_after and ledger(before, after, shift, amount, False)


# ---- any rolling window


def in_sight(window: Window, length: int, now: int, start: int, volume: int) -> bool:
    """As long as a rolling window goes on, the slots hold all that was released in it."""
    if now > start + SPANS * length:
        return True
    return volume <= since(window, age(length, start, now))


def released_in(span: Span) -> int:
    """What was released in the rolling window, this step included."""
    if span.start <= span.at and span.at <= span.start + SPANS * span.length:
        return span.volume + span.amount
    return span.volume


def span_ranged(span: Span) -> bool:
    """Times and volumes that can be; nothing was released before the start."""
    if span.start < 0 or span.start > TIME_MAX or span.now < 0:
        return False
    if span.now > span.at or span.at > TIME_MAX:
        return False
    if span.now < span.start and span.volume != 0:
        return False
    return span.volume >= 0 and span.amount >= 0


@require(lambda before, after: window_valid(before) and window_valid(after))
@require(lambda span: slot_known(span.length) and span_ranged(span))
@require(
    lambda before, after, span: ledger(
        before, after, slots_passed(span.length, span.now, span.at), span.amount, False
    )
)
@ensure(lambda result: result)
@ensure(
    lambda before, after, span: (
        not in_sight(before, span.length, span.now, span.start, span.volume)
        or in_sight(after, span.length, span.at, span.start, released_in(span))
    )
)
@ensure(
    lambda before, after, span: (
        not in_sight(before, span.length, span.now, span.start, span.volume)
        or span.at > span.start + SPANS * span.length
        or released_in(span) <= total(after)
    )
)
def window_carries(before: Window, after: Window, span: Span) -> bool:
    """A step that moves the slots and books what it releases keeps any rolling window in sight."""
    age_before = age(span.length, span.start, span.now)
    age_after = age(span.length, span.start, span.at)
    shift = slots_passed(span.length, span.now, span.at)
    return slots_carry(before, after, shift, age_before, age_after, span.amount)


def short_window_kept(before: State, after: State, amount: int, ghost: Span) -> bool:
    """A rolling window of the short length stays in sight; what is released in it is under cap."""
    span = copy(ghost)
    span.length = slot_length(before.limits)
    span.now = before.now
    span.at = after.now
    span.amount = amount
    if not span_ranged(span):
        return True
    if not in_sight(before.window, span.length, span.now, span.start, span.volume):
        return True
    if not window_carries(before.window, after.window, span):
        return False
    if not in_sight(after.window, span.length, span.at, span.start, released_in(span)):
        return False
    if span.amount == 0 or span.at > span.start + SPANS * span.length:
        return True
    return released_in(span) <= after.limits.window_max


def day_window_kept(before: State, after: State, amount: int, ghost: Span) -> bool:
    """A rolling window of 24 hours stays in sight; whatever is released in it is under the cap."""
    span = copy(ghost)
    span.length = DAY_SLOT
    span.now = before.now
    span.at = after.now
    span.amount = amount
    if not span_ranged(span):
        return True
    if not in_sight(before.day, span.length, span.now, span.start, span.volume):
        return True
    if not window_carries(before.day, after.day, span):
        return False
    if not in_sight(after.day, span.length, span.at, span.start, released_in(span)):
        return False
    if span.amount == 0 or span.at > span.start + SPANS * span.length:
        return True
    return released_in(span) <= after.limits.day_max


def any_window(before: State, after: State, outcome: Outcome, any_ghost: Span) -> bool:
    """Any rolling window of the short length, whenever it began, holds no more than its cap."""
    if outcome.status != ACCEPTED:
        return True
    return short_window_kept(before, after, to_patient(outcome), any_ghost)


def any_day(before: State, after: State, outcome: Outcome, any_ghost: Span) -> bool:
    """Any rolling 24 hours, whenever they began, hold no more than the day's cap."""
    if outcome.status != ACCEPTED:
        return True
    return day_window_kept(before, after, to_patient(outcome), any_ghost)


# ---- where a history begins, and what else moves it


def starts_empty(after: State, at: int, result: int) -> bool:
    """A fresh pump has released nothing: every ghost begins at its time, with nothing."""
    if result != REASON_NONE:
        return True
    if total(after.window) != 0 or total(after.day) != 0 or total(after.action) != 0:
        return False
    return after.now == at and after.carry == 0 and owed(after) == 0 and after.outstanding == 0


def adoption_ledger(before: State, after: State, result: int) -> bool:
    """An adoption moves the windows with the time and books nothing; slots keep their length."""
    if result != REASON_NONE:
        return True
    if after.limits.window_length != before.limits.window_length or after.now < before.now:
        return False
    passed = slots_passed(slot_length(before.limits), before.now, after.now)
    if not ledger(before.window, after.window, passed, 0, True):
        return False
    if not ledger(before.day, after.day, slots_passed(DAY_SLOT, before.now, after.now), 0, True):
        return False
    passed = slots_passed(ACTION_SLOT, before.now, after.now)
    return ledger(before.action, after.action, passed, 0, True)


def adoption_sound(memory_before: Memory, memory_after: Memory, result: int) -> bool:
    """Limits are adopted in a sound memory, and leave a sound memory."""
    return result != REASON_NONE or (intact(memory_before) and intact(memory_after))


def adoption_keeps_windows(before: State, after: State, result: int, any_ghost: Span) -> bool:
    """Whatever rolling window was in sight still is, under the limits that are adopted."""
    if result != REASON_NONE:
        return True
    if not short_window_kept(before, after, 0, any_ghost):
        return False
    return day_window_kept(before, after, 0, any_ghost)
