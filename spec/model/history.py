"""Everything that ever went into the body, moment by moment: no slots, nothing forgotten.

The kernel keeps 25 slots that over-cover a window. This keeps each booking with its own time, so
`total` over a true rolling window is what a person with a notebook would add up.
"""

from bisect import bisect_left, bisect_right
from fractions import Fraction

from dosekernel.kernel.records import HOUR, SPANS, WHOLE


def wider(length: int) -> int:
    """How far back the kernel's window of a length may reach: one slot further."""
    return length // SPANS * (SPANS + 1)


class History:
    """Bookings in the order of their times, with running sums."""

    def __init__(self) -> None:
        self.times: list[int] = []
        self.sums: list[int] = [0]

    def book(self, at: int, amount: int) -> None:
        """Something went into the body at `at`, which is never before the last booking."""
        if self.times and at < self.times[-1]:
            raise ValueError(f"booking at {at} is before the last one at {self.times[-1]}")
        self.times.append(at)
        self.sums.append(self.sums[-1] + amount)

    def total(self, start: int, end: int) -> int:
        """All that was booked from `start` to `end`, both included."""
        return self.sums[bisect_right(self.times, end)] - self.sums[bisect_left(self.times, start)]

    def highest(self, length: int, since: int = 0) -> int:
        """The most that any window of this length that ends at a booking after `since` holds."""
        ends = (time for time in self.times if time >= since)
        return max((self.total(end - length, end) for end in ends), default=0)

    def need(self, now: int, length: int, rate: int, carry: Fraction) -> Fraction:
        """The most that a window open now or earlier will hold if `rate` runs on until it closes.

        Between two bookings a later start only adds basal, so the fullest windows start at a
        booking. `carry` is metered basal that is still to leave.
        """
        fullest = rate * length
        for index in range(bisect_left(self.times, now - length), len(self.times)):
            held = self.sums[-1] - self.sums[index]
            fullest = max(fullest, held * HOUR + rate * (self.times[index] + length - now))
        return Fraction(fullest, HOUR) + carry

    def on_board_least(self, now: int, slot: int, remaining: list[int]) -> Fraction:
        """Drug that still acts, from true ages and the table joined by straight lines."""
        acting = 0
        for age, amount in self._ages(now, slot * SPANS):
            index, rest = divmod(age, slot)
            if index < SPANS:
                fall = (remaining[index] - remaining[index + 1]) * rest
                acting += amount * (remaining[index] * slot - fall)
        return Fraction(acting, slot * WHOLE)

    def on_board_most(self, now: int, slot: int, remaining: list[int]) -> Fraction:
        """The same with every dose taken for one slot younger than it is."""
        acting = 0
        for age, amount in self._ages(now, slot * (SPANS + 1)):
            index = max(age // slot - 1, 0)
            if index < SPANS:
                acting += amount * remaining[index]
        return Fraction(acting, WHOLE)

    def _ages(self, now: int, longest: int) -> list[tuple[int, int]]:
        first = bisect_left(self.times, now - longest)
        return [
            (now - self.times[index], self.sums[index + 1] - self.sums[index])
            for index in range(first, len(self.times))
        ]
