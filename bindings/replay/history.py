"""A therapy history in its own terms: what was asked for, when, by whom, in the drug's unit."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal

from dosekernel.kernel.records import DAY, MINUTE
from dosekernel.spec.quantity import MICRO
from dosekernel.spec.reasons import Cause, Kind, Source

from ..errors import InputError

MILLISECONDS = 1000
# What a history may say at most: far beyond any therapy, and well inside what an event can hold.
AMOUNT_MAX = Decimal(10_000)
RATE_MAX = Decimal(10_000)
MINUTES_MAX = Decimal(31 * 24 * 60)
GLUCOSE_WRITTEN_MAX = Decimal(10_000)
# Times from 2000 to 2100: anything else is a mistaken unit or an unset clock.
EARLIEST = 946_684_800_000
LATEST = 4_102_444_800_000


class HistoryError(InputError):
    """A history that cannot be read: file, record, field, and what is allowed."""


@dataclass(frozen=True)
class Segment:
    """A part of the day's basal programme: from `start` (ms after local midnight) at `rate`."""

    start: int
    rate: int  # micro-units per hour


@dataclass(frozen=True)
class Programme:
    """A day's basal programme and how far its local midnight is from that of UTC."""

    segments: tuple[Segment, ...]  # none: the history's own requests set the basal
    offset: int = 0  # ms that local time is ahead of UTC
    name: str = ""

    def rate_at(self, at: int) -> int:
        """The programmed rate at a moment."""
        return self._segment_at(at).rate

    def _segment_at(self, at: int) -> Segment:
        local = (at + self.offset) % DAY
        running = [segment for segment in self.segments if segment.start <= local]
        return running[-1] if running else self.segments[-1]

    def changes(self, after: int, until: int) -> list[tuple[int, int]]:
        """Every start of a segment in (after, until]: the moment and the new rate."""
        found: list[tuple[int, int]] = []
        if len(self.segments) < 2:
            return found
        midnight = (after + self.offset) // DAY * DAY - self.offset
        while midnight <= until:
            for segment in self.segments:
                moment = midnight + segment.start
                if after < moment <= until:
                    found.append((moment, segment.rate))
            midnight += DAY
        return found


@dataclass(frozen=True)
class Entry:
    """Anything that a record of a history asks for."""

    record: int  # its number in the file, from 1
    at: int  # ms since 1970, UTC
    label: str  # its own name for itself


@dataclass(frozen=True)
class Request(Entry):
    """One event for the kernel; amounts are as asked, before any rounding."""

    kind: Kind
    source: Source = Source.USER
    amount: Decimal = Decimal(0)  # drug units
    rate: Decimal = Decimal(0)  # drug units per hour
    percent: Decimal | None = None  # a temporary rate relative to the programme, 100: unchanged
    duration: int = 0  # ms
    glucose: int = 0  # mg/dL
    cause: Cause | None = None
    site: int = 0
    issued_at: int | None = None
    number: str = ""  # the history's own number of the request; the same again is a repeat


@dataclass(frozen=True)
class SetChange(Entry):
    """A new infusion set, a new reservoir, or both."""

    site: bool
    reservoir: bool
    amount: Decimal | None = None  # drug units in the new reservoir; None: a full one


@dataclass(frozen=True)
class ProgrammeChange(Entry):
    """Another basal programme from now on, or for a time."""

    programme: Programme
    duration: int = 0  # ms; 0: for good


@dataclass(frozen=True)
class Outage(Entry):
    """The pump was dead for a time: nothing ticked."""

    duration: int


@dataclass
class History:
    """All entries in the order in which the pump saw them, and what was left out and why."""

    entries: list[Entry] = field(default_factory=list)
    records: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    unknown_boluses: Counter[str] = field(default_factory=Counter)
    programme: Programme | None = None
    assumptions: list[str] = field(default_factory=list)


def micro(value: Decimal) -> int:
    """Micro-units of an amount in drug units, rounded down."""
    return int((value * MICRO).to_integral_value(rounding=ROUND_FLOOR))


def minutes(value: Decimal) -> int:
    """Milliseconds of a number of minutes, rounded down."""
    return int((value * MINUTE).to_integral_value(rounding=ROUND_FLOOR))


def moment(text: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time (UTC unless it says otherwise); ValueError."""
    parsed = datetime.fromisoformat(text.strip())
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return round(parsed.timestamp() * MILLISECONDS)


def in_range(at: int | Decimal) -> bool:
    """True if a time lies between the years 2000 and 2100."""
    return EARLIEST <= at <= LATEST


def clock(at: int) -> str:
    """A moment as people read it, in UTC."""
    return datetime.fromtimestamp(at / MILLISECONDS, UTC).strftime("%Y-%m-%d %H:%M:%S")
