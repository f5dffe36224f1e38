"""Every way in which a motor fails, from its stroke to the sentence that a person reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dosekernel import Limits
from dosekernel.pump.errors import MotorError
from dosekernel.pump.journal import What
from dosekernel.pump.motor import Fault, Release, Report
from dosekernel.pump.shell import Pump
from dosekernel.pump.strokes import PATIENCE
from dosekernel.spec.reasons import Alarm, Kind, Mode, Reason, Status
from dosekernel.spec.reasons import Path as Way

from .lives import MINUTE, SECOND, UNIT, at_work, check_closed

BOLUS = 2 * UNIT


class Delivering:
    """A pump that was set up, and its surroundings."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.life, self.pump = at_work(folder / "journal", limits)

    def bolus(self, fault: Fault) -> Release:
        """A bolus whose stroke goes wrong; returns the stroke."""
        assert self.life.ask(self.pump, Kind.BOLUS, amount=BOLUS).status is Status.ACCEPTED
        self.life.motor.next_fault = fault
        self.pump.run(4 * SECOND)
        return self.life.motor.strokes[-1]

    def notices(self) -> str:
        """All that the person was told."""
        found = self.pump.journal.entries(kinds=[What.NOTICE])
        return " ".join(entry.body.decode() for entry in found)

    def check(self) -> None:
        """The books agree with what flowed."""
        self.pump.close()
        check_closed(self.life)


@pytest.fixture
def delivering(tmp_path: Path, limits: Limits) -> Iterator[Delivering]:
    """A pump at work."""
    found = Delivering(tmp_path, limits)
    yield found
    found.pump.journal.close()


@pytest.mark.parametrize("fault", [Fault.STALL, Fault.OCCLUSION, Fault.SKIP])
def test_too_little_is_a_fault_and_stays_booked(delivering: Delivering, fault: Fault) -> None:
    pump, motor = delivering.pump, delivering.life.motor
    before = pump.kernel.inspect()
    release = delivering.bolus(fault)
    moved = motor.moved[Way.PATIENT]
    pump.run(2 * MINUTE)
    state = pump.kernel.inspect()
    delivered = motor.moved[Way.PATIENT] - moved
    assert 0 < delivered < release.amount
    assert state.committed == before.committed + release.amount
    assert state.confirmed == before.confirmed + delivered
    assert state.faulted == 1
    assert pump.last is not None
    assert pump.last.mode is Mode.FAULTED
    assert Alarm.FAULT in pump.last.alarms
    # Nothing starts again by itself: not after the acknowledgement either.
    assert pump.ask(Kind.BOLUS, amount=UNIT).reason is Reason.FAULTED
    pump.ask(Kind.ACKNOWLEDGE)
    strokes = len(motor.strokes)
    pump.run(10 * MINUTE)
    assert len(motor.strokes) == strokes
    assert pump.ask(Kind.RESUME).status is Status.ACCEPTED
    delivering.check()


def test_too_much_is_a_fault_and_is_booked(delivering: Delivering) -> None:
    pump = delivering.pump
    before = pump.kernel.inspect()
    release = delivering.bolus(Fault.OVER_DELIVERY)
    pump.run(2 * MINUTE)
    state = pump.kernel.inspect()
    assert state.committed == before.committed + release.amount + state.limits.pulse
    assert state.faulted == 1
    delivering.check()


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.DEAD, Fault.LATE])
def test_no_report_leaves_the_release_uncertain(delivering: Delivering, fault: Fault) -> None:
    pump, limits = delivering.pump, delivering.life.limits
    before = pump.kernel.inspect()
    release = delivering.bolus(fault)
    pump.run(limits.confirm_max + PATIENCE - MINUTE // 2)
    assert pump.strokes.under_way == release
    assert pump.last is not None
    assert Alarm.UNCONFIRMED in pump.last.alarms
    pump.run(MINUTE)
    state = pump.kernel.inspect()
    assert pump.strokes.under_way is None
    assert state.uncertain == 1
    assert state.confirmed == before.confirmed
    assert state.committed >= before.committed + release.amount
    # What was owed beside it is cancelled; basal goes on.
    assert state.bolus_owed == 0
    pump.run(10 * MINUTE)
    assert pump.kernel.inspect().uncertain == 0
    delivering.check()


def test_a_late_report_is_told_and_changes_nothing(delivering: Delivering) -> None:
    pump, motor = delivering.pump, delivering.life.motor
    release = delivering.bolus(Fault.LATE)
    pump.run(20 * MINUTE)
    assert motor.strokes[-1] != release  # basal went on
    pump.ask(Kind.SUSPEND)
    pump.run(2 * MINUTE)
    before = pump.kernel.inspect()
    pump.run(60 * MINUTE)
    after = pump.kernel.inspect()
    assert (after.committed, after.confirmed) == (before.committed, before.confirmed)
    assert after.faulted == 0
    assert f"release {release.sequence} again or late" in delivering.notices()
    delivering.check()


class Liar:
    """A motor whose reports are made up; nothing is wrong with how it moves."""

    def __init__(self, pump: Pump) -> None:
        self.motor = pump.motor
        self.lies: list[Report] = []
        self.breaks = ""
        pump.motor = self

    def start(self, release: Release, at: int) -> None:
        self.fail("start")
        self.motor.start(release, at)

    def stop(self, at: int) -> None:
        self.fail("stop")
        self.motor.stop(at)

    def poll(self, at: int) -> Report | None:
        self.fail("poll")
        return self.lies.pop(0) if self.lies else self.motor.poll(at)

    def fail(self, where: str) -> None:
        if self.breaks == where:
            raise MotorError(f"motor: {where} failed")


def test_a_report_for_another_release_settles_nothing(delivering: Delivering) -> None:
    pump = delivering.pump
    liar = Liar(pump)
    release = delivering.bolus(Fault.SILENT)
    liar.lies.append(Report(release.sequence + 7, release.amount))
    pump.advance()
    state = pump.kernel.inspect()
    assert state.outstanding == release.amount
    assert state.faulted == 1
    assert f"release {release.sequence + 7}, which was not under way" in delivering.notices()
    pump.run(5 * MINUTE)
    assert pump.kernel.inspect().outstanding == 0
    delivering.check()


def test_a_late_report_after_a_restart_is_no_fault(delivering: Delivering) -> None:
    release = delivering.bolus(Fault.LATE)
    delivering.pump.run(20 * MINUTE)
    delivering.pump.close()
    delivering.pump = delivering.life.resume().pump
    delivering.pump.run(60 * MINUTE)
    assert f"release {release.sequence} again or late" in delivering.notices()
    assert delivering.pump.state.faulted == 0
    delivering.check()


def test_a_report_that_comes_twice_counts_once(delivering: Delivering) -> None:
    pump = delivering.pump
    liar = Liar(pump)
    release = delivering.bolus(Fault.LATE)
    liar.lies = [Report(release.sequence, release.amount)] * 2
    pump.advance()
    confirmed = pump.kernel.inspect().confirmed
    pump.run(MINUTE // 2)
    state = pump.kernel.inspect()
    assert state.faulted == 0
    assert state.confirmed - confirmed < release.amount
    assert "It was settled before" in delivering.notices()


def test_an_excess_that_is_told_twice_is_booked_once(delivering: Delivering) -> None:
    pump = delivering.pump
    liar = Liar(pump)
    before = pump.state.committed
    release = delivering.bolus(Fault.SILENT)
    liar.lies = [Report(release.sequence, release.amount + UNIT)] * 2
    pump.advance()
    assert pump.state.faulted == 1
    assert pump.state.committed == before + release.amount + UNIT


def test_more_than_was_released_counts_even_if_it_is_told_late(delivering: Delivering) -> None:
    pump = delivering.pump
    liar = Liar(pump)
    release = delivering.bolus(Fault.DEAD)
    pump.run(4 * MINUTE)
    assert pump.kernel.inspect().uncertain == 1
    pump.ask(Kind.SUSPEND)
    committed = pump.kernel.inspect().committed
    liar.lies = [Report(release.sequence, release.amount + UNIT)] * 2
    pump.advance()
    state = pump.kernel.inspect()
    assert state.faulted == 1
    assert state.committed == committed + UNIT, "booked, and once"


@pytest.mark.parametrize("amount", [-1, 1 << 62])
def test_a_report_that_no_motor_can_mean_leaves_it_uncertain(
    delivering: Delivering, amount: int
) -> None:
    pump = delivering.pump
    liar = Liar(pump)
    release = delivering.bolus(Fault.SILENT)
    liar.lies.append(Report(release.sequence, amount))
    pump.advance()
    state = pump.kernel.inspect()
    assert (state.outstanding, state.uncertain) == (0, 1)
    assert "makes no sense" in delivering.notices()


@pytest.mark.parametrize("where", ["start", "poll", "stop"])
def test_a_driver_that_fails_stops_the_pump(delivering: Delivering, where: str) -> None:
    pump = delivering.pump
    liar = Liar(pump)
    liar.breaks = where
    pump.ask(Kind.BOLUS, amount=BOLUS)
    pump.run(5 * SECOND)
    pump.ask(Kind.CANCEL_BOLUS)
    pump.run(5 * SECOND)
    state = pump.kernel.inspect()
    assert (state.faulted, state.outstanding, state.bolus_owed) == (1, 0, 0)
    assert f"The motor failed: motor: {where} failed" in delivering.notices()


def test_a_stop_stands_the_motor_still_before_anything_is_written(delivering: Delivering) -> None:
    pump, motor = delivering.pump, delivering.life.motor
    pump.ask(Kind.BOLUS, amount=BOLUS)
    pump.run(10 * SECOND)
    moved = motor.moved[Way.PATIENT]
    pump.journal.halt("the disk is full")
    with pytest.raises(ValueError, match="the disk is full"):
        pump.ask(Kind.SUSPEND)
    delivered = motor.moved[Way.PATIENT] - moved
    assert 0 < delivered < BOLUS
    delivering.life.clock.sleep(MINUTE)
    assert motor.moved[Way.PATIENT] - moved == delivered


@pytest.mark.parametrize("kind", [Kind.SUSPEND, Kind.CANCEL_BOLUS, Kind.DISCONNECT])
def test_a_stop_half_way_through_a_stroke_is_no_fault(delivering: Delivering, kind: Kind) -> None:
    pump, motor = delivering.pump, delivering.life.motor
    pump.ask(Kind.BOLUS, amount=BOLUS)
    pump.run(20 * SECOND)
    release = motor.strokes[-1]
    before = pump.state.confirmed
    assert pump.ask(kind).status is Status.ACCEPTED
    pump.advance()
    assert pump.strokes.under_way is None
    assert pump.state.faulted == 0
    assert 0 < pump.state.confirmed - before < release.amount
    assert pump.state.bolus_owed == 0
    delivering.check()
