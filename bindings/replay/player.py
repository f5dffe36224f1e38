"""Plays a history to a simulated pump: events in order, ticks between, programme as it says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from dosekernel.kernel.records import HOUR, MINUTE
from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Mode, Source, Status

from .. import Outcome
from ..quantities import in_units
from .driver import FIRST_SITE, SimulatedPump
from .history import (
    Entry,
    History,
    Outage,
    Programme,
    ProgrammeChange,
    Request,
    SetChange,
    micro,
)

# The pump is set up this long before the first record: time for prime, fill and a first tick.
SET_UP = HOUR
WHOLE = 100
BRIEF = MINUTE  # a stop shorter than this is a step of a procedure
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Verdict:
    """A request of the history and the kernel's answer."""

    entry: Entry
    kind: Kind
    source: Source
    asked: int  # micro-units, or micro-units per hour for a rate, as given to the kernel
    outcome: Outcome

    @property
    def is_rate(self) -> bool:
        """True if `asked` is a rate."""
        return self.kind in (Kind.TEMP_BASAL, Kind.SET_BASAL)


@dataclass(frozen=True)
class Span:
    """A time in which the pump was in one mode other than delivering."""

    mode: Mode
    start: int
    end: int


@dataclass
class Played:
    """A history after it was played."""

    history: History
    pump: SimulatedPump
    origin: int  # the moment (ms since 1970) at which the pump's own clock stood at 0
    start: int
    end: int
    verdicts: list[Verdict] = field(default_factory=list)
    rounded: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def of(self, status: Status) -> list[Verdict]:
        """The requests with such an answer."""
        return [verdict for verdict in self.verdicts if verdict.outcome.status is status]

    def spans(self) -> list[Span]:
        """When the pump did not deliver, from the start of the history on."""
        found: list[Span] = []
        mode, since = Mode.DELIVERING, self.start
        for step in self.pump.steps:
            at, now = step.event.at + self.origin, step.outcome.mode
            if step.outcome.status is not Status.ACCEPTED or now is mode or at < self.start:
                continue
            if mode is not Mode.DELIVERING and at > since:
                found.append(Span(mode, since, at))
            mode, since = now, at
        if mode is not Mode.DELIVERING and self.end > since:
            found.append(Span(mode, since, self.end))
        return [span for span in found if span.end - span.start >= BRIEF]


class Player:
    """One pass of a history through a fresh pump."""

    def __init__(self, history: History, limits: Limits, programme: Programme) -> None:
        """`programme` runs until the history changes it."""
        first = min(entry.at for entry in history.entries)
        last = max(entry.at for entry in history.entries)
        self.origin = first - SET_UP
        self.pump = SimulatedPump(limits)
        self.unit = limits.unit
        self.programme = programme
        self.played = Played(history, self.pump, self.origin, first, last)
        self._revert: tuple[int, Programme] | None = None
        self._numbers: dict[str, int] = {}
        self._next_site = FIRST_SITE + 1
        self._procedure = (0, 0)  # when the last change of a set or reservoir began and ended

    def play(self, progress: Progress) -> Played:
        """Set the pump up and give it everything; `progress` hears (done, all)."""
        self._set_up()
        entries = self.played.history.entries
        for done, entry in enumerate(entries):
            progress(done, len(entries))
            self._pass_time(entry.at)
            self._give(entry)
        progress(len(entries), len(entries))
        self._pass_time(self.played.end)
        self.pump.run_until_given()
        self.played.end = max(self.played.end, self._now())
        return self.played

    def _now(self) -> int:
        """The pump's clock in the history's terms."""
        return self.pump.now + self.origin

    def _run_to(self, at: int) -> None:
        self.pump.run_to(at - self.origin)

    def _set_up(self) -> None:
        full = self.pump.whole_pulses(self.pump.limits.reservoir_capacity)
        answers = self.pump.change(reservoir=full, site=FIRST_SITE)
        self.played.assumptions += [
            f"a full reservoir ({in_units(full)} {self.unit}) and a fresh set, primed and filled, "
            "in the hour before the first record; nothing on board from before",
            "the motor delivers and reports every release in full",
        ]
        if self.programme.segments:
            answers.append(self._rate_change(None, self.programme.rate_at(self._now())))
        for outcome in answers:
            if outcome.status is not Status.ACCEPTED:
                self.played.ignored.append(f"set-up: refused: {outcome.reason.sentence}")

    def _pass_time(self, until: int) -> None:
        """Tick up to a moment, with every segment of the programme that begins on the way."""
        if self._revert is not None and self._revert[0] <= until:
            at, programme = self._revert
            self._revert = None
            self._pass_time(at)
            self._switch_to(None, programme)
        for at, rate in self.programme.changes(self._now(), until):
            self._run_to(at)
            self._rate_change(None, rate)
        self._run_to(until)

    def _give(self, entry: Entry) -> None:
        if isinstance(entry, Request):
            self._request(entry)
        elif isinstance(entry, SetChange):
            self._set_change(entry)
        elif isinstance(entry, ProgrammeChange):
            if entry.duration:
                self._revert = (entry.at + entry.duration, self.programme)
            self._switch_to(entry, entry.programme)
        elif isinstance(entry, Outage):
            self.pump.outage(entry.duration)

    def _switch_to(self, entry: Entry | None, programme: Programme) -> None:
        self.programme = programme
        self._rate_change(entry, programme.rate_at(self._now()))

    def _rate_change(self, entry: Entry | None, rate: int) -> Outcome:
        outcome = self.pump.set_programme(rate)
        if outcome.status is Status.REFUSED:
            about = entry or Entry(0, self._now(), "programme")
            self._judge(about, Kind.SET_BASAL, Source.SCHEDULE, rate, outcome)
        return outcome

    def _judge(
        self, entry: Entry, kind: Kind, source: Source, asked: int, outcome: Outcome
    ) -> None:
        self.played.verdicts.append(Verdict(entry, kind, source, asked, outcome))

    def _request(self, entry: Request) -> None:
        if entry.kind is Kind.CANCEL_TEMP_BASAL and not self._temporary_runs():
            self.played.ignored.append(
                f"record {entry.record}: {entry.label}: no temporary rate runs, nothing to end"
            )
            return
        amount, rate = self._amount(entry), self._rate(entry)
        outcome = self.pump.ask(
            entry.kind,
            source=entry.source,
            number=self._number(entry.number),
            at=self._when(entry),
            issued_at=None if entry.issued_at is None else entry.issued_at - self.origin,
            amount=amount,
            rate=rate,
            duration=entry.duration,
            glucose=entry.glucose,
            code=entry.site if entry.cause is None else entry.cause,
        )
        self._judge(entry, entry.kind, entry.source, rate or amount, outcome)

    def _when(self, entry: Entry) -> int:
        """The pump's time of a request; one that falls into a change of the set waits for its end.

        Any other time before the pump's own is a clock that was set back: the kernel decides.
        """
        at = entry.at - self.origin
        began, ended = self._procedure
        if began <= at < ended:
            self.played.assumptions.append(
                f"record {entry.record}: {entry.label}: waits for the end of the set change"
            )
            return self.pump.now
        return at

    def _temporary_runs(self) -> bool:
        return self.pump.kernel.inspect().temporary_until > self.pump.now

    def _amount(self, entry: Request) -> int:
        """The whole pulses of what was asked; what is cut off is written down."""
        asked = micro(entry.amount)
        given = self.pump.whole_pulses(asked)
        if given != asked or Decimal(asked) != entry.amount * 10**6:
            self.played.rounded.append(
                f"record {entry.record}: {entry.label} of {entry.amount} {self.unit} is asked for "
                f"as {in_units(given)} {self.unit}: a pulse is "
                f"{in_units(self.pump.limits.pulse)} {self.unit}"
            )
        return given

    def _rate(self, entry: Request) -> int:
        if entry.percent is None:
            return micro(entry.rate)
        programmed = self.pump.kernel.inspect().basal_rate
        return int(programmed * entry.percent / WHOLE)

    def _number(self, own: str) -> int | None:
        """The id of a request; the history's own number, met again, is the same id again."""
        if not own:
            return None
        if own not in self._numbers:
            self._numbers[own] = self.pump.fresh_id()
        return self._numbers[own]

    def _set_change(self, entry: SetChange) -> None:
        site = None
        if entry.site:
            site, self._next_site = self._next_site, self._next_site + 1
        reservoir = None
        if entry.reservoir:
            full = self.pump.limits.reservoir_capacity
            reservoir = self.pump.whole_pulses(
                full if entry.amount is None else micro(entry.amount)
            )
        before, began = len(self.pump.steps), self.pump.now
        answers = self.pump.change(reservoir=reservoir, site=site)
        self._procedure = (began, self.pump.now)
        asked = {id(step.outcome): step.event for step in self.pump.steps[before:]}
        for outcome in answers:
            event = asked[id(outcome)]
            self._judge(entry, Kind(event.kind), Source.USER, event.amount, outcome)
