"""Basal programmes follow the clock on the wall, however it is set, at no more than their rates."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosekernel import Limits
from dosekernel.errors import InputError
from dosekernel.pump.motor import SimulatedMotor
from dosekernel.pump.shell import Pump
from dosekernel.pump.therapy import programme, wall
from dosekernel.pump.therapy.programme import Programme, ProgrammeFollower, Segment
from dosekernel.spec.reasons import Kind, Source
from dosekernel.spec.reasons import Path as Way

from .therapies import HOUR, MINUTE, UNIT, delivering, live, notices, set_wall

BERLIN = ZoneInfo("Europe/Berlin")
# One rate for each hour, so that each hour can be told from the others by its rate.
HOURLY = [[hour * 60, (hour + 1) * 50_000] for hour in range(24)]


def at(zone: ZoneInfo, *when: int) -> int:
    """Milliseconds since 1970 of a moment somewhere."""
    year, month, day, hour, minute = when
    return round(datetime(year, month, day, hour, minute, tzinfo=zone).timestamp() * 1000)


def following(folder: Path, limits: Limits, when: int, zone: str = "Europe/Berlin") -> Pump:
    pump = delivering(folder, limits, when)
    pump.set(wall.TIMEZONE, zone)
    programme.keep(pump, programme.made("hourly", HOURLY, limits))
    programme.activate(pump, "hourly")
    pump.companions.append(ProgrammeFollower())
    pump.advance()
    return pump


def hour_by_rate(pump: Pump) -> int:
    """Which hour's rate is in force."""
    return pump.kernel.inspect().basal_rate // 50_000 - 1


# ---- what a programme may be


def test_a_programme_is_read_exactly(limits: Limits) -> None:
    found = programme.read("weekday", ["00:00=0.8", "06:30=1.15", "22:00=0.75"], limits)
    assert found.segments == (Segment(0, 800_000), Segment(390, 1_150_000), Segment(1320, 750_000))
    assert found.rate_at(389) == 800_000 and found.rate_at(390) == 1_150_000
    assert found.rate_at(1439) == 750_000
    # 6.5 h at 0.8, 15.5 h at 1.15 and 2 h at 0.75.
    assert found.a_day() == int(Decimal("24.525") * UNIT)
    assert found.lines()[1] == "06:30  1.15 U/h"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["00:30=1"], "from 00:00 on"),
        (["00:00=1", "08:00=1", "07:00=1"], "later than the last"),
        (["00:00=1", "08:00=1", "08:00=2"], "later than the last"),
        (["00:00=3.05"], "allowed: 0 to 3"),
        (["00:00=-1"], "allowed: 0 to 3"),
        (["00:00=0.0000001"], "6 decimal places"),
        (["00:00=NaN"], "not a finite"),
        (["00:00=a"], "TIME=RATE"),
        (["00:00"], "TIME=RATE"),
        (["24:00=1"], "00:00 to 23:59"),
        (["7=1"], "00:00 to 23:59"),
        ([], "1 to 48 segments"),
    ],
)
def test_a_wrong_programme_is_told(limits: Limits, words: list[str], why: str) -> None:
    with pytest.raises(InputError, match=why) as told:
        programme.read("mine", words, limits)
    assert "programme 'mine'" in str(told.value)


@pytest.mark.parametrize("pair", [[0, 1.5], [True, 1], [0], "01", [1440, 1], None])
def test_what_is_no_segment_is_told(limits: Limits, pair: Any) -> None:
    with pytest.raises(InputError, match="segment 1"):
        programme.made("mine", [pair], limits)


def test_at_most_48_segments(limits: Limits) -> None:
    half_hours = [[each * 30, 1000] for each in range(48)]
    assert len(programme.made("full", half_hours, limits).segments) == 48
    with pytest.raises(InputError, match="1 to 48"):
        programme.made("over", [*half_hours, [1439, 1000]], limits)


@pytest.mark.parametrize("name", ["", " day", "a" * 41, "a\nb"])
def test_a_name_can_be_shown(limits: Limits, name: str) -> None:
    with pytest.raises(InputError, match="its name"):
        programme.made(name, [[0, 0]], limits)


def test_programmes_are_kept_activated_and_forgotten(tmp_path: Path, limits: Limits) -> None:
    pump = delivering(tmp_path, limits)
    programme.keep(pump, programme.made("weekday", [[0, UNIT]], limits))
    programme.keep(pump, programme.made("weekend", [[0, UNIT // 2]], limits))
    assert programme.active(pump) is None
    programme.activate(pump, "weekend")
    assert programme.active(pump) == Programme("weekend", (Segment(0, UNIT // 2),))
    with pytest.raises(InputError, match="followed now"):
        programme.remove(pump, "weekend")
    programme.remove(pump, "weekday")
    assert list(programme.programmes(pump)) == ["weekend"]
    with pytest.raises(InputError, match="allowed: weekend"):
        programme.activate(pump, "weekday")


# ---- following it


def test_the_rate_follows_the_day(tmp_path: Path, limits: Limits) -> None:
    pump = following(tmp_path, limits, at(BERLIN, 2026, 5, 4, 6, 58))
    assert hour_by_rate(pump) == 6
    live(pump, 3 * MINUTE, MINUTE)
    assert hour_by_rate(pump) == 7


def test_a_skipped_hour_is_not_given(tmp_path: Path, limits: Limits) -> None:
    pump = following(tmp_path, limits, at(BERLIN, 2026, 3, 29, 1, 30))
    seen = []
    for _ in range(8):
        live(pump, 15 * MINUTE)
        seen.append(hour_by_rate(pump))
    assert seen == [1, 3, 3, 3, 3, 4, 4, 4]


def test_a_repeated_hour_is_given_twice(tmp_path: Path, limits: Limits) -> None:
    pump = following(tmp_path, limits, at(BERLIN, 2026, 10, 25, 1, 30))
    seen = []
    for _ in range(12):
        live(pump, 15 * MINUTE)
        seen.append(hour_by_rate(pump))
    assert seen == [1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3]


def test_travel_is_another_time_zone(tmp_path: Path, limits: Limits) -> None:
    pump = following(tmp_path, limits, at(BERLIN, 2026, 5, 4, 12, 0))
    assert hour_by_rate(pump) == 12
    pump.set(wall.TIMEZONE, "America/New_York")
    pump.advance()
    assert hour_by_rate(pump) == 6
    with pytest.raises(InputError, match="IANA name"):
        wall.zone("Berlin/Europe")


@settings(max_examples=12)
@given(jumps=st.lists(st.integers(-40 * 24 * HOUR, 40 * 24 * HOUR), min_size=1, max_size=4))
def test_however_the_clock_is_set_no_more_than_the_programme(
    tmp_path_factory: pytest.TempPathFactory, limits: Limits, jumps: list[int]
) -> None:
    pump = following(tmp_path_factory.mktemp("jumps"), limits, at(BERLIN, 2026, 5, 4, 12, 0))
    motor = pump.motor
    assert isinstance(motor, SimulatedMotor)
    before, began = motor.moved[Way.PATIENT], pump.now()
    for jump in jumps:
        set_wall(pump, pump.clock.now().wall + jump)
        pump.advance()
        assert hour_by_rate(pump) == wall.local(pump).hour
        live(pump, 30 * MINUTE, 10 * MINUTE)
    pump.settle()
    most = max(rate for _, rate in HOURLY) * (pump.now() - began) // HOUR
    assert motor.moved[Way.PATIENT] - before <= most + pump.limits.pulse


def test_a_refusal_is_told_once_and_tried_each_minute(tmp_path: Path, limits: Limits) -> None:
    pump = delivering(tmp_path, limits, at(BERLIN, 2026, 5, 4, 12, 0))
    # As an older journal may have it: kept under limits that allowed more.
    pump.set("programmes", {"old": [[0, 7 * UNIT]]})
    pump.set("programme", "old")
    pump.companions.append(ProgrammeFollower())
    asked = pump.last_id
    live(pump, 10 * MINUTE, 20_000)
    told = [each for each in notices(pump) if "was refused" in each]
    assert len(told) == 1 and "7 U/h was refused, 1 goes on" in told[0]
    assert pump.last_id - asked == 10
    assert pump.kernel.inspect().basal_rate == UNIT


def test_a_clock_that_makes_no_sense_is_told_once(tmp_path: Path, limits: Limits) -> None:
    pump = following(tmp_path, limits, at(BERLIN, 2026, 5, 4, 12, 0))
    set_wall(pump, 10**17)
    live(pump, 10 * MINUTE)
    assert hour_by_rate(pump) == 12
    assert len([each for each in notices(pump) if "cannot be followed" in each]) == 1


def test_a_schedule_asks_as_a_schedule(tmp_path: Path, limits: Limits) -> None:
    pump = following(tmp_path, limits, at(BERLIN, 2026, 5, 4, 12, 0))
    state = pump.kernel.inspect()
    assert (state.last.kind, state.last.source) == (Kind.SET_BASAL, Source.SCHEDULE)


# ---- the wall


@given(minute=st.integers(0, 1439))
def test_a_minute_is_written_and_read(minute: int) -> None:
    assert wall.read_minute(wall.shown(minute), "test") == minute


def test_local_time_without_a_zone_is_utc(tmp_path: Path, limits: Limits) -> None:
    moment = datetime(2026, 5, 4, 12, 34, tzinfo=UTC)
    pump = delivering(tmp_path, limits, round(moment.timestamp() * 1000))
    assert wall.local(pump) == moment
    assert wall.minute_now(pump) == 12 * 60 + 34


@pytest.mark.parametrize(
    ("duration", "text"),
    [(0, "0 min"), (59 * MINUTE, "59 min"), (200 * MINUTE, "3 h 20 min"), (53 * HOUR, "2 d 5 h")],
)
def test_durations_are_written_as_people_say_them(duration: int, text: str) -> None:
    assert wall.in_hours(duration) == text
