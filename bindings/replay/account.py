"""What a run of a pump amounts to: how near each cap came, the alarms, and its journal."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dosekernel.spec.reasons import Alarm, Kind, Source, Status

from .. import Event
from .._native import EVENT_FIELDS
from ..json_lines import outcome_in_names
from .driver import SimulatedPump, Step

EVENTS_FILE = "events.jsonl"
OUTCOMES_FILE = "outcomes.jsonl"


@dataclass(frozen=True)
class Peak:
    """The highest that a figure came, when, and its cap."""

    what: str
    value: int
    at: int
    cap: int


def peaks(pump: SimulatedPump) -> list[Peak]:
    """How near the rolling windows and the drug on board came to their caps."""
    limits = pump.limits
    hours = limits.window_length // 3_600_000
    figures = (
        (f"rolling {hours} h", "window_total", limits.window_max),
        ("rolling 24 h", "day_total", limits.day_max),
        ("on board", "on_board", limits.on_board_max),
    )
    accepted = [step for step in pump.steps if step.outcome.status is Status.ACCEPTED]
    found = []
    for what, name, cap in figures:
        best = max(accepted, key=lambda step: int(getattr(step.outcome, name)))
        found.append(Peak(what, int(getattr(best.outcome, name)), best.event.at, cap))
    return found


def raised(pump: SimulatedPump, since: int) -> list[tuple[int, Alarm]]:
    """Every alarm that came on, and when, from a moment on."""
    found: list[tuple[int, Alarm]] = []
    before = Alarm(0)
    for step in pump.steps:
        if step.outcome.status is not Status.ACCEPTED:
            continue
        now = step.outcome.alarms
        if now != before and step.event.at >= since:
            found += [(step.event.at, alarm) for alarm in now & ~before]
        before = now
    return found


def event_line(event: Event) -> str:
    """An event as `dosekernel run` reads it: names where there are names, zeros left out."""
    words = dict(zip(EVENT_FIELDS, event.words, strict=True))
    said: dict[str, object] = {"kind": Kind(event.kind).name, "at": event.at}
    if event.issued_at != event.at:
        said["issued_at"] = event.issued_at
    said["source"] = Source(event.source).name
    for name in ("id", "amount", "rate", "duration", "glucose", "code"):
        if words[name]:
            said[name] = words[name]
    return json.dumps(said)


def outcome_line(step: Step) -> str:
    """An outcome with the names of its closed lists, integers in kernel units."""
    return json.dumps(outcome_in_names(step.outcome))


def journal_lines(pump: SimulatedPump) -> Iterator[tuple[str, str]]:
    """The two lines of every step."""
    for step in pump.steps:
        yield event_line(step.event), outcome_line(step)


def write_journal(pump: SimulatedPump, folder: Path) -> list[Path]:
    """Write all events, and line by line beside them all outcomes, into a folder."""
    files = [folder / EVENTS_FILE, folder / OUTCOMES_FILE]
    with files[0].open("w", encoding="utf-8") as events:
        events.writelines(event + "\n" for event, _ in journal_lines(pump))
    with files[1].open("w", encoding="utf-8") as outcomes:
        outcomes.writelines(outcome + "\n" for _, outcome in journal_lines(pump))
    return files
