"""A journal for other programs: CSV, JSON, and Nightscout's treatments."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC
from typing import IO, Any

from dosekernel.kernel.records import MINUTE
from dosekernel.spec.reasons import Kind, Source, Status

from .. import Event
from .._native import EVENT_FIELDS, OUTCOME_FIELDS
from ..quantities import in_units
from .accounts import cause_of, unit_of
from .bodies import from_json, limits_of, unpacked
from .day_log import Dose, Doses, Pairs, Step
from .journal import Entry, Journal, What
from .therapy.wall import moment

CSV_COLUMNS = (
    "entry", "time", "kind", "amount", "rate", "duration", "source", "glucose", "id", "code",
    "status", "reason", "released", "path", "not_given", "allowable", "mode", "alarms",
    "on_board", "reservoir",
)  # fmt: skip
REPORTS = (Kind.TICK, Kind.CONFIRM, Kind.UNCERTAIN)
# What a reader of Nightscout's documents takes for the work of a closed loop, or of a remote.
SIGNED = {
    Source.USER: "dosekernel",
    Source.SCHEDULE: "dosekernel schedule",
    Source.CONTROLLER: "dosekernel closed loop",
    Source.REMOTE: "dosekernel remote",
}
WHOLE = 100
LABELS = {
    Kind.LOAD_RESERVOIR: "Insulin Change",
    Kind.INSERT_SET: "Site Change",
    Kind.TEMP_BASAL: "Temp Basal",
    Kind.CANCEL_TEMP_BASAL: "Temp Basal",
    Kind.SET_BASAL: "Profile Switch",
}
STOPPED = {
    Kind.SUSPEND: "Suspend Pump",
    Kind.FAULT: "Suspend Pump",
    Kind.DISCONNECT: "Suspend Pump",
    Kind.RESUME: "Resume Pump",
    Kind.CONNECT: "Resume Pump",
}


def steps(journal: Journal) -> Iterator[Step]:
    """Every event with its answer."""
    pairs = Pairs()
    for entry in journal.entries(0, (What.EVENT, What.OUTCOME, What.LOST)):
        step = pairs.take(entry)
        if step is not None:
            yield step


def time_of(wall: int) -> str:
    """A moment in ISO 8601, UTC."""
    return moment(wall, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# ---- CSV ---------------------------------------------------------------------------------------


def write_csv(journal: Journal, file: IO[str]) -> int:
    """One line for each request, reading and release, in the drug's unit; returns their number.

    Ticks that released nothing and the motor's confirmations in full are left out.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    written = 0
    for step in steps(journal):
        event, outcome = step.event, step.outcome
        quiet = event.kind in REPORTS and not outcome.pulses and not outcome.not_given
        if quiet and outcome.status is Status.ACCEPTED:
            continue
        written += 1
        writer.writerow(csv_row(step))
    return written


def csv_row(step: Step) -> list[object]:
    """The fields of a line."""
    event, outcome = step.event, step.outcome
    code = cause_of(event.code).name if event.kind is Kind.FAULT else event.code or ""
    return [
        step.seq,
        time_of(step.wall),
        Kind(event.kind).name.lower(),
        in_units(event.amount),
        in_units(event.rate),
        minutes(event.duration),
        Source(event.source).name.lower(),
        event.glucose or "",
        event.id,
        code,
        outcome.status.name,
        outcome.reason.name,
        in_units(outcome.amount),
        outcome.path.name.lower() if outcome.pulses else "",
        in_units(outcome.not_given),
        in_units(outcome.allowable),
        outcome.mode.name,
        " ".join(outcome.alarms.names),
        in_units(outcome.on_board),
        in_units(outcome.reservoir),
    ]


def minutes(duration: int) -> float:
    """A duration in minutes; exact for whole seconds up to years."""
    return duration / MINUTE


# ---- JSON --------------------------------------------------------------------------------------


def write_json(journal: Journal, file: IO[str]) -> int:
    """Every entry, as an array; integers in kernel units, names where there are names."""
    written = 0
    for entry in journal.entries():
        file.write("[\n" if not written else ",\n")
        json.dump(entry_document(entry), file, ensure_ascii=False)
        written += 1
    file.write("\n]\n" if written else "[]\n")
    return written


def entry_document(entry: Entry) -> dict[str, object]:
    """An entry, its body opened; a kept state stays as it is, in hexadecimal."""
    said: dict[str, Any] = {
        "entry": entry.seq,
        "time": time_of(entry.wall),
        "at": entry.at,
        "what": str(entry.kind),
        "chain": entry.chain.hex(),
    }
    if entry.kind is What.EVENT:
        said["event"] = named(EVENT_FIELDS, entry)
        said["event"]["kind"] = Kind(said["event"]["kind"]).name
    elif entry.kind is What.OUTCOME:
        said["outcome"] = named(OUTCOME_FIELDS, entry)
    elif entry.kind is What.STATE:
        said["state"] = entry.body.hex()
    elif entry.kind is What.ADOPTED:
        said["reason"] = entry.code
    elif entry.kind is What.LIMITS:
        limits, at = limits_of(entry.body)
        said["limits"] = {"name": limits.name, "unit": limits.unit, "at": at, **limits.values()}
    elif entry.body:
        said["body"] = from_json(entry.body)
    return said


def named(names: tuple[str, ...], entry: Entry) -> dict[str, Any]:
    """The words of a body by name."""
    return dict(zip(names, unpacked(entry.body), strict=True))


# ---- Nightscout --------------------------------------------------------------------------------


class Treatments:
    """The documents of a journal, in its order, as they come about."""

    def __init__(self, unit: str) -> None:
        """`unit` is the drug's."""
        self.unit = unit
        self.treatments: list[dict[str, object]] = []
        self.entries: list[dict[str, object]] = []
        self._doses = Doses()
        self._places: list[int] = []  # of each dose: what was given of it is known later
        self._suspended = False
        self._disconnected = False
        self._rate: Step | None = None
        self._last: Step | None = None

    def take(self, step: Step) -> None:
        """The next step that was accepted."""
        event, before = step.event, len(self._doses.found)
        self._last = step
        self._doses.take(step)
        if len(self._doses.found) > before:
            self._places.append(len(self.treatments))
            self.treatments.append({})
        elif event.kind is Kind.GLUCOSE:
            self.entries.append(reading(step))
        elif event.kind in STOPPED:
            self._stop(step)
        elif event.kind in LABELS:
            self._add(step)
        if event.kind is Kind.SET_BASAL:
            self._rate = step

    def _stop(self, step: Step) -> None:
        """A suspension and a disconnection are one there: only the whole of both is written."""
        before = self._suspended or self._disconnected
        if step.event.kind in (Kind.DISCONNECT, Kind.CONNECT):
            self._disconnected = step.event.kind is Kind.DISCONNECT
        else:
            self._suspended = step.event.kind is not Kind.RESUME
        # A resume that ends no suspension of these ends one that glucose began.
        lifted = step.event.kind is Kind.RESUME and not before
        if lifted or (self._suspended or self._disconnected) != before:
            self._add(step)

    def _add(self, step: Step) -> None:
        event = step.event
        label = (LABELS | STOPPED)[Kind(event.kind)]
        said = document(label, step.wall, Source(event.source))
        said["notes"] = Kind(event.kind).sentence
        if event.kind is Kind.SET_BASAL:
            said |= profile(event, self.unit)
        elif event.kind in (Kind.TEMP_BASAL, Kind.CANCEL_TEMP_BASAL):
            said |= {"absolute": number(event.rate), "duration": minutes(event.duration)}
        elif event.kind is Kind.LOAD_RESERVOIR:
            said["amount"] = number(event.amount)
        self.treatments.append(said)

    def finished(self) -> dict[str, list[dict[str, object]]]:
        """All of it; the rate that holds at the end is said again there, so that it runs so far."""
        for place, dose in zip(self._places, self._doses.found, strict=True):
            self.treatments[place] = bolus(dose)
        if self._rate is not None and self._last is not None:
            again = document("Profile Switch", self._last.wall, Source.SCHEDULE)
            again |= {"notes": "The programmed rate as the journal ends."}
            self.treatments.append(again | profile(self._rate.event, self.unit))
        return {"treatments": [each for each in self.treatments if each], "entries": self.entries}


def nightscout(journal: Journal) -> dict[str, list[dict[str, object]]]:
    """Treatments and sensor entries of all that was accepted, with what was really given.

    Programmed rates are written as profile switches, so that whoever plays the history again needs
    no profile beside it.
    """
    told = Treatments(unit_of(journal))
    for step in steps(journal):
        if step.outcome.status is Status.ACCEPTED:
            told.take(step)
    return told.finished()


def bolus(dose: Dose) -> dict[str, object]:
    """A bolus as it was given; nothing if nothing was."""
    given = dose.amount - dose.not_given
    if given <= 0:
        return {}
    source = Source[dose.source]
    said = document("Bolus", dose.wall, source)
    said["programmed"] = number(dose.amount)
    if source is Source.CONTROLLER:
        said["automatic"] = True
    if dose.kind == Kind.BOLUS.name:
        return said | {"insulin": number(given)}
    lasted = dose.stopped_at - dose.at if dose.not_given else dose.duration
    return said | {
        "eventType": "Combo Bolus",
        "insulin": 0,
        "enteredinsulin": number(given),
        "splitNow": 0,
        "splitExt": WHOLE,
        "duration": minutes(min(lasted, dose.duration)),
    }


def profile(event: Event, unit: str) -> dict[str, object]:
    """The programmed rate from now on."""
    rate = number(event.rate)
    name = f"{in_units(event.rate)} {unit}/h"
    block = {"time": "00:00", "timeAsSeconds": 0, "value": rate}
    return {"profile": name, "profileJson": json.dumps({"basal": [block], "timezone": "UTC"})}


def reading(step: Step) -> dict[str, object]:
    """A sensor's entry."""
    taken = step.wall - step.event.at + step.event.issued_at
    return {
        "type": "sgv",
        "sgv": step.event.glucose,
        "date": taken,
        "dateString": time_of(taken),
        "device": SIGNED[Source.USER],
    }


def document(label: str, wall: int, source: Source) -> dict[str, object]:
    """What every treatment has."""
    return {"eventType": label, "created_at": time_of(wall), "enteredBy": SIGNED[source]}


def number(micro_units: int) -> float:
    """Drug units as JSON has numbers; read again as a decimal it is exact."""
    return float(in_units(micro_units))
