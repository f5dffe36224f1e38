"""A pump's status as lines of text."""

from dosekernel.spec.reasons import Kind

from .. import words
from ..shell import Pump
from ..status import Status
from ..therapy import glucose, sites

WIDTH = 12


def home_lines(pump: Pump, now: Status, unit: glucose.Unit) -> list[str]:
    """What the home screen shows, one figure in a line."""
    rows = [
        ("time", f"{now.local_time.replace('T', ' ')} ({now.timezone})"),
        ("mode", f"{now.mode.replace('_', ' ').lower()}. {now.mode_sentence}"),
        ("rate", _rate(pump, now)),
        ("on board", _on_board(pump, now)),
        ("owed", words.amount(pump, now.owed)),
        (f"last {words.span(now.window_length)}", _of(pump, now.window_total, now.window_max)),
        ("last 24 h", _of(pump, now.day_total, now.day_max)),
        ("reservoir", _reservoir(pump, now)),
        ("set", _set(now)),
        ("glucose", _glucose(now, unit)),
        ("last bolus", _last_bolus(pump, now)),
        ("limits", now.limits_name),
    ]
    lines = [f"{name:<{WIDTH}}{value}" for name, value in rows]
    lines += [f"{'ALARM':<{WIDTH}}{each.name}: {each.sentence}" for each in now.alarms]
    return lines


def _of(pump: Pump, value: int, cap: int) -> str:
    return f"{words.amount(pump, value)} of at most {words.amount(pump, cap)}"


def _on_board(pump: Pump, now: Status) -> str:
    """The kernel's bound: never too little."""
    cap = words.amount(pump, now.on_board_max)
    return f"{words.bound(pump, now.on_board)} at most (a safety bound) of {cap}"


def _rate(pump: Pump, now: Status) -> str:
    told = words.rate(pump, now.rate)
    if now.temporary_rate is not None and now.temporary_left is not None:
        told += (
            f", temporary {words.rate(pump, now.temporary_rate)} for another "
            f"{words.span(now.temporary_left)}"
        )
    told += f" (programmed {words.rate(pump, now.programmed_rate)}"
    return told + (f", programme {now.programme})" if now.programme else ")")


def _reservoir(pump: Pump, now: Status) -> str:
    if now.reservoir_age is None:
        return "none"
    left = "" if now.reservoir_left is None else f", lasts {words.span(now.reservoir_left)}"
    return f"{words.amount(pump, now.reservoir)}{left}, in for {words.span(now.reservoir_age)}"


def _set(now: Status) -> str:
    if now.set_age is None:
        return "none"
    life = f" of {words.span(now.set_life)}" if now.set_life else ""
    off = "" if now.connected else ", disconnected"
    return f"in for {words.span(now.set_age)}{life}, {_site(now.site)}{off}"


def _site(code: int | None) -> str:
    """A site of the map by its name; other numbers are the person's own."""
    if code is None or not 1 <= code <= sites.ALL:
        return f"site {code}"
    return str(sites.Site.of_code(code))


def _glucose(now: Status, unit: glucose.Unit) -> str:
    if now.glucose is None or now.glucose_age is None:
        return "no reading"
    age = f"{words.span(now.glucose_age)} ago"
    stale = "" if now.glucose_fresh else ", stale"
    arrow = f"{now.trend.arrow} " if now.trend.arrow else ""
    return f"{glucose.shown(now.glucose, unit)} {arrow}{now.trend.text}, {age}{stale}"


def _last_bolus(pump: Pump, now: Status) -> str:
    dose = now.last_bolus
    if dose is None:
        return "none in the last 24 h"
    told = words.amount(pump, dose.amount)
    if dose.kind == Kind.EXTENDED_BOLUS.name:
        told += f" over {words.span(dose.duration)}"
    if dose.not_given:
        told += f", of which {words.amount(pump, dose.not_given)} was cancelled"
    return f"{told}, {words.span(now.now - dose.at)} ago"
