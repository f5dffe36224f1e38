"""Room for basal, over whole histories: no cap ever withholds a scheduled pulse.

The invariant speaks of what the kernel itself let go: a ghost keeps, slot by slot, what was
released. What a motor reported beyond that is in the windows too, but not in the ghost, so that
the invariant survives it, and means the windows themselves once it has left them.
"""

from dosekernel.kernel.basal import committed_rate, counted_time, metered, temporary_time
from dosekernel.kernel.contract import Record, copy, ensure, require, same
from dosekernel.kernel.limits import backlog_max
from dosekernel.kernel.records import HOUR, RATE_MAX, SLOTS, SPANS, TIME_MAX, State, Window
from dosekernel.kernel.state import body_owed, state_valid
from dosekernel.kernel.window import older, slot_known, slots_passed

from .ledgers import ledger


class Run(Record):
    """How a committed rate runs on in a window: all in metered units, but `length` and times.

    The step goes on by `passed` and releases `amount`; `phase` and `phase_after` are how far the
    slot of now has gone before and after it.
    """

    length: int
    phase: int
    phase_after: int
    passed: int
    rate: int
    amount: int
    cap: int


def covered(window: Window, length: int, phase: int, rate: int, most: int) -> bool:
    """At no later time does the window hold more than this, metered, if the rate runs on."""
    whole = 0
    for i in range(SLOTS):
        whole = whole + window.slots[i]
        if whole * HOUR + rate * ((SLOTS - i) * length - phase) > most:
            return False
    return True


def no_more(low: Window, high: Window) -> bool:
    """Each slot of one holds no more than that of the other."""
    for i in range(SPANS):
        if low.slots[i + 1] > high.slots[i + 1]:
            return False
    return low.slots[0] <= high.slots[0]


def older_no_more(low: Window, high: Window, shift: int) -> bool:
    """The same, of what both hold when time has passed by some slots."""
    for i in range(SPANS):
        if older(low, i + 1, shift) > older(high, i + 1, shift):
            return False
    return older(low, 0, shift) <= older(high, 0, shift)


# ---- lemmas


@require(lambda x, y: x >= 0 and y >= 0)
@ensure(lambda x, y, result: result == x * y)
@ensure(lambda result: result >= 0)
def area(x: int, y: int) -> int:
    """A product of two numbers that are not negative is not negative."""
    return x * y


@require(lambda run: slot_known(run.length) and 0 <= run.phase < run.length)
@require(lambda run: 0 <= run.phase_after < run.length and run.passed >= 0)
@require(lambda run: 0 <= run.rate <= RATE_MAX and run.amount >= 0)
@require(lambda shift: 0 <= shift <= SLOTS)
@require(
    lambda run, shift: (
        shift == SLOTS or run.phase_after == run.phase + run.passed - shift * run.length
    )
)
@require(lambda before, after, run, shift: ledger(before, after, shift, run.amount, True))
@require(lambda before, run, most: covered(before, run.length, run.phase, run.rate, most))
@require(lambda most, run, later: later >= most + run.amount * HOUR - run.rate * run.passed)
@require(lambda run, later: later >= run.amount * HOUR + run.rate * SLOTS * run.length)
@ensure(lambda result: result)
@ensure(lambda after, run, later: covered(after, run.length, run.phase_after, run.rate, later))
def covers_on(before: Window, after: Window, run: Run, shift: int, most: int, later: int) -> bool:
    """While time passes the rate uses up the room that was kept for it, and no more."""
    rest = area(run.rate, run.phase_after) + area(run.rate, run.length)
    kept = later >= most + run.amount * HOUR - area(run.rate, run.passed)
    return rest >= 0 and kept and ledger(before, after, shift, run.amount, True)


@require(lambda run: slot_known(run.length) and 0 <= run.phase_after < run.length)
@require(lambda low, high: no_more(low, high))
@require(lambda rate, run: 0 <= rate <= run.rate)
@require(lambda high, run, most: covered(high, run.length, run.phase_after, run.rate, most))
@ensure(lambda result: result)
@ensure(lambda low, run, rate, most: covered(low, run.length, run.phase_after, rate, most))
def covers_less(low: Window, high: Window, run: Run, rate: int, most: int) -> bool:
    """Less in the window and a lower rate need no more room."""
    ahead = area(run.rate - rate, run.length - run.phase_after)
    slots = area(run.rate - rate, run.length)
    if ahead + slots < 0 or not no_more(low, high):
        return False
    return covered(high, run.length, run.phase_after, run.rate, most)


@require(lambda shift: 0 <= shift <= SLOTS)
@require(lambda low, high: no_more(low, high))
@ensure(lambda result: result)
@ensure(lambda low, high, shift: older_no_more(low, high, shift))
def no_more_carries(low: Window, high: Window, shift: int) -> bool:
    """What was no more still is no more when both have grown older."""
    return no_more(low, high) and shift <= SLOTS


@require(lambda length: slot_known(length))
@require(lambda now, at: 0 <= now <= at and at <= TIME_MAX)
@ensure(lambda result: result)
@ensure(
    lambda length, now, at: (
        slots_passed(length, now, at) == SLOTS
        or at % length == now % length + (at - now) - slots_passed(length, now, at) * length
    )
)
def phases(length: int, now: int, at: int) -> bool:
    """How far the slot of now has gone follows from how many slots have passed."""
    return length > 0 and now <= at


@require(lambda state: state_valid(state))
@require(lambda state, at: state.now <= at and at <= TIME_MAX)
@ensure(lambda result: result)
@ensure(
    lambda state, at: metered(state, at) <= state.carry + committed_rate(state) * (at - state.now)
)
@ensure(lambda state, at: metered(state, at) <= backlog_max(state.limits))
def metered_at_rate(state: State, at: int) -> bool:
    """Basal is metered no faster than the rate that room is kept for."""
    rate = committed_rate(state)
    counted = counted_time(state, at)
    warm = temporary_time(state, at)
    cooler = area(rate - state.temporary_rate, warm)
    plainer = area(rate - state.basal_rate, counted - warm)
    return cooler + plainer + area(rate, at - state.now - counted) >= 0


# ---- the invariant


def left_for_basal(state: State, cap: int) -> int:
    """What of a cap is left, metered, for the basal of all time to come."""
    return cap * HOUR - state.carry - body_owed(state) * HOUR


def roomy(given: Window, state: State, length: int, cap: int) -> bool:
    """All that was released and is owed, and the committed rate for ever, stay under the cap."""
    rate = committed_rate(state)
    far = rate * SLOTS * length + backlog_max(state.limits) + body_owed(state) * HOUR
    if far > cap * HOUR:
        return False
    return covered(given, length, state.now % length, rate, left_for_basal(state, cap))


@require(lambda before, after: state_valid(before) and state_valid(after))
@require(lambda before, after: before.now <= after.now and same(before.limits, after.limits))
@require(lambda run: slot_known(run.length) and run.amount >= 0)
@require(lambda before, after: committed_rate(after) <= committed_rate(before))
@require(lambda before, after: body_owed(after) <= body_owed(before))
@require(
    lambda before, after, run: (
        run.amount * HOUR + after.carry + body_owed(after) * HOUR
        <= metered(before, after.now) + body_owed(before) * HOUR
    )
)
@require(
    lambda before, after, given, later, run: ledger(
        given, later, slots_passed(run.length, before.now, after.now), run.amount, True
    )
)
@require(lambda before, given, run: roomy(given, before, run.length, run.cap))
@ensure(lambda result: result)
@ensure(lambda after, later, run: roomy(later, after, run.length, run.cap))
def carries_on(before: State, after: State, given: Window, later: Window, run: Run) -> bool:
    """With nothing new owed and no higher rate the room that was kept is still enough."""
    on = copy(run)
    on.phase = before.now % run.length
    on.phase_after = after.now % run.length
    on.passed = after.now - before.now
    on.rate = committed_rate(before)
    if not phases(run.length, before.now, after.now) or not metered_at_rate(before, after.now):
        return False
    passed = slots_passed(run.length, before.now, after.now)
    kept = left_for_basal(before, run.cap)
    left = left_for_basal(after, run.cap)
    if not covers_on(given, later, on, passed, kept, left):
        return False
    rate = committed_rate(after)
    return area(on.rate - rate, run.length) >= 0 and covers_less(later, later, on, rate, left)
