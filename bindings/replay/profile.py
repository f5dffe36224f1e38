"""Basal programmes from Nightscout's profiles and profile switches."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dosekernel.kernel.records import DAY, HOUR, MINUTE

from .fields import Record
from .history import MICRO, RATE_MAX, HistoryError, Programme, Segment, micro

SECOND = 1000
PERCENT_MAX = Decimal(1000)
WHOLE = Decimal(100)


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
        try:
            held = json.loads(held, parse_float=Decimal, parse_constant=_refuse)
        except ValueError:
            raise record.error("profileJson", "allowed: a profile in JSON") from None
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
    segments = [_segment(record, block, factor) for block in blocks]
    if segments[0].start != 0 or segments != sorted(set(segments), key=lambda s: s.start):
        raise record.error("basal", "allowed: blocks from 00:00 on, each later than the one before")
    return Programme(tuple(segments), _offset(record, profile, on), name)


def flat(rate: Decimal) -> Programme:
    """The same rate all day."""
    return Programme((Segment(0, micro(rate)),))


def _segment(record: Record, block: Any, factor: Decimal) -> Segment:
    part = Record(record.place, "basal block", 1, block)
    value = part.number_of("value", RATE_MAX)
    if not part.has("value"):
        raise part.error("value", "missing")
    return Segment(_start(part), int(value * factor * MICRO))


def _start(block: Record) -> int:
    if block.has("timeAsSeconds"):
        return int(block.number_of("timeAsSeconds", Decimal(DAY // SECOND - 1))) * SECOND
    hour, separator, minute = block.text("time").partition(":")
    if not separator or not hour.isdecimal() or not minute[:2].isdecimal():
        raise block.error("time", f"{block.text('time')!r}; allowed: HH:MM")
    start = int(hour) * HOUR + int(minute[:2]) * MINUTE
    if start >= DAY or int(minute[:2]) * MINUTE >= HOUR:
        raise block.error("time", f"{block.text('time')!r}; allowed: 00:00 to 23:59")
    return start


def _offset(record: Record, profile: dict[str, Any], on: int) -> int:
    """How far its local time is ahead of UTC at the moment `on`."""
    name = profile.get("timezone")
    if not name:
        return 0
    try:
        zone = ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError):
        raise record.error("timezone", f"{name!r}; allowed: a name such as Europe/Berlin") from None
    ahead = datetime.fromtimestamp(on / SECOND, UTC).astimezone(zone).utcoffset()
    return 0 if ahead is None else round(ahead.total_seconds()) * SECOND


def _refuse(name: str) -> Any:
    raise HistoryError(f"{name} is not a number")
