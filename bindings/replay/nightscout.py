"""Nightscout's JSON: treatments, with sensor entries and profiles if they are there.

A file is an array of treatments as `/api/v1/treatments.json` gives them, or an object with any of
the arrays `treatments`, `entries` and `profile`. Nightscout lists the newest first, so records are
put in the order of their times. Its documents hold many fields of other programs' own: those that
carry no dose are ignored.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from dosekernel.spec.reasons import Kind, Source

from .fields import Record, parse_json
from .history import (
    AMOUNT_MAX,
    GLUCOSE_WRITTEN_MAX,
    MINUTES_MAX,
    RATE_MAX,
    Entry,
    History,
    HistoryError,
    ProgrammeChange,
    Request,
    SetChange,
    minutes,
)
from .profile import latest_profile, programme_of_switch

LISTS = ("treatments", "entries", "profile")
PERCENT_MAX = Decimal(1000)
WHOLE = Decimal(100)
MMOL = Decimal("18.0182")  # mg/dL of glucose in 1 mmol/L
BOLUSES = (
    "Bolus", "Correction Bolus", "Meal Bolus", "Snack Bolus", "SMB", "Bolus Wizard",
)  # fmt: skip
CHANGES = {
    "Site Change": (True, False),
    "Insulin Change": (False, True),
    "Reservoir Change": (False, True),
    "Cartridge Change": (False, True),
    "Pod Change": (True, True),
}
DOSELESS = (
    "Announcement", "Carb Correction", "D.A.D. Alert", "Exercise", "Note", "OpenAPS Offline",
    "Pump Battery Change", "Question", "Sensor Change", "Sensor Start", "Sensor Stop",
    "Temporary Override", "Temporary Target",
)  # fmt: skip
# What a programmed controller signs its own work with.
CONTROLLERS = ("loop", "openaps", "aaps", "androidaps", "trio", "iaps", "freeaps")
REMOTES = ("remote", "sms", "caregiver")


def read_nightscout(path: Path, text: str) -> History:
    """The history in a JSON text; raises `HistoryError`."""
    file = str(path)
    lists = _lists(file, _parse(file, text))
    history = History()
    for number, document in enumerate(lists["treatments"], start=1):
        _treatment(Record(file, "record", number, document), history)
    for number, document in enumerate(lists["entries"], start=1):
        _sensor(Record(file, "entry", number, document), history)
    history.records = sum(len(lists[name]) for name in ("treatments", "entries"))
    history.assumptions += [
        f"{count} x {label}: not known, but it carries insulin, so it is taken as a bolus"
        for label, count in sorted(history.unknown_boluses.items())
    ]
    if not history.entries:
        raise HistoryError(f"{file}: none of its {history.records} records asks for anything")
    history.entries.sort(key=lambda entry: entry.at)
    history.programme, assumption = latest_profile(file, lists["profile"], history.entries[0].at)
    if assumption:
        history.assumptions.append(assumption)
    return history


def _parse(file: str, text: str) -> Any:
    if not text.strip():
        raise HistoryError(f"{file}: empty; allowed: a JSON array of Nightscout treatments")

    return parse_json(text, file)


def _lists(file: str, document: Any) -> dict[str, list[Any]]:
    if isinstance(document, list):
        document = {"treatments": document}
    if not isinstance(document, dict) or not any(name in document for name in LISTS):
        raise HistoryError(
            f"{file}: allowed: a JSON array of treatments, or an object with any of the arrays "
            + ", ".join(LISTS)
        )
    found = {}
    for name in LISTS:
        found[name] = document.get(name, [])
        if not isinstance(found[name], list):
            raise HistoryError(f"{file}: {name}: allowed: an array")
    return found


def _treatment(record: Record, history: History) -> None:
    label = record.text("eventType") or record.text("type")
    reader = READERS.get(label)
    if reader is None:
        if label == "sgv":
            _sensor(record, history)
        elif record.number_of("insulin", AMOUNT_MAX):
            history.entries.extend(_bolus(record, label or "no eventType", record.time()))
            history.unknown_boluses[label or "no eventType"] += 1
        else:
            known = "carries no dose" if label in DOSELESS else "not known, carries no insulin"
            history.skipped[f"{label or 'no eventType'}: {known}"] += 1
        return
    found = reader(record, label, record.time())
    history.entries.extend(found)
    if not found:
        history.skipped[f"{label}: carries no dose"] += 1


def _sensor(record: Record, history: History) -> None:
    if not record.has("sgv"):
        history.skipped["entry without sgv"] += 1
        return
    reading = record.number_of("sgv", GLUCOSE_WRITTEN_MAX)
    history.entries.append(
        Request(record.number, record.time(), "sensor entry", Kind.GLUCOSE, glucose=int(reading))
    )


def signed(record: Record, *names: str) -> bool:
    """True if the record was entered by one of these."""
    by = record.text("enteredBy").lower()
    return any(name in by for name in names)


def bolus_source(record: Record) -> Source:
    """Who asked for a bolus: a controller only where the record says that it was automatic."""
    if record.flag("isSMB") or record.flag("automatic") or record.text("eventType") == "SMB":
        return Source.CONTROLLER
    return Source.REMOTE if signed(record, *REMOTES) else Source.USER


def rate_source(record: Record) -> Source:
    """Who asked for a temporary rate: whatever program signed it."""
    if signed(record, *REMOTES):
        return Source.REMOTE
    return Source.CONTROLLER if signed(record, *CONTROLLERS) else Source.USER


def _bolus(record: Record, label: str, at: int) -> list[Entry]:
    amount = record.number_of("insulin", AMOUNT_MAX)
    if not amount:
        return []
    source = bolus_source(record)
    return [Request(record.number, at, label, Kind.BOLUS, source, amount)]


def _combo(record: Record, label: str, at: int) -> list[Entry]:
    """The part at once and the part over time, whichever way the record writes them."""
    duration = minutes(record.number_of("duration", MINUTES_MAX))
    total = record.number_of("enteredinsulin", AMOUNT_MAX)
    now = record.number_of("insulin", AMOUNT_MAX)
    share_now = record.number_of("splitNow", WHOLE)
    share_later = record.number_of("splitExt", WHOLE)
    if record.has("relative"):
        hours = Decimal(duration) / minutes(Decimal(60))
        later = record.number_of("relative", RATE_MAX) * hours
    elif share_now + share_later == WHOLE:
        total = total or (now * WHOLE / share_now if share_now else now)
        now, later = total * share_now / WHOLE, total * share_later / WHOLE
    else:
        raise record.error("splitNow", "splitNow and splitExt add up to 100, or relative is given")
    if later and not duration:
        raise record.error("duration", "missing, and a part of this bolus is given over time")
    source = bolus_source(record)
    parts: list[Entry] = []
    if now:
        parts.append(Request(record.number, at, label, Kind.BOLUS, source, now))
    if later:
        kind = Kind.EXTENDED_BOLUS
        parts.append(Request(record.number, at, label, kind, source, later, duration=duration))
    return parts


def _temporary(record: Record, label: str, at: int) -> list[Entry]:
    source = rate_source(record)
    duration = minutes(record.number_of("duration", MINUTES_MAX))
    if not duration:
        return [Request(record.number, at, label, Kind.CANCEL_TEMP_BASAL, source)]
    kind, percent, rate = Kind.TEMP_BASAL, None, Decimal(0)
    if record.has("absolute") or record.has("rate"):
        rate = record.number_of("absolute" if record.has("absolute") else "rate", RATE_MAX)
    elif record.has("percent"):
        percent = WHOLE + record.signed_number_of("percent", -WHOLE, PERCENT_MAX)
    else:
        raise record.error("absolute", "missing; allowed: absolute or rate in U/h, or percent")
    return [
        Request(
            record.number, at, label, kind, source, rate=rate, percent=percent, duration=duration
        )
    ]


def _suspend(record: Record, label: str, at: int) -> list[Entry]:
    return [Request(record.number, at, label, Kind.SUSPEND, rate_source(record))]


def _resume(record: Record, label: str, at: int) -> list[Entry]:
    return [Request(record.number, at, label, Kind.RESUME)]


def _change(record: Record, label: str, at: int) -> list[Entry]:
    site, reservoir = CHANGES[label]
    return [SetChange(record.number, at, label, site, reservoir)]


def _finger(record: Record, label: str, at: int) -> list[Entry]:
    reading = record.number_of("glucose", GLUCOSE_WRITTEN_MAX)
    if not reading:
        return []
    if record.text("units").lower().startswith("mmol"):
        reading *= MMOL
    return [Request(record.number, at, label, Kind.GLUCOSE, glucose=round(reading))]


def _switch(record: Record, label: str, at: int) -> list[Entry]:
    programme = programme_of_switch(record)
    if programme is None:
        return []
    duration = minutes(record.number_of("duration", MINUTES_MAX))
    return [ProgrammeChange(record.number, at, label, programme, duration)]


READERS: dict[str, Callable[[Record, str, int], list[Entry]]] = {
    **dict.fromkeys(BOLUSES, _bolus),
    **dict.fromkeys(CHANGES, _change),
    "Combo Bolus": _combo,
    "Temp Basal": _temporary,
    "Temp Basal Start": _temporary,
    "Temp Basal End": _temporary,
    "Suspend Pump": _suspend,
    "Resume Pump": _resume,
    "BG Check": _finger,
    "Profile Switch": _switch,
}
