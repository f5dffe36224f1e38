"""A counterexample made small: as many words as can be are those of a fresh pump, or simple.

Each word is tried at its plain value, many at once and then fewer; those that must differ are tried
at simpler numbers. A change is kept only if the call still fails in the same way.
"""

import time
from collections.abc import Callable, Container, Sequence

from .replay import Numbers

# Does a call with these words fail just as the one that was found?
Fails = Callable[[Numbers], bool]
# Seconds that making small may take.
PATIENCE = 4.0
# So many leading digits a simpler number has.
DIGITS = (1, 2, 3)
# A word: which argument, and which of its words; with its inverse, if it has one.
Slot = tuple[int, int, int]
NO_INVERSE = -1


def minimised(
    words: Numbers,
    plain: Numbers,
    fails: Fails,
    inverses: Sequence[int] = (),
    held: Container[tuple[int, int]] = (),
) -> Numbers:
    """The smallest call found that fails; `plain` has a plain value for every word.

    `inverses` names the arguments whose second half is the inverse of the first, `held` the words
    that stay as they are: argument and word.
    """
    search = _Search(words, fails, time.monotonic() + PATIENCE)
    slots = [slot for slot in _slots(words, inverses) if slot[:2] not in held]
    zeros = tuple(tuple(0 for _ in each) for each in words)
    # One word may become plain only after another did, so all are tried twice.
    for target in (plain, zeros, plain):
        search.towards(target, [slot for slot in slots if search.at(slot) != _in(plain, slot)])
    for slot in slots:
        if search.at(slot) not in (_in(plain, slot), 0):
            search.simpler(slot)
    return search.numbers


def _slots(words: Numbers, inverses: Sequence[int]) -> list[Slot]:
    """Every word that is no inverse of another one."""
    found: list[Slot] = []
    for position, given in enumerate(words):
        half = len(given) // 2 if position in inverses else 0
        for at, word in enumerate(given):
            paired = at < half and given[at + half] == -1 - word
            if at >= half and half and given[at] == -1 - given[at - half]:
                continue
            found.append((position, at, at + half if paired else NO_INVERSE))
    return found


def _in(words: Numbers, slot: Slot) -> int:
    return words[slot[0]][slot[1]]


class _Search:
    """The smallest call so far."""

    def __init__(self, words: Numbers, fails: Fails, end: float) -> None:
        self.numbers, self.fails, self.end = words, fails, end

    def at(self, slot: Slot) -> int:
        """What a word is now."""
        return _in(self.numbers, slot)

    def towards(self, target: Numbers, slots: list[Slot]) -> None:
        """Take as many words as can be from a target: all, or halves of them, and so on."""
        slots = [slot for slot in slots if self.at(slot) != _in(target, slot)]
        if not slots or self.changed({slot: _in(target, slot) for slot in slots}):
            return
        if len(slots) > 1:
            middle = len(slots) // 2
            self.towards(target, slots[:middle])
            self.towards(target, slots[middle:])

    def simpler(self, slot: Slot) -> None:
        """The first of some simpler numbers that will do."""
        value = self.at(slot)
        for simple in simple_numbers(value):
            if self.changed({slot: simple}):
                return

    def changed(self, values: dict[Slot, int]) -> bool:
        """Change some words, if the call fails then too."""
        if time.monotonic() > self.end:
            return False
        words = [list(each) for each in self.numbers]
        for (position, at, inverse), value in values.items():
            words[position][at] = bool(value) if type(words[position][at]) is bool else value
            if inverse != NO_INVERSE:
                words[position][inverse] = -1 - value
        tried = tuple(tuple(each) for each in words)
        if not self.fails(tried):
            return False
        self.numbers = tried
        return True


def simple_numbers(value: int) -> list[int]:
    """Numbers that are easier to read than this one, the easiest first."""
    size = len(str(abs(value)))
    found = [10**zeros for zeros in range(size) if 10**zeros < value]
    for digits in DIGITS:
        if digits < size:
            unit = 10 ** (size - digits)
            down = value // unit * unit
            found += [down, down + unit]
    return [number for number in dict.fromkeys(found) if number != value]
