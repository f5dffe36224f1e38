"""The time on the wall: time zones, daylight saving and travel, from a pump's own clock.

The kernel never sees it. Setting the wall clock or the time zone changes which minute of the day
it is, and with it which segment of a programme runs; it moves no dose.
"""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dosekernel.kernel.records import MINUTE

from ...errors import InputError
from ..shell import Pump

TIMEZONE = "timezone"
MINUTES_A_DAY = 24 * 60
MILLISECONDS = 1000


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"{TIMEZONE}: {name!r}; allowed: an IANA name such as Europe/Berlin or UTC"
        ) from None


def zone_of(pump: Pump) -> tzinfo:
    """The time zone that the pump is set to; UTC until it is set."""
    name = pump.settings.get(TIMEZONE)
    return UTC if name is None else zone(str(name))


def moment(wall: int, where: tzinfo) -> datetime:
    """A moment (ms since 1970, UTC) as people there read it."""
    try:
        return datetime.fromtimestamp(wall / MILLISECONDS, where)
    except (OverflowError, ValueError, OSError):
        raise InputError("clock: what it shows is no date; allowed: the years 1 to 9999") from None


def read_moment(text: str, what: str, where: tzinfo) -> int:
    """A written moment in ms since 1970; one without a zone is meant there."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{what}: {text!r}; allowed: a time such as 2026-03-01T08:00") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=where)
    return round(found.timestamp() * MILLISECONDS)


def local(pump: Pump) -> datetime:
    """What the clock on the wall shows."""
    return moment(pump.clock.now().wall, zone_of(pump))


def minute_of_day(at: datetime) -> int:
    """Minutes since the clock on that wall last showed midnight."""
    return at.hour * 60 + at.minute


def minute_now(pump: Pump) -> int:
    """The minute of the day now."""
    return minute_of_day(local(pump))


def kernel_time(pump: Pump, wall: int) -> int:
    """The kernel time of a moment on the wall, as if the wall clock had never been set."""
    return pump.now() - (pump.clock.now().wall - wall)


def shown(minute: int) -> str:
    """A minute of the day as it is written: `07:30`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def read_minute(text: str, what: str) -> int:
    """The minute of the day of a written time; `what` names it in errors."""
    hours, colon, minutes = text.partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2:
        minute = int(hours) * 60 + int(minutes)
        if int(minutes) < 60 and len(hours) <= 2 and minute < MINUTES_A_DAY:
            return minute
    raise InputError(f"{what}: {text!r}; allowed: a time of day from 00:00 to 23:59")


def in_hours(duration: int) -> str:
    """A duration as people say it: `2 d 5 h`, `3 h 20 min`, `12 min`."""
    minutes = max(0, duration) // MINUTE
    days, rest = divmod(minutes, MINUTES_A_DAY)
    if days:
        return f"{days} d {rest // 60} h"
    return f"{rest // 60} h {rest % 60} min" if rest >= 60 else f"{rest} min"
