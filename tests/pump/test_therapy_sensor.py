"""A sensor that fails as sensors do, the same with the same seed; the kernel judges what comes."""

from pathlib import Path

import pytest

from dosekernel import Event, Limits, Outcome
from dosekernel.kernel.records import DAY
from dosekernel.pump.bodies import unpacked
from dosekernel.pump.journal import What
from dosekernel.pump.shell import Pump
from dosekernel.pump.therapy.sensor import (
    INTERVAL,
    PERFECT,
    Habits,
    Reading,
    SensorFollower,
    SimulatedSensor,
    daily_wave,
)
from dosekernel.spec.reasons import Kind, Reason, Status

from .therapies import HOUR, MINUTE, delivering, live, notices

SILENT = Habits(drop_out=1.0, longest=100_000)


def days(habits: Habits, seed: int, count: int = 3) -> list[tuple[int, Reading]]:
    """Readings with the minute at which each arrived."""
    sensor = SimulatedSensor(daily_wave, seed, habits)
    return [(at, reading) for at in range(0, count * DAY, MINUTE) for reading in sensor.read(at)]


def answers(pump: Pump) -> list[tuple[Event, Outcome]]:
    """Every reading that was reported, and what the kernel said."""
    found = []
    asked = None
    for entry in pump.journal.entries(0, (What.EVENT, What.OUTCOME)):
        if entry.kind is What.EVENT:
            asked = Event.from_words(unpacked(entry.body))
        elif asked is not None and asked.kind is Kind.GLUCOSE:
            found.append((asked, Outcome.from_words(unpacked(entry.body))))
    return found


def test_the_same_seed_gives_the_same_readings() -> None:
    assert days(Habits(), 1) == days(Habits(), 1) != days(Habits(), 2)


def test_a_perfect_sensor_shows_what_is_true() -> None:
    found = days(PERFECT, 1, 1)
    assert len(found) == DAY // INTERVAL
    for at, reading in found:
        assert reading == Reading(round(daily_wave(at)), at)


def test_asking_seldom_or_often_gives_the_same() -> None:
    often = [reading for _, reading in days(Habits(), 5, 1)]
    sensor = SimulatedSensor(daily_wave, 5, Habits())
    seldom = sensor.read(0)
    for at in range(0, DAY, 30 * MINUTE):
        seldom += sensor.read(at + 30 * MINUTE - 1)
    assert sorted(map(repr, seldom)) == sorted(map(repr, often))


def test_every_failing_happens() -> None:
    found = days(Habits(), 3, 7)
    times = [reading.measured_at for _, reading in found]
    assert len(times) > len(set(times))  # duplicates
    assert any(at - reading.measured_at >= INTERVAL for at, reading in found)  # late
    assert any(reading.glucose < 20 for _, reading in found)  # error codes
    missing = set(range(0, 7 * DAY - HOUR, INTERVAL)) - set(times)
    assert 10 < len(missing) < 300  # drop-outs
    right = [reading for _, reading in found if reading.glucose >= 20]
    errors = [reading.glucose - daily_wave(reading.measured_at) for reading in right]
    assert min(errors) < -35 and max(errors) < 30  # compression lows, and nothing like them upwards
    usual = sorted(abs(error) for error in errors)[len(errors) // 2]
    assert 2 < usual < 8  # noise


def test_the_kernel_takes_each_measurement_once_and_no_error_code(
    tmp_path: Path, limits: Limits
) -> None:
    pump = delivering(tmp_path, limits)
    pump.companions.append(SensorFollower(SimulatedSensor(daily_wave, 3)))
    live(pump, 16 * HOUR, 5 * MINUTE)
    found = answers(pump)
    assert len(found) > 150
    taken = [event for event, outcome in found if outcome.status is Status.ACCEPTED]
    assert all(20 <= event.glucose <= 400 for event in taken)
    times = [event.issued_at for event in taken]
    assert times == sorted(set(times))
    why = {outcome.reason for _, outcome in found if outcome.status is Status.REFUSED}
    assert {Reason.GLUCOSE_RANGE, Reason.GLUCOSE_OLD} <= why


@pytest.mark.parametrize("seed", range(3))
def test_no_reading_ever_raises_the_rate(tmp_path: Path, limits: Limits, seed: int) -> None:
    pump = delivering(tmp_path, limits)
    pump.companions.append(SensorFollower(SimulatedSensor(daily_wave, seed)))
    for _ in range(60):
        live(pump, 10 * MINUTE)
        assert pump.kernel.inspect().basal_rate == 1_000_000
        assert pump.last is not None and pump.last.rate <= 1_000_000


def test_a_lost_sensor_is_told_once(tmp_path: Path, limits: Limits) -> None:
    pump = delivering(tmp_path, limits)
    pump.companions.append(SensorFollower(SimulatedSensor(daily_wave, 1, PERFECT)))
    live(pump, 30 * MINUTE)
    pump.companions[:] = [SensorFollower(SimulatedSensor(daily_wave, 1, SILENT))]
    live(pump, HOUR)
    told = [each for each in notices(pump) if each.startswith("No glucose reading for")]
    assert len(told) == 1
