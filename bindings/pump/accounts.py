"""A journal told in plain words: what happened and what was decided, each day's totals, the proof
that the kernel decided all of it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any

from dosekernel.spec.reasons import ALARM_SENTENCES, Alarm, Cause, Kind, Path, Reason, Status

from .. import Event, Outcome
from ..quantities import in_units
from . import words
from .bodies import from_json, limits_of
from .day_log import Pairs, Step
from .journal import Entry, Journal, What
from .remote.desk import SETTING as REMOTE
from .retrace import Retrace
from .set_change import SETTING as SET_CHANGE
from .therapy.reminders import TOLD as REMINDED
from .therapy.wall import moment
from .unread import SETTING as NOTICES_READ

# What a person may ask the history for, and the kinds of events that each is about.
GROUPS: dict[str, tuple[Kind, ...]] = {
    "bolus": (Kind.BOLUS, Kind.EXTENDED_BOLUS, Kind.CANCEL_BOLUS),
    "basal": (Kind.SET_BASAL, Kind.TEMP_BASAL, Kind.CANCEL_TEMP_BASAL),
    "stop": (Kind.SUSPEND, Kind.RESUME, Kind.FAULT, Kind.ACKNOWLEDGE),
    "set": (
        Kind.DISCONNECT,
        Kind.CONNECT,
        Kind.LOAD_RESERVOIR,
        Kind.PRIME,
        Kind.INSERT_SET,
        Kind.FILL_CANNULA,
    ),
    "glucose": (Kind.GLUCOSE,),
    "release": (Kind.TICK,),
    "report": (Kind.CONFIRM, Kind.UNCERTAIN),
    "alarm": (),
    "notice": (),
    "setting": (),
    "limits": (),
    "session": (),
}
# Shown only on request: there are a thousand of them in a day.
NOISE = ("release", "report", "session")
GROUP_OF = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
PROGRESS_EVERY = 20_000


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    seq: int
    wall: int
    at: int
    group: str
    text: str
    refused: bool = False


@dataclass
class History:
    """Goes through a journal's entries and tells each."""

    unit: str
    _pairs: Pairs = field(default_factory=Pairs)
    _alarms: Alarm | None = None
    _limits: str = ""

    def take(self, entry: Entry) -> Iterator[Line]:
        """What an entry says, if it says anything."""
        step = self._pairs.take(entry)
        if step is not None:
            yield from self._decided(step)
        elif entry.kind not in (What.EVENT, What.OUTCOME, What.STATE):
            group, text = self._other(entry)
            if text:
                refused = entry.kind in (What.LOST, What.ADOPTED) and "efused" in text
                yield Line(entry.seq, entry.wall, entry.at, group, text, refused)

    def _decided(self, step: Step) -> Iterator[Line]:
        event, outcome = step.event, step.outcome
        refused = outcome.status is Status.REFUSED
        group = GROUP_OF[Kind(event.kind)]
        quiet = event.kind is Kind.TICK and not outcome.pulses and not outcome.not_given
        if group in NOISE and (outcome.not_given or event.kind is Kind.UNCERTAIN):
            group = "stop"  # something was cut short: that is no noise
        if not quiet or refused:
            text = f"{event_words(event, self.unit)}{outcome_words(outcome, self.unit)}"
            yield Line(step.seq, step.wall, event.at, group, text, refused)
        if outcome.status is Status.ACCEPTED:
            yield from self._edges(step)

    def _edges(self, step: Step) -> Iterator[Line]:
        """Alarms that came or went; of the first outcome nobody knows."""
        before, now = self._alarms, step.outcome.alarms
        self._alarms = now
        if before is None or before == now:
            return
        for alarm in Alarm:
            if alarm in now and alarm not in before:
                text = f"ALARM {alarm.name}: {ALARM_SENTENCES[alarm]}"
            elif alarm in before and alarm not in now:
                text = f"alarm {alarm.name} is over"
            else:
                continue
            yield Line(step.seq, step.wall, step.event.at, "alarm", text)

    def _other(self, entry: Entry) -> tuple[str, str]:
        if entry.kind is What.LOST:
            return "notice", "the last request was lost as the pump ended; nothing was done for it"
        if entry.kind is What.ADOPTED:
            reason = Reason(entry.code)
            told = "adopted" if reason is Reason.NONE else f"refused: {reason.sentence}"
            return "limits", f"limits {self._limits} {told}"
        if entry.kind is What.LIMITS:
            self._limits = limits_of(entry.body)[0].name
            return "limits", ""
        found = from_json(entry.body)
        told_of = {
            What.NOTICE: ("notice", str(found.get("text"))),
            What.SETTING: ("setting", setting_words(found)),
            What.SITE: ("set", f"site {found.get('site')} {found.get('where', '')}".rstrip()),
            What.BEGIN: ("session", f"a new pump, made by dosekernel {found.get('dosekernel')}"),
            What.SESSION: ("session", "a program opened the pump"),
        }
        return told_of[entry.kind]


def event_words(event: Event, unit: str) -> str:
    """What was asked or reported."""
    volume, hourly = f"{in_units(event.amount)} {unit}", f"{in_units(event.rate)} {unit}/h"
    over = words.span(event.duration)
    kind = Kind(event.kind)
    told = {
        Kind.TICK: "tick",
        Kind.BOLUS: f"bolus {volume}",
        Kind.EXTENDED_BOLUS: f"extended bolus {volume} over {over}",
        Kind.SET_BASAL: f"basal rate {hourly}",
        Kind.TEMP_BASAL: f"temporary rate {hourly} for {over}",
        Kind.LOAD_RESERVOIR: f"reservoir with {volume}",
        Kind.PRIME: f"prime {volume}",
        Kind.FILL_CANNULA: f"fill cannula {volume}",
        Kind.INSERT_SET: f"set inserted at site {event.code}",
        Kind.GLUCOSE: f"glucose {event.glucose} mg/dL",
        Kind.CONFIRM: f"release {event.id} delivered {volume}",
        Kind.UNCERTAIN: f"release {event.id} uncertain",
        Kind.FAULT: f"fault: {cause_of(event.code).label}",
    }
    source = getattr(event.source, "name", str(event.source)).lower()
    by = "" if source == "user" else f" ({source})"
    return told.get(kind, kind.label) + by


def setting_words(found: dict[str, Any]) -> str:
    """What was set to what."""
    name, value = found.get("name"), found.get("value")
    if name == SET_CHANGE:
        return "" if value is None else "a change of the set or the reservoir begins"
    if name in (REMINDED, NOTICES_READ) or str(name).startswith(REMOTE):
        return ""
    if isinstance(value, dict):
        return f"{name}: {', '.join(map(str, value)) or 'none'}"
    return f"{name} is now {value}"


def cause_of(code: int) -> Cause:
    """The cause of a fault; an unknown code counts as another one."""
    return Cause(code) if code in set(Cause) else Cause.OTHER


def outcome_words(outcome: Outcome, unit: str) -> str:
    """What was decided, to stand behind what was asked."""
    told = ""
    if outcome.status is Status.REFUSED:
        told = f": REFUSED: {outcome.reason.sentence}"
        if outcome.allowable:
            told += f" At most {in_units(outcome.allowable)} {unit} would have been accepted."
    elif outcome.status is not Status.ACCEPTED:
        told = f": {outcome.status.sentence}"
    if outcome.pulses:
        where = "into the air" if outcome.path is Path.AIR else "to the patient"
        told += f": release {outcome.sequence}, {in_units(outcome.amount)} {unit} {where}"
    if outcome.not_given:
        told += f"; not given: {in_units(outcome.not_given)} {unit}"
    return told


def unit_of(journal: Journal) -> str:
    """The drug's unit, as the newest limits say."""
    entry = journal.last(What.LIMITS)
    return "" if entry is None else limits_of(entry.body)[0].unit


def history(
    journal: Journal,
    after: int = 0,
    groups: tuple[str, ...] = (),
    refused: bool = False,
) -> Iterator[Line]:
    """The lines of a journal from an entry on: of some groups, or of all but the noise."""
    wanted = groups or tuple(group for group in GROUPS if refused or group not in NOISE)
    told = History(unit_of(journal))
    for entry in journal.entries(after):
        for line in told.take(entry):
            if line.group in wanted and (line.refused or not refused):
                yield line


# ---- each day's totals ------------------------------------------------------------------------


@dataclass
class Total:
    """What was released to the patient in a day, in micro-units, and how many were refused."""

    day: date
    basal: int = 0
    bolus: int = 0
    fill: int = 0
    refused: int = 0

    @property
    def all(self) -> int:
        """Everything."""
        return self.basal + self.bolus + self.fill


def totals(journal: Journal, zone: tzinfo) -> list[Total]:
    """Each day's totals, by local days, the oldest first."""
    found: dict[date, Total] = {}
    for step, part in parts(journal):
        day = moment(step.wall, zone).date()
        total = found.setdefault(day, Total(day))
        total.basal += part.basal
        total.bolus += part.bolus
        total.fill += part.fill
        total.refused += step.outcome.status is Status.REFUSED
    return [found[day] for day in sorted(found)]


@dataclass(frozen=True)
class Part:
    """How a release to the patient divides."""

    basal: int = 0
    bolus: int = 0
    fill: int = 0


def parts(journal: Journal) -> Iterator[tuple[Step, Part]]:
    """Every step, with how its release divides: what is owed falls by all that is not basal."""
    pairs, owed, filling = Pairs(), 0, False
    for entry in journal.entries(0, (What.EVENT, What.OUTCOME, What.LOST)):
        step = pairs.take(entry)
        if step is None:
            continue
        part, outcome = Part(), step.outcome
        if outcome.status is Status.ACCEPTED:
            if step.event.kind is Kind.FILL_CANNULA:
                filling = True
            elif outcome.pulses and outcome.path is Path.PATIENT:
                given = max(0, owed - outcome.owed - outcome.not_given)
                basal = outcome.amount - given
                part = Part(basal, fill=given) if filling else Part(basal, given)
            owed = outcome.owed
            filling = filling and owed > 0
        yield step, part


# ---- the proof ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verified:
    """A journal that the kernel has decided again, entry by entry, with the same outcomes."""

    entries: int
    steps: int
    seconds: float
    chain: str


def verify(journal: Journal, progress: Callable[[int, int], None]) -> Verified:
    """Replay all of a journal; raises `TamperedError` that names the first entry that is wrong."""
    begun, trace = time.monotonic(), Retrace(str(journal.path))
    last: Entry | None = None
    for entry in journal.chained():
        trace.take(entry)
        last = entry
        if entry.seq % PROGRESS_EVERY == 0:
            progress(entry.seq, journal.seq)
    seconds = time.monotonic() - begun
    chain = "" if last is None else last.chain.hex()
    return Verified(journal.seq, trace.steps, seconds, chain)
