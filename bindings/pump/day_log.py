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
    stopped_at: int = 0  # when that was, in kernel time


@dataclass(frozen=True)
class Step:
    """An event and the kernel's answer, as the journal has them."""

    seq: int  # of the event's entry
    wall: int  # of the answer
    event: Event
    outcome: Outcome


class Pairs:
    """Puts events and their answers together, in whatever portions the entries come."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._asked: Entry | None = None

    def take(self, entry: Entry) -> Step | None:
        """The step that this entry completes, if it does."""
        asked = self._asked
        if entry.kind in (What.EVENT, What.LOST):
            self._asked = entry if entry.kind is What.EVENT else None
            return None
        if entry.kind is not What.OUTCOME or asked is None:
            return None
        self._asked = None
        event = Event.from_words(unpacked(asked.body))
        return Step(asked.seq, entry.wall, event, Outcome.from_words(unpacked(entry.body)))


class Doses:
    """Every bolus that was accepted, and how much of it was cancelled."""

    def __init__(self) -> None:
        """None so far."""
        self.found: list[Dose] = []
        self._open = 0  # how many of the newest may not be complete yet

    def take(self, step: Step) -> None:
        """The next step that was accepted."""
        event, outcome = step.event, step.outcome
        if event.kind in BOLUSES:
            source = getattr(event.source, "name", str(event.source))
            kind = Kind(event.kind).name
            self.found.append(Dose(event.at, step.wall, kind, event.amount, event.duration, source))
            self._open += 1
        elif outcome.not_given:
            self._not_given(outcome.not_given, event.at)
        idle = event.kind is Kind.TICK and not outcome.pulses and not outcome.owed
        if idle and outcome.reason is not Reason.UNCONFIRMED:
            self._open = 0

    def _not_given(self, amount: int, at: int) -> None:
        """What was cancelled belongs to the boluses under way, first to the extended one."""
        newest = len(self.found) - 1
        places = range(newest, max(-1, newest - self._open), -1)
        extended = Kind.EXTENDED_BOLUS.name
        for place in sorted(places, key=lambda place: self.found[place].kind != extended):
            dose = self.found[place]
            part = min(amount, dose.amount - dose.not_given)
            if part:
                not_given = dose.not_given + part
                self.found[place] = replace(dose, not_given=not_given, stopped_at=at)
            amount -= part


@dataclass
class Day:
    """What happened in the last 24 hours, oldest first; `rates` holds only changes."""

    rates: list[Point] = field(default_factory=list)
    released: list[Point] = field(default_factory=list)  # to the patient, boluses and basal
    glucose: list[Point] = field(default_factory=list)
    _doses: Doses = field(default_factory=Doses)
    _pairs: Pairs = field(default_factory=Pairs)
    _seq: int = 0

    @property
    def boluses(self) -> list[Dose]:
        """The boluses that were accepted."""
        return self._doses.found

    def read(self, pump: Pump) -> None:
        """Read on to the journal's end, and drop what is older than a day."""
        since = pump.now() - DAY
        if self._seq == 0:
            self._seq = first_since(pump.journal, since) - 1
        for entry in pump.journal.entries(self._seq, (What.EVENT, What.OUTCOME, What.LOST)):
            step = self._pairs.take(entry)
            if step is not None and step.outcome.status is Status.ACCEPTED:
                self._accepted(step)
            self._seq = entry.seq
        self._forget(since)

    def _accepted(self, step: Step) -> None:
        event, outcome = step.event, step.outcome
        if outcome.pulses and outcome.path is Path.PATIENT:
            self.released.append(Point(event.at, step.wall, outcome.amount))
        if not self.rates or self.rates[-1].value != outcome.rate:
            self.rates.append(Point(event.at, step.wall, outcome.rate))
        if event.kind is Kind.GLUCOSE:
            wall = step.wall - event.at + event.issued_at
            self.glucose.append(Point(event.issued_at, wall, event.glucose))
        self._doses.take(step)

    def _forget(self, since: int) -> None:
        self.boluses[:] = [each for each in self.boluses if each.at >= since]
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
