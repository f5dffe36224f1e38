"""Each reminder is told once, when its cause begins; a restart tells nothing twice."""

from pathlib import Path
from typing import Any

import pytest

from dosekernel import Limits
from dosekernel.errors import InputError
from dosekernel.kernel.records import DAY
from dosekernel.pump import recovery
from dosekernel.pump.shell import Pump
from dosekernel.pump.therapy.reminders import Reminders, bolus_since, checked
from dosekernel.spec.reasons import Kind, Source, Status

from .therapies import HOUR, MINUTE, UNIT, delivering, live, notices, quick

# 2026-05-04 06:00 UTC.
SIX = 1_777_874_400_000
CLINIC = "Call the clinic: 030 1234."


def reminding(folder: Path, limits: Limits, wall: int = SIX, **reminders: Any) -> Pump:
    pump = delivering(folder, limits, wall)
    off = {"after_set_change": 0, "high": 0, "low": 0, "life_ahead": 0}
    pump.set("reminders", {**off, **reminders})
    pump.set("clinic", CLINIC)
    pump.companions.append(Reminders())
    return pump


def again(pump: Pump) -> Pump:
    """The same pump in another program."""
    path, clock, motor = pump.journal.path, pump.clock, pump.motor
    pump.close()
    found = quick(recovery.resume(path, clock, motor).pump)
    found.companions.append(Reminders())
    return found


def told(pump: Pump, word: str) -> list[str]:
    return [each for each in notices(pump) if word in each]


def read(pump: Pump, value: int) -> None:
    assert pump.report(Kind.GLUCOSE, glucose=value).status is Status.ACCEPTED
    pump.advance()


# ---- a missed bolus


def test_a_missed_bolus_is_told_once_a_day(tmp_path: Path, limits: Limits) -> None:
    pump = reminding(tmp_path, limits, missed_bolus=[["07:00", "09:30"]])
    live(pump, 3 * HOUR, 10 * MINUTE)
    assert told(pump, "no bolus") == []
    live(pump, 2 * HOUR, 10 * MINUTE)
    assert told(pump, "no bolus") == [
        "There was no bolus between 07:00 and 09:30. Was a meal forgotten?"
    ]
    pump = again(pump)
    live(pump, 20 * MINUTE, 10 * MINUTE)
    assert len(told(pump, "no bolus")) == 1
    live(pump, DAY, 10 * MINUTE)
    assert len(told(pump, "no bolus")) == 2


@pytest.mark.parametrize(
    ("source", "amount", "missed"),
    [(Source.USER, UNIT, 0), (Source.CONTROLLER, UNIT, 1), (Source.USER, 99 * UNIT, 1)],
    ids=["given", "a controller's does not count", "refused"],
)
def test_only_a_persons_bolus_that_was_accepted_counts(
    tmp_path: Path, limits: Limits, source: Source, amount: int, missed: int
) -> None:
    pump = reminding(tmp_path, limits, missed_bolus=[["07:00", "09:30"]])
    live(pump, 2 * HOUR, 10 * MINUTE)
    read(pump, 150)
    pump.ask(Kind.BOLUS, source=source, amount=amount)
    live(pump, 2 * HOUR, 10 * MINUTE)
    assert len(told(pump, "no bolus")) == missed


def test_a_bolus_before_the_window_does_not_count(tmp_path: Path, limits: Limits) -> None:
    pump = reminding(tmp_path, limits, missed_bolus=[["07:00", "09:30"]])
    live(pump, 50 * MINUTE, 10 * MINUTE)
    since = pump.now()
    assert pump.ask(Kind.BOLUS, amount=UNIT).status is Status.ACCEPTED
    live(pump, 3 * HOUR, 10 * MINUTE)
    assert len(told(pump, "no bolus")) == 1
    assert bolus_since(pump, since) and not bolus_since(pump, since + 1)


# ---- glucose


def test_a_high_is_told_with_the_clinics_words_and_again_once(
    tmp_path: Path, limits: Limits
) -> None:
    pump = reminding(tmp_path, limits, high=250, after_high=60)
    for value in (240, 255, 245, 252):
        read(pump, value)
        live(pump, 5 * MINUTE)
    assert told(pump, "Glucose is high") == [
        f"Glucose is high: 255 mg/dL. Look at the set and its tubing. {CLINIC}"
    ]
    for _ in range(24):
        read(pump, 260)
        live(pump, 5 * MINUTE)
    pump = again(pump)
    read(pump, 260)
    assert len(told(pump, "Glucose is high")) == 1
    assert len(told(pump, "still high")) == 1
    live(pump, 5 * MINUTE)
    read(pump, 200)
    live(pump, 5 * MINUTE)
    read(pump, 300)
    assert len(told(pump, "Glucose is high")) == 2


def test_a_low_is_told_once(tmp_path: Path, limits: Limits) -> None:
    pump = reminding(tmp_path, limits, low=70)
    for value in (90, 69, 65, 72, 68, 95, 66):
        read(pump, value)
        live(pump, 5 * MINUTE)
    assert told(pump, "Glucose is low") == [
        f"Glucose is low: 69 mg/dL. Eat something sweet. {CLINIC}",
        f"Glucose is low: 66 mg/dL. Eat something sweet. {CLINIC}",
    ]


def test_a_stale_reading_reminds_of_nothing(tmp_path: Path, limits: Limits) -> None:
    pump = reminding(tmp_path, limits, high=250, after_high=30)
    read(pump, 260)
    live(pump, 2 * HOUR, 10 * MINUTE)
    assert len(told(pump, "high")) == 1


# ---- set, reservoir, suspension


def test_glucose_is_to_be_checked_after_a_set_change(tmp_path: Path, limits: Limits) -> None:
    pump = reminding(tmp_path, limits, after_set_change=120)
    live(pump, 110 * MINUTE, 10 * MINUTE)
    assert told(pump, "Check your glucose") == []
    live(pump, HOUR, 10 * MINUTE)
    assert len(told(pump, "The set was changed 2 h")) == 1


def test_the_end_of_a_life_is_told_before_and_when_it_comes(tmp_path: Path, limits: Limits) -> None:
    pump = reminding(tmp_path, limits, life_ahead=180)
    live(pump, 68 * HOUR, 15 * MINUTE)
    assert told(pump, "due for a change") == []
    live(pump, 2 * HOUR, 10 * MINUTE)
    assert len(told(pump, "The set is due for a change in")) == 1
    assert len(told(pump, "The reservoir is due for a change in")) == 1
    live(pump, 4 * HOUR, 10 * MINUTE)
    assert len(told(pump, "The set has reached its life of 3 d 0 h. Change it.")) == 1
    assert len(told(pump, "has reached its life")) == 2


def test_a_long_suspension_is_told_once(tmp_path: Path, limits: Limits) -> None:
    pump = reminding(tmp_path, limits)
    pump.ask(Kind.SUSPEND)
    live(pump, 20 * MINUTE)
    assert told(pump, "suspended") == []
    live(pump, 2 * HOUR, 10 * MINUTE)
    assert len(told(pump, "Delivery has been suspended for 40 min.")) == 1


# ---- settings


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([], "a mapping"),
        ({"louder": 1}, "allowed: missed_bolus"),
        ({"missed_bolus": "07:00"}, "at most 8 windows"),
        ({"missed_bolus": [["07:00"]]}, "07:00"),
        ({"missed_bolus": [["10:00", "07:00"]]}, "an end later"),
        ({"missed_bolus": [["7", "9"]]}, "00:00 to 23:59"),
        ({"missed_bolus": [["07:00", "08:00"]] * 9}, "at most 8"),
        ({"high": -1}, "0 to 1000"),
        ({"high": "250"}, "0 to 1000"),
        ({"after_high": 1441}, "0 to 1440"),
        ({"life_ahead": True}, "0 to 1440"),
    ],
)
def test_a_wrong_setting_is_told(value: Any, why: str) -> None:
    with pytest.raises(InputError, match=why):
        checked(value)


def test_a_wrong_setting_in_the_journal_is_told_once_and_stops_nothing(
    tmp_path: Path, limits: Limits
) -> None:
    pump = delivering(tmp_path, limits)
    pump.set("reminders", {"louder": 1})
    pump.companions.append(Reminders())
    live(pump, HOUR)
    assert len(told(pump, "There are no reminders")) == 1
