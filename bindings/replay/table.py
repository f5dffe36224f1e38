"""A pump's log as CSV, taken in the order of its lines: a time that goes back is a clock step."""

import csv
import io
from decimal import Decimal, InvalidOperation
from pathlib import Path

from dosekernel.kernel.records import CODE_MAX
from dosekernel.spec.reasons import Cause, Kind, Source

from .history import (
    AMOUNT_MAX,
    GLUCOSE_WRITTEN_MAX,
    MINUTES_MAX,
    RATE_MAX,
    Entry,
    History,
    HistoryError,
    Outage,
    Request,
    SetChange,
    in_range,
    minutes,
    moment,
)

COLUMNS = (
    "time", "kind", "amount", "rate", "duration", "source", "glucose", "id", "issued", "code",
)  # fmt: skip
NEEDED = ("time", "kind")
# Reports of the motor: the replay makes its own.
NOT_IN_A_LOG = (Kind.TICK, Kind.CONFIRM, Kind.UNCERTAIN)
KINDS = {kind.name.lower(): kind for kind in Kind if kind not in NOT_IN_A_LOG}
SOURCES = {source.name.lower(): source for source in Source}
CAUSES = {cause.name.lower(): cause for cause in Cause}
CHANGES = {"set_change": (True, False), "reservoir_change": (False, True)}
OUTAGE = "outage"
WHAT_IS_NEEDED = {
    Kind.BOLUS: ("amount",),
    Kind.EXTENDED_BOLUS: ("amount", "duration"),
    Kind.TEMP_BASAL: ("rate", "duration"),
    Kind.SET_BASAL: ("rate",),
    Kind.LOAD_RESERVOIR: ("amount",),
    Kind.PRIME: ("amount",),
    Kind.FILL_CANNULA: ("amount",),
    Kind.GLUCOSE: ("glucose",),
}


class Row:
    """One line of the table, with errors that say where they are."""

    def __init__(self, file: str, number: int, fields: dict[str, str]) -> None:
        """Line `number` of `file`, counted from the first after the heading."""
        self.file = file
        self.number = number
        self.fields = fields

    def error(self, column: str, why: str) -> HistoryError:
        """What is wrong with a field."""
        return HistoryError(f"{self.file}: record {self.number}: {column}: {why}")

    def text(self, column: str) -> str:
        """A field without its outer blanks; empty if it is not there."""
        return self.fields.get(column, "").strip()

    def number_of(self, column: str, most: Decimal) -> Decimal:
        """A finite number from 0 to `most`; an empty field is 0."""
        text = self.text(column)
        if not text:
            return Decimal(0)
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise self.error(column, f"{text!r} is not a number") from None
        if not value.is_finite() or not 0 <= value <= most:
            raise self.error(column, f"{text}; allowed: 0 to {most}")
        return value

    def time(self, column: str) -> int:
        """A time of ISO 8601."""
        text = self.text(column)
        try:
            at = moment(text)
        except ValueError:
            raise self.error(
                column, f"{text!r}; allowed: an ISO 8601 time such as 2026-03-01T07:30:00Z"
            ) from None
        if not in_range(at):
            raise self.error(column, f"{text!r}; allowed: the years 2000 to 2100")
        return at

    def choice(self, column: str, allowed: dict[str, Source], default: Source) -> Source:
        """One of a closed list."""
        text = self.text(column).lower()
        if not text:
            return default
        if text not in allowed:
            raise self.error(column, f"{text!r}; allowed: {', '.join(allowed)}")
        return allowed[text]


def read_table(path: Path, text: str) -> History:
    """The history in a CSV text; raises `HistoryError`."""
    file = str(path)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    history = History()
    try:
        _check_heading(file, reader.fieldnames)
        for number, fields in enumerate(reader, start=1):
            history.entries.append(_entry(_row(file, number, fields)))
    except csv.Error as error:
        raise HistoryError(f"{file}: record {len(history.entries) + 1}: {error}") from None
    history.records = len(history.entries)
    if not history.entries:
        raise HistoryError(f"{file}: no records after the heading")
    return history


def _check_heading(file: str, names: object) -> None:
    found = [str(name).strip() for name in names] if isinstance(names, list) else []
    for name in found:
        if name not in COLUMNS:
            raise HistoryError(
                f"{file}: heading: {name!r} is no column; allowed: {', '.join(COLUMNS)}"
            )
        if found.count(name) > 1:
            raise HistoryError(f"{file}: heading: {name!r} stands there twice")
    for name in NEEDED:
        if name not in found:
            raise HistoryError(f"{file}: heading: the column {name!r} is missing")


def _row(file: str, number: int, fields: dict[str | None, object]) -> Row:
    if None in fields or None in fields.values():
        raise HistoryError(f"{file}: record {number}: it has more or fewer fields than the heading")
    return Row(file, number, {str(key).strip(): str(value) for key, value in fields.items()})


def _entry(row: Row) -> Entry:
    name = row.text("kind").lower()
    at = row.time("time")
    if name in CHANGES:
        site, reservoir = CHANGES[name]
        amount = row.number_of("amount", AMOUNT_MAX)
        return SetChange(row.number, at, name, site, reservoir, amount or None)
    if name == OUTAGE:
        return Outage(row.number, at, name, minutes(row.number_of("duration", MINUTES_MAX)))
    if name not in KINDS:
        allowed = ", ".join([*KINDS, *CHANGES, OUTAGE])
        raise row.error("kind", f"{name!r}; allowed: {allowed}")
    return _request(row, KINDS[name], at)


def _request(row: Row, kind: Kind, at: int) -> Request:
    for column in WHAT_IS_NEEDED.get(kind, ()):
        if not row.text(column):
            raise row.error(column, f"missing, and {kind.name.lower()} needs it")
    cause, site = _code(row, kind)
    return Request(
        record=row.number,
        at=at,
        label=kind.name.lower(),
        kind=kind,
        source=row.choice("source", SOURCES, Source.USER),
        amount=row.number_of("amount", AMOUNT_MAX),
        rate=row.number_of("rate", RATE_MAX),
        duration=minutes(row.number_of("duration", MINUTES_MAX)),
        # Not held to the range of a sensor: the kernel is asked, and refuses error codes.
        glucose=int(row.number_of("glucose", GLUCOSE_WRITTEN_MAX)),
        cause=cause,
        site=site,
        issued_at=row.time("issued") if row.text("issued") else None,
        number=row.text("id"),
    )


def _code(row: Row, kind: Kind) -> tuple[Cause | None, int]:
    """The cause of a fault by name, or the number of a site."""
    text = row.text("code").lower()
    if kind is Kind.FAULT:
        if text not in CAUSES:
            raise row.error("code", f"{text!r}; allowed: {', '.join(CAUSES)}")
        return CAUSES[text], 0
    site = row.number_of("code", Decimal(CODE_MAX))
    if site % 1:
        raise row.error("code", f"{text}; allowed: the whole number of a site")
    return None, int(site)
