"""Reminders: each tells its sentence once, when its cause begins, as a notice of the pump.

What was told is kept in the journal, so that a restart tells nothing twice. They stop nothing and
ask nothing. The setting `reminders` says which there are:

    missed_bolus     [["07:00", "10:00"], ...]: told at the end of a window without a bolus
    after_set_change minutes after a set was inserted, when to check glucose (off: 0)
    high             mg/dL from which a reading is high (off: 0)
    after_high       minutes after a high began, when to check again
    low              mg/dL below which a reading is low (off: 0)
    life_ahead       minutes before the life of set and reservoir ends

`clinic` is the text that is added to what is said of abnormal glucose.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from dosekernel.kernel.records import GLUCOSE_MAX, MINUTE
from dosekernel.spec.reasons import Alarm, Kind, Source, Status

from ... import Event, Outcome
from ...errors import InputError
from ..bodies import unpacked
from ..journal import Entry, What
from ..shell import Pump
from .glucose import shown, unit_of
from .infusion_set import absorption
from .wall import MINUTES_A_DAY, in_hours, kernel_time, local, minute_of_day, read_minute
from .wall import shown as clock_shown

SETTING = "reminders"
TOLD = "reminded"
CLINIC = "clinic"
MISSED = "missed_bolus"
WINDOWS_MAX = 8
# How long after its end a window is still told of, and how many events are looked through for it.
LATE = 60
LOOK_BACK = 400
MARGIN = 20  # mg/dL
# The figures that are used where none is set.
USUAL: Mapping[str, Any] = {
    MISSED: [],
    "after_set_change": 120,
    "high": 250,
    "after_high": 60,
    "low": 70,
    "life_ahead": 180,
}
BY_HAND = (Source.USER, Source.REMOTE)
BOLUSES = (Kind.BOLUS, Kind.EXTENDED_BOLUS)


@dataclass(frozen=True)
class Reminder:
    """A sentence that is due; of one `name` and `occasion` it is told once."""

    name: str
    occasion: str
    text: str


def checked(value: Any) -> dict[str, Any]:
    """The setting `reminders`, complete; raises `InputError` for what it may not be."""
    if not isinstance(value, Mapping):
        raise InputError(f"{SETTING}: {value!r}; allowed: a mapping of {', '.join(USUAL)}")
    for name in value:
        if name not in USUAL:
            raise InputError(f"{SETTING}: {name!r}; allowed: {', '.join(USUAL)}")
    found = {**USUAL, **value}
    windows = found[MISSED]
    if not isinstance(windows, list) or len(windows) > WINDOWS_MAX:
        raise InputError(f"{SETTING}: {MISSED}: allowed: at most {WINDOWS_MAX} windows")
    for window in windows:
        _window(window)
    for name in ("after_set_change", "after_high", "life_ahead"):
        _whole(found, name, MINUTES_A_DAY)
    for name in ("high", "low"):
        _whole(found, name, GLUCOSE_MAX)
    return found


def _whole(found: Mapping[str, Any], name: str, most: int) -> None:
    if type(found[name]) is not int or not 0 <= found[name] <= most:
        raise InputError(f"{SETTING}: {name}: {found[name]!r}; allowed: 0 to {most}")


def _window(window: Any) -> tuple[int, int]:
    """The first and last minute of a window for a bolus."""
    if not isinstance(window, list) or len(window) != 2:
        raise InputError(f'{SETTING}: {MISSED}: {window!r}; allowed: ["07:00", "10:00"]')
    start, end = (read_minute(str(each), f"{SETTING}: {MISSED}") for each in window)
    if start >= end:
        raise InputError(
            f"{SETTING}: {MISSED}: {clock_shown(start)} to {clock_shown(end)}; "
            "allowed: an end later than its start, on one day"
        )
    return start, end


class Reminders:
    """The companion that tells what is due."""

    def __init__(self) -> None:
        """Nothing was complained of yet."""
        self._wrong = ""

    def follow(self, pump: Pump, at: int) -> None:
        """Tell each reminder that is due and was not told yet; a wrong setting is told once."""
        try:
            self._tell(pump, at)
        except InputError as error:
            if str(error) != self._wrong:
                pump.notice(f"There are no reminders: {error}")
            self._wrong = str(error)

    def _tell(self, pump: Pump, at: int) -> None:
        told: dict[str, str] = dict(pump.settings.get(TOLD, {}))
        for name in over(pump, at):
            told.pop(name, None)
        for reminder in due(pump, at, told):
            if told.get(reminder.name) != reminder.occasion:
                pump.notice(reminder.text)
                told[reminder.name] = reminder.occasion
        if told != pump.settings.get(TOLD, {}):
            pump.set(TOLD, told)


def due(pump: Pump, at: int, told: Mapping[str, str] = MappingProxyType({})) -> Iterator[Reminder]:
    """All reminders whose cause is true now, told or not; `told`: the occasion of each so far."""
    wanted = checked(pump.settings.get(SETTING, {}))
    yield from _missed_boluses(pump, wanted[MISSED])
    yield from _set_and_reservoir(pump, at, wanted)
    yield from _glucose(pump, at, wanted, told)
    state = pump.state
    if pump.last is not None and Alarm.SUSPENDED in pump.last.alarms:
        yield Reminder(
            "suspended",
            str(state.suspended_at),
            f"Delivery has been suspended for {in_hours(at - state.suspended_at)}. "
            "It begins again only when you resume it.",
        )


def _missed_boluses(pump: Pump, windows: list[list[str]]) -> Iterator[Reminder]:
    now = local(pump)
    minute = minute_of_day(now)
    for window in windows:
        start, end = _window(window)
        if not end <= minute < end + LATE:
            continue
        opened = _wall(now, start)
        if not bolus_since(pump, kernel_time(pump, opened)):
            yield Reminder(
                f"{MISSED} {window[0]}",
                now.date().isoformat(),
                f"There was no bolus between {clock_shown(start)} and {clock_shown(end)}. "
                "Was a meal forgotten?",
            )


def _wall(day: datetime, minute: int) -> int:
    """The moment (ms since 1970) of a minute of that day."""
    then = day.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
    return round(then.timestamp() * 1000)


def bolus_since(pump: Pump, at: int) -> bool:
    """True if a person's bolus was accepted at or after a moment of kernel time."""
    journal = pump.journal
    for asked in journal.asked(journal.seq + 1, LOOK_BACK):
        if asked.at < at:
            return False
        event = Event.from_words(unpacked(asked.body))
        answer = journal.entry(asked.seq + 1)
        if event.kind in BOLUSES and event.source in BY_HAND and _accepted(answer):
            return True
    return False


def _accepted(answer: Entry | None) -> bool:
    if answer is None or answer.kind is not What.OUTCOME:
        return False
    return Outcome.from_words(unpacked(answer.body)).status is Status.ACCEPTED


def _set_and_reservoir(pump: Pump, at: int, wanted: Mapping[str, Any]) -> Iterator[Reminder]:
    state, limits = pump.state, pump.limits
    ahead = wanted["life_ahead"] * MINUTE
    for name, there, since, life in (
        ("set", state.inserted, state.set_at, limits.set_life),
        ("reservoir", state.loaded, state.reservoir_at, limits.reservoir_life),
    ):
        if not there or not life:
            continue
        occasion, age = str(since), at - since
        if age >= life:
            note = f" {absorption(age, life)}".rstrip() if name == "set" else ""
            yield Reminder(
                f"{name} life",
                occasion,
                f"The {name} has reached its life of {in_hours(life)}. Change it.{note}",
            )
        elif ahead and age >= life - ahead:
            left = in_hours(life - age)
            yield Reminder(f"{name} soon", occasion, f"The {name} is due for a change in {left}.")
    minutes = wanted["after_set_change"]
    if state.inserted and minutes and minutes * MINUTE <= at - state.set_at < limits.set_life:
        yield Reminder(
            "after set change",
            str(state.set_at),
            f"The set was changed {in_hours(at - state.set_at)} ago. Check your glucose: "
            "if it rises, insulin may not be going in.",
        )


def _fresh(pump: Pump, at: int) -> int | None:
    """The last reading, if it is fresh."""
    state = pump.state
    if state.glucose_at < 0 or at - state.glucose_at > pump.limits.glucose_stale:
        return None
    return state.glucose


def over(pump: Pump, at: int) -> Iterator[str]:
    """What a fresh reading has ended, by a margin, so that a reading to and fro tells nothing."""
    wanted, glucose = checked(pump.settings.get(SETTING, {})), _fresh(pump, at)
    if glucose is None:
        return
    if glucose >= wanted["low"] + MARGIN:
        yield "low"
    if glucose < wanted["high"] - MARGIN:
        yield from ("high", "high again")


def _glucose(
    pump: Pump, at: int, wanted: Mapping[str, Any], told: Mapping[str, str]
) -> Iterator[Reminder]:
    """A reading that is abnormal; the occasion is when the first such one was seen."""
    glucose = _fresh(pump, at)
    if glucose is None:
        return
    clinic = str(pump.settings.get(CLINIC, "")).strip()
    advice = f" {clinic}" if clinic else ""
    figure = shown(glucose, unit_of(pump))
    if glucose < wanted["low"]:
        since = told.get("low", str(at))
        yield Reminder("low", since, f"Glucose is low: {figure}. Eat something sweet.{advice}")
    if wanted["high"] and glucose >= wanted["high"]:
        since = told.get("high", str(at))
        text = f"Glucose is high: {figure}. Look at the set and its tubing.{advice}"
        yield Reminder("high", since, text)
        again = wanted["after_high"] * MINUTE
        if again and at - int(since) >= again:
            text = f"Glucose is still high: {figure}. Measure it yourself.{advice}"
            yield Reminder("high again", since, text)
