"""A rolling window: what was released, in 25 slots that always over-cover the window's length.

Slot 0 is the slot of now and slot i the one i slots ago. A slot is 1/24 of the window's length, so
that 25 of them hold every moment of any rolling window that ends now, at most 1/24 too much.
"""

from .arithmetic import flow, larger, smaller
from .contract import copy, ensure, require, snapshot
from .records import (
    ACTION_SLOT,
    DAY_SLOT,
    HOUR,
    RATE_MAX,
    SLOTS,
    SPANS,
    TIME_MAX,
    TOTAL_MAX,
    VOLUME_MAX,
    WINDOW_FOUR_HOURS,
    WINDOW_HOUR,
    Window,
)


def slot_known(length: int) -> bool:
    """The four slot lengths there are: the short window's two, the day's and the action's."""
    return (
        length == WINDOW_HOUR // SPANS
        or length == WINDOW_FOUR_HOURS // SPANS
        or length == DAY_SLOT
        or length == ACTION_SLOT
    )


def total(window: Window) -> int:
    """All that the window holds."""
    whole = 0
    for i in range(SLOTS):
        whole = whole + window.slots[i]
    return whole


def window_valid(window: Window) -> bool:
    """No slot is negative and the total is in range; slots may exceed a cap, never the range."""
    for i in range(SLOTS):
        if window.slots[i] < 0 or window.slots[i] > TOTAL_MAX:
            return False
    return total(window) <= TOTAL_MAX


@require(lambda i, shift: 0 <= i < SLOTS and 0 <= shift <= SLOTS)
def older(window: Window, i: int, shift: int) -> int:
    """What slot i holds when time has passed by `shift` slots."""
    if i < shift:
        return 0
    return window.slots[i - shift]


def moved(before: Window, after: Window, shift: int) -> bool:
    """Each slot is what the one `shift` slots newer was; the newest `shift` slots are empty."""
    for i in range(SLOTS):
        if after.slots[i] != older(before, i, shift):
            return False
    return True


def booked(before: Window, after: Window, amount: int) -> bool:
    """The slot of now holds an amount more, unless the window is full; no other slot changed."""
    for i in range(SPANS):
        if after.slots[i + 1] != before.slots[i + 1]:
            return False
    if after.slots[0] < before.slots[0] or after.slots[0] > before.slots[0] + amount:
        return False
    return after.slots[0] == before.slots[0] + amount or total(after) == TOTAL_MAX


@require(lambda window: window_valid(window))
@require(lambda shift: 0 <= shift <= SLOTS)
@snapshot(lambda window: copy(window), name="window")
@ensure(lambda window: window_valid(window))
@ensure(lambda window, OLD: total(window) <= total(OLD.window))
@ensure(lambda window, shift, OLD: moved(OLD.window, window, shift))
def advance(window: Window, shift: int) -> None:
    """Time passed by `shift` slots: each slot grows older, the oldest fall out."""
    if shift == 0:
        return
    for k in range(SLOTS):
        i = SLOTS - 1 - k
        if shift <= i:
            window.slots[i] = window.slots[i - shift]
        else:
            window.slots[i] = 0


@require(lambda length: slot_known(length))
@require(lambda now, at: 0 <= now <= at and at <= TIME_MAX)
@ensure(lambda result: 0 <= result <= SLOTS)
@ensure(lambda length, now, at, result: result == smaller(at // length - now // length, SLOTS))
def slots_passed(length: int, now: int, at: int) -> int:
    """How many slots grow older from `now` to `at`; no more than there are."""
    return smaller(at // length - now // length, SLOTS)


@require(lambda window: window_valid(window))
@require(lambda amount: 0 <= amount <= 2 * VOLUME_MAX)
@snapshot(lambda window: copy(window), name="window")
@ensure(lambda window: window_valid(window))
@ensure(lambda window, amount, OLD: booked(OLD.window, window, amount))
@ensure(lambda window, amount, OLD: total(window) <= total(OLD.window) + amount)
@ensure(
    lambda window, amount, OLD: (
        total(window) == total(OLD.window) + amount or total(window) == TOTAL_MAX
    )
)
def book(window: Window, amount: int) -> None:
    """Count an amount in the slot of now; past the range it stays full, far above every cap."""
    window.slots[0] = window.slots[0] + smaller(amount, TOTAL_MAX - total(window))


def is_peak(window: Window, length: int, phase: int, rate: int, amount: int) -> bool:
    """The largest of what the window holds at the instants at which a slot falls out."""
    reached = amount == 0
    whole = 0
    for i in range(SLOTS):
        whole = whole + window.slots[i]
        held = whole * HOUR + flow(rate, (SLOTS - i) * length - phase)
        if amount < held:
            return False
        reached = reached or amount == held
    return reached


@require(lambda window: window_valid(window))
@require(lambda length: slot_known(length))
@require(lambda phase, length: 0 <= phase < length)
@require(lambda rate: 0 <= rate <= RATE_MAX)
@ensure(lambda result: 0 <= result <= TOTAL_MAX * HOUR + RATE_MAX * SLOTS * DAY_SLOT)
@ensure(lambda window, length, phase, rate, result: is_peak(window, length, phase, rate, result))
def peak(window: Window, length: int, phase: int, rate: int) -> int:
    """The most that the window will hold, metered, if a rate runs on while old slots fall out.

    When slot i is the oldest left, slots 0..i are still there and the rate has run for the rest of
    the window; `phase` is how far the slot of now has already gone.
    """
    highest = 0
    whole = 0
    for i in range(SLOTS):
        whole = whole + window.slots[i]
        # The sum is within TOTAL_MAX as it is; said here, so an analyser of intervals sees it too.
        held = smaller(whole, TOTAL_MAX) * HOUR
        highest = larger(highest, held + flow(rate, (SLOTS - i) * length - phase))
    return highest
