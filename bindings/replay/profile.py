"""Basal programmes from Nightscout's profiles and profile switches."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dosekernel.kernel.records import DAY, HOUR, MINUTE
from dosekernel.spec.quantity import MICRO

from .fields import Record, parse_json
from .history import RATE_MAX, Programme, Segment, micro

SECOND = 1000
PERCENT_MAX = Decimal(1000)
WHOLE = Decimal(100)
HOURS_AND_MINUTES = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?")


def latest_profile(file: str, documents: list[Any], on: int) -> tuple[Programme | None, str]:
    """The programme of the newest profile document, and what was assumed to read it so.

    Its time zone is taken as it was at the moment `on`.
    """
    records = [Record(file, "profile", n, document) for n, document in enumerate(documents, 1)]
    if not records:
        return None, ""
    newest = max(records, key=lambda record: str(record.document.get("startDate", "")))
    store = newest.document.get("store")
    name = newest.text("defaultProfile")
    if not isinstance(store, dict) or name not in store:
        raise newest.error("store", f"allowed: an object with the default profile {name!r} in it")
    programme = programme_of(newest, store[name], name, on)
    said = f"the basal programme is the profile {name!r} of {newest.text('startDate') or 'no date'}"
    return programme, said


def programme_of_switch(record: Record) -> Programme | None:
    """The programme of a profile switch, or None where the record holds none (only a name)."""
    held = record.document.get("profileJson")
    if held is None:
        return None
    if isinstance(held, str):
        held = parse_json(held, f"{record.place}: profileJson")
    percentage = record.number_of("percentage", PERCENT_MAX)
    return programme_of(record, held, record.text("profile"), record.time(), percentage)


def programme_of(
    record: Record, profile: Any, name: str, on: int, percentage: Decimal = WHOLE
) -> Programme:
    """The programme of one profile; `percentage` 0 or 100 leaves its rates as they are."""
    blocks = profile.get("basal") if isinstance(profile, dict) else None
    if not isinstance(blocks, list) or not blocks:
        raise record.error("basal", f"allowed: in the profile {name!r} an array of time and value")
    factor = (percentage or WHOLE) / WHOLE
    segments = [_segment(record, n, block, factor) for n, block in enumerate(blocks, start=1)]
    starts = [segment.start for segment in segments]
    if starts[0] != 0 or starts != sorted(set(starts)):
        raise record.error("basal", "allowed: blocks from 00:00 on, each later than the one before")
    return Programme(tuple(segments), _offset(record, profile, on), name)


def flat(rate: Decimal) -> Programme:
    """The same rate all day."""
    return Programme((Segment(0, micro(rate)),))


def _segment(record: Record, number: int, block: Any, factor: Decimal) -> Segment:
    part = Record(record.place, "basal block", number, block)
    value = part.number_of("value", RATE_MAX)
    if not part.has("value"):
        raise part.error("value", "missing")
    return Segment(_start(part), int(value * factor * MICRO))


def _start(block: Record) -> int:
    if block.has("timeAsSeconds"):
        return int(block.number_of("timeAsSeconds", Decimal(DAY // SECOND - 1))) * SECOND
    found = HOURS_AND_MINUTES.fullmatch(block.text("time"))
    if found is None:
        raise block.error("time", f"{block.text('time')!r}; allowed: 00:00 to 23:59")
    return int(found[1]) * HOUR + int(found[2]) * MINUTE


def _offset(record: Record, profile: dict[str, Any], on: int) -> int:
    """How far its local time is ahead of UTC at the moment `on`."""
    name = profile.get("timezone")
    if not name:
        return 0
    try:
        zone = ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise record.error("timezone", f"{name!r}; allowed: a name such as Europe/Berlin") from None
    ahead = datetime.fromtimestamp(on / SECOND, UTC).astimezone(zone).utcoffset()
    return 0 if ahead is None else round(ahead.total_seconds()) * SECOND
