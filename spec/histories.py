"""What holds of whole histories: invariants with a ghost, and the lemmas that carry them one step.

A ghost is what no kernel remembers: any instant, and all that was released to the patient since.
If an invariant holds of a fresh pump and every step keeps it, it holds after every sequence of
events. A lemma is a function whose contract says that it is always true; a theorem uses it by
calling it.
"""

from dosekernel.kernel.contract import Record, ensure, require
from dosekernel.kernel.records import SLOTS, SPANS, TIME_MAX, VOLUME_MAX, Window
from dosekernel.kernel.window import slot_known, slots_passed, total, window_valid


class Ghost(Record):
    """Any instant, what was released from it on for one window's length, and one step's figures."""

    start: int
    volume: int
    cap: int
    shift: int
    amount: int


def counted(slot: int, age: int, oldest: int) -> int:
    """A slot's content if the slot is no older than the oldest one that counts."""
    if age <= oldest:
        return slot
    return 0


def since(window: Window, length: int, now: int, start: int) -> int:
    """What the slots hold that are no older than the slot of `start`."""
    whole = 0
    for i in range(SLOTS):
        whole = whole + counted(window.slots[i], i, now // length - start // length)
    return whole


def window_kept(window: Window, length: int, now: int, ghost: Ghost) -> bool:
    """What was released in the window that began at `start` is under the cap, and still in sight.

    Once the window is over its volume never changes again; until then the slots hold all of it.
    """
    if ghost.volume < 0 or ghost.volume > ghost.cap:
        return False
    if now > ghost.start + SPANS * length:
        return True
    return ghost.volume <= since(window, length, now, ghost.start)


def ledger(before: Window, after: Window, shift: int, amount: int) -> bool:
    """Each slot moved by `shift`, the slot of now grew by at least `amount`, no other changed."""
    for i in range(SLOTS):
        older = 0
        if i >= shift:
            older = before.slots[i - shift]
        if i == 0 and after.slots[i] < older + amount:
            return False
        if i > 0 and after.slots[i] != older:
            return False
    return True


def released_within(length: int, at: int, ghost: Ghost) -> int:
    """What of this step's release counts for the ghost's window."""
    if ghost.start <= at and at <= ghost.start + SPANS * length:
        return ghost.amount
    return 0


@require(lambda before, after: window_valid(before) and window_valid(after))
@require(lambda length: slot_known(length))
@require(lambda now, at, ghost: 0 <= now <= at and at <= TIME_MAX and 0 <= ghost.start <= TIME_MAX)
@require(lambda ghost: 0 <= ghost.cap <= VOLUME_MAX and ghost.amount >= 0)
@require(lambda length, now, at, ghost: ghost.shift == slots_passed(length, now, at))
@require(lambda before, after, ghost: ledger(before, after, ghost.shift, ghost.amount))
@require(lambda after, ghost: ghost.amount == 0 or total(after) <= ghost.cap)
@ensure(lambda result: result)
def step_keeps_window(
    before: Window, after: Window, length: int, now: int, at: int, ghost: Ghost
) -> bool:
    """A step that moves the slots and books what it releases keeps any window under its cap."""
    if not window_kept(before, length, now, ghost):
        return True
    volume = ghost.volume + released_within(length, at, ghost)
    if volume < 0 or volume > ghost.cap:
        return False
    if at > ghost.start + SPANS * length:
        return True
    return volume <= since(after, length, at, ghost.start)
