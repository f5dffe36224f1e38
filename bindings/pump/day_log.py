"""The last 24 hours of a journal, for a graph: rates, boluses, releases and glucose.

It is read on from where it was, so that a screen can ask for it every second.
"""

from dataclasses import dataclass, field, replace

from dosekernel.kernel.records import DAY
from dosekernel.spec.reasons import Kind, Path, Reason, Status

from .. import Event, Outcome
from .bodies import unpacked
from .journal import Entry, Journal, What
from .shell import Pump

BOLUSES = (Kind.BOLUS, Kind.EXTENDED_BOLUS)


@dataclass(frozen=True)
class Point:
    """A figure at a moment of kernel time, `wall` the same on the wall clock."""

    at: int
    wall: int
    value: int


@dataclass(frozen=True)
class Dose:
    """A bolus that was accepted: `amount` as asked, of which `not_given` was cancelled later."""

    at: int
    wall: int
    kind: str
    amount: int
    duration: int
    source: str
    not_given: int = 0


@dataclass
class Day:
    """What happened in the last 24 hours, oldest first; `rates` holds only changes."""

    rates: list[Point] = field(default_factory=list)
    boluses: list[Dose] = field(default_factory=list)
    released: list[Point] = field(default_factory=list)  # to the patient, boluses and basal
    glucose: list[Point] = field(default_factory=list)
    _seq: int = 0
    _asked: Entry | None = None
    _open: int = 0  # how many of the newest boluses may not be complete yet

    def read(self, pump: Pump) -> None:
        """Read on to the journal's end, and drop what is older than a day."""
        since = pump.now() - DAY
        if self._seq == 0:
            self._seq = first_since(pump.journal, since) - 1
        for entry in pump.journal.entries(self._seq, (What.EVENT, What.OUTCOME)):
            self._take(entry)
            self._seq = entry.seq
        self._forget(since)

    def _take(self, entry: Entry) -> None:
        if entry.kind is What.EVENT:
            self._asked = entry
            return
        asked, self._asked = self._asked, None
        if asked is None:
            return
        event = Event.from_words(unpacked(asked.body))
        outcome = Outcome.from_words(unpacked(entry.body))
        if outcome.status is Status.ACCEPTED:
            self._accepted(event, outcome, entry.wall)

    def _accepted(self, event: Event, outcome: Outcome, wall: int) -> None:
        at = event.at
        if outcome.pulses and outcome.path is Path.PATIENT:
            self.released.append(Point(at, wall, outcome.amount))
        if not self.rates or self.rates[-1].value != outcome.rate:
            self.rates.append(Point(at, wall, outcome.rate))
        if event.kind is Kind.GLUCOSE:
            self.glucose.append(Point(event.issued_at, wall - at + event.issued_at, event.glucose))
        elif event.kind in BOLUSES:
            kind, source = Kind(event.kind), getattr(event.source, "name", str(event.source))
            self.boluses.append(Dose(at, wall, kind.name, event.amount, event.duration, source))
            self._open += 1
        elif outcome.not_given:
            self._not_given(outcome.not_given)
        idle = event.kind is Kind.TICK and not outcome.pulses and not outcome.owed
        if idle and outcome.reason is not Reason.UNCONFIRMED:
            self._open = 0

    def _not_given(self, amount: int) -> None:
        """What was cancelled belongs to the boluses under way, the newest first."""
        newest = len(self.boluses) - 1
        for place in range(newest, max(-1, newest - self._open), -1):
            dose = self.boluses[place]
            part = min(amount, dose.amount - dose.not_given)
            self.boluses[place] = replace(dose, not_given=dose.not_given + part)
            amount -= part

    def _forget(self, since: int) -> None:
        self.boluses = [each for each in self.boluses if each.at >= since]
        for points in (self.released, self.glucose):
            points[:] = [each for each in points if each.at >= since]
        # The rate in force as the day begins is the newest change before it.
        while len(self.rates) > 1 and self.rates[1].at <= since:
            del self.rates[0]


def first_since(journal: Journal, at: int) -> int:
    """The number of the first entry at or after a moment of kernel time, by halving."""
    low, high = 1, journal.seq + 1
    while low < high:
        middle = (low + high) // 2
        entry = journal.entry(middle)
        if entry is None or entry.at >= at:
            high = middle
        else:
            low = middle + 1
    return low
