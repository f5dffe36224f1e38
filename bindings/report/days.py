"""A pump's days as series to draw: from its journal, or from what simulate, replay or run wrote.

Everything that is drawn stands in events and outcomes; nothing is computed again. A point is
kept for each minute in which something was answered: the read-outs after its last accepted event.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dosekernel.kernel.records import DAY, HOUR, MINUTE
from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Alarm, Kind, Reason, Source, Status

from .._native import EVENT_FIELDS
from ..command.limits import load
from ..errors import InputError
from ..json_lines import outcome_in_names
from ..replay.account import EVENTS_FILE, OUTCOMES_FILE

LONGEST = 14  # days; of more the newest are shown
SUMMARIES = ("summary.json", "replay.json")
FIGURES = ("rate", "on_board", "window_total", "day_total", "reservoir")
# What nobody asked for: the clock, the motor and the sensor.
UNASKED = ("TICK", "CONFIRM", "UNCERTAIN", "GLUCOSE")
SQLITE = b"SQLite format 3\0"
Answered = tuple[Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Days:
    """Where days come from: steps, limits, and what the wall clock shows at kernel time 0."""

    title: str
    limits: Limits
    steps: Sequence[Answered]
    wall: int  # ms since 1970 at kernel time 0, or a time of day before a first midnight
    dated: bool  # whether `wall` is a date
    zone: str = "UTC"
    offset: int = 0  # ms that the zone is ahead of UTC


def read_day(path: Path, limits: str = "") -> dict[str, Any]:
    """The series of a journal or of a folder; `InputError` says what else the path is."""
    if path.is_dir():
        return series(_folder(path, limits))
    try:
        with path.open("rb") as file:
            journal = file.read(len(SQLITE)) == SQLITE
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    if not journal:
        raise InputError(
            f"{path}: neither a pump's journal nor a folder with {EVENTS_FILE} and {OUTCOMES_FILE}"
        )
    return series(_journal(path))


# ---- from a folder


def _folder(path: Path, limits: str) -> Days:
    events, outcomes = _lines(path / EVENTS_FILE), _lines(path / OUTCOMES_FILE)
    if len(events) != len(outcomes):
        raise InputError(
            f"{path}: {len(events)} events and {len(outcomes)} outcomes; allowed: one for each"
        )
    told = _told(path)
    name = limits or str(told.get("limits", ""))
    if not name:
        raise InputError(f"{path}: it does not say its limits; allowed: --limits L")
    steps = list(zip(events, outcomes, strict=True))
    # Both begin in the hour before: of the first midnight, or of the first record.
    begin = told.get("from")
    wall = int(begin) - HOUR if isinstance(begin, int) else -HOUR
    if "patient" not in told and begin is None:
        wall = 0
    title = told.get("patient") or told.get("history") or path.name
    return Days(str(title), load(name), steps, wall, isinstance(begin, int))


def _told(path: Path) -> dict[str, Any]:
    for name in SUMMARIES:
        if (path / name).is_file():
            found = json.loads((path / name).read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return found
    return {}


def _lines(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                found.append(json.loads(line))
                if not isinstance(found[-1], dict):
                    raise InputError(f"{path}: line {number}: no JSON object")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{path}: line {len(found) + 1}: {error}") from None
    return found


# ---- from a journal


def _journal(path: Path) -> Days:
    from ..pump.bodies import from_json, limits_of
    from ..pump.day_log import Pairs, first_since
    from ..pump.journal import Journal, What
    from ..pump.therapy.wall import TIMEZONE

    journal = Journal.open(path)
    try:
        entry = journal.last(What.LIMITS)
        if entry is None:
            raise InputError(f"{path}: a journal without limits; allowed: one of a pump in use")
        limits, _ = limits_of(entry.body)
        zone = "UTC"
        for each in journal.rare(What.SETTING):
            setting = from_json(each.body)
            if setting["name"] == TIMEZONE:
                zone = str(setting["value"])
        newest = journal.entry(journal.seq)
        since = 0 if newest is None else first_since(journal, newest.at - LONGEST * DAY) - 1
        pairs = Pairs()
        told = map(pairs.take, journal.entries(since, (What.EVENT, What.OUTCOME, What.LOST)))
        found = [each for each in told if each is not None]
    finally:
        journal.close()
    if not found:
        raise InputError(f"{path}: a journal in which nothing happened yet")
    wall = found[-1].wall - found[-1].event.at
    answered = [(_event(each.event.words), outcome_in_names(each.outcome)) for each in found]
    ahead = _ahead(ZoneInfo(zone), found[-1].wall)
    return Days(path.name, limits, answered, wall, True, zone, ahead)


def _ahead(zone: tzinfo, wall: int) -> int:
    offset = datetime.fromtimestamp(wall / 1000, UTC).astimezone(zone).utcoffset()
    return round(offset.total_seconds() * 1000) if offset else 0


def _event(words: Sequence[int]) -> dict[str, Any]:
    said: dict[str, Any] = dict(zip(EVENT_FIELDS, words, strict=True))
    kinds, sources = {int(each): each.name for each in Kind}, {int(s): s.name for s in Source}
    said["kind"] = kinds.get(said["kind"], str(said["kind"]))
    said["source"] = sources.get(said["source"], str(said["source"]))
    return said


# ---- series


def series(source: Days) -> dict[str, Any]:
    """The days as a page draws them: times in minutes of kernel time, volumes in micro-units."""
    if not source.steps:
        raise InputError(f"{source.title}: no events")
    last = source.steps[-1][0]["at"]
    since = max(0, last - LONGEST * DAY)
    steps = [each for each in source.steps if each[0]["at"] >= since]
    limits = source.limits
    try:
        return {
            "title": source.title,
            "unit": limits.unit,
            "limits_name": limits.name,
            "limits": {
                "window": limits.window_max,
                "day": limits.day_max,
                "on_board": limits.on_board_max,
                "reservoir": limits.reservoir_capacity,
                "reservoir_low": limits.reservoir_low,
                "glucose_low": limits.glucose_low,
                "hours": limits.window_length // HOUR,
            },
            "wall": source.wall + source.offset,
            "offset": source.offset,
            "dated": source.dated,
            "zone": source.zone,
            "cut": since > 0,
            "steps": len(steps),
            "points": [*_points(steps)],
            "released": [*_released(steps)],
            "glucose": [
                [_minutes(event.get("issued_at", event["at"])), event["glucose"]]
                for event, outcome in steps
                if event["kind"] == Kind.GLUCOSE.name and outcome["status"] == Status.ACCEPTED.name
            ],
            "modes": [*_spells((event, outcome["mode"]) for event, outcome in _accepted(steps))],
            "alarms": [*_alarms(steps)],
            "asked": [*_asked(steps)],
        }
    except (KeyError, TypeError) as error:
        raise InputError(f"{source.title}: an event or outcome lacks {error}") from None


def _minutes(at: int) -> float:
    return round(at / MINUTE, 2)


def _accepted(steps: Iterable[Answered]) -> Iterator[Answered]:
    return (each for each in steps if each[1]["status"] == Status.ACCEPTED.name)


def _points(steps: Iterable[Answered]) -> Iterator[list[float]]:
    newest: list[float] = []
    minute = -1
    for event, outcome in _accepted(steps):
        if newest and event["at"] // MINUTE != minute:
            yield newest
        minute = event["at"] // MINUTE
        newest = [_minutes(event["at"]), *[outcome[name] for name in FIGURES]]
    if newest:
        yield newest


def _released(steps: Iterable[Answered]) -> Iterator[list[float]]:
    """Volume to the patient, by the minute."""
    total = 0
    minute = -1
    for event, outcome in _accepted(steps):
        if outcome["path"] != "PATIENT":
            continue
        if total and event["at"] // MINUTE != minute:
            yield [minute, total]
            total = 0
        minute = event["at"] // MINUTE
        total += outcome["amount"]
    if total:
        yield [minute, total]


def _spells(told: Iterable[tuple[Mapping[str, Any], str]]) -> Iterator[list[Any]]:
    """How long the same was told: from, to, what."""
    spell: list[Any] = []
    for event, what in told:
        at = _minutes(event["at"])
        if spell and spell[2] == what:
            spell[1] = at
            continue
        if spell:
            spell[1] = at
            yield spell
        spell = [at, at, what]
    if spell:
        yield spell


def _alarms(steps: Sequence[Answered]) -> Iterator[list[Any]]:
    """Each alarm, from when to when, with its sentence."""
    begun: dict[str, float] = {}
    at = 0.0
    for event, outcome in _accepted(steps):
        at = _minutes(event["at"])
        for name in [each for each in begun if each not in outcome["alarms"]]:
            yield [begun.pop(name), at, name, Alarm[name].sentence]
        for name in outcome["alarms"]:
            begun.setdefault(name, at)
    for name, since in begun.items():
        yield [since, at, name, Alarm[name].sentence]


def _asked(steps: Iterable[Answered]) -> Iterator[dict[str, Any]]:
    """Every request and every report that was refused, with its answer."""
    for event, outcome in steps:
        refused = outcome["status"] != Status.ACCEPTED.name
        if event["kind"] in UNASKED and not refused:
            continue
        yield {
            "at": _minutes(event["at"]),
            "kind": event["kind"],
            "source": event.get("source", Source.USER.name),
            **{name: event[name] for name in ("amount", "rate", "duration") if event.get(name)},
            "status": outcome["status"],
            "reason": outcome["reason"],
            "sentence": Reason[outcome["reason"]].sentence if refused else "",
            "allowable": outcome["allowable"],
            "not_given": outcome["not_given"],
        }
