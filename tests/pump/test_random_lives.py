"""Random lives of a pump: requests, motor faults, clocks and crashes in any order, by seed."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dosekernel import Limits
from dosekernel.errors import InputError
from dosekernel.kernel.records import DAY, HOUR
from dosekernel.pump import recovery
from dosekernel.pump.clocks import SimulatedClock
from dosekernel.pump.journal import Journal
from dosekernel.pump.motor import Fault
from dosekernel.pump.shell import Pump
from dosekernel.spec.reasons import Kind, Source

from .lives import MINUTE, SECOND, UNIT, Life, check_closed, set_up, whole

ACTIONS = 60
ASKED = (
    Kind.BOLUS,
    Kind.EXTENDED_BOLUS,
    Kind.CANCEL_BOLUS,
    Kind.SET_BASAL,
    Kind.TEMP_BASAL,
    Kind.CANCEL_TEMP_BASAL,
    Kind.SUSPEND,
    Kind.RESUME,
    Kind.RESUME,
    Kind.ACKNOWLEDGE,
    Kind.ACKNOWLEDGE,
    Kind.DISCONNECT,
    Kind.LOAD_RESERVOIR,
    Kind.PRIME,
    Kind.INSERT_SET,
    Kind.CONNECT,
    Kind.FILL_CANNULA,
)


class RandomLife:
    """A pump to which anything happens."""

    def __init__(self, path: Path, limits: Limits, seed: int) -> None:
        self.chance = random.Random(seed)
        self.life = Life(path, limits)
        self.pump: Pump = self.life.begin()
        set_up(self.life, self.pump)

    def live(self) -> None:
        """So many actions, each followed by a while of any length."""
        actions: tuple[Callable[[], object], ...] = (
            self.ask,
            self.ask,
            self.ask,
            self.break_motor,
            self.set_wall,
            self.crash,
            self.reading,
            self.adopt,
            self.controller,
        )
        for _ in range(ACTIONS):
            self.chance.choice(actions)()
            self.pump.run(self.chance.choice((SECOND, 10 * SECOND, MINUTE, 5 * MINUTE)))

    def ask(self) -> None:
        chance = self.chance
        self.life.ask(
            self.pump,
            chance.choice(ASKED),
            amount=chance.choice((300_000, UNIT, 3 * UNIT, 100 * UNIT)),
            rate=chance.choice((0, UNIT, 4 * UNIT)),
            duration=chance.choice((30 * MINUTE, 2 * HOUR)),
            code=chance.randrange(1, 9),
        )

    def break_motor(self) -> None:
        self.life.motor.next_fault = self.chance.choice(tuple(Fault))

    def set_wall(self) -> None:
        self.life.clock.set_wall(self.life.clock.wall + self.chance.choice((-DAY, HOUR, 9 * DAY)))

    def crash(self) -> None:
        """The program dies; now and then the machine was off as well."""
        self.pump.journal.close()
        off = self.chance.choice((0, 0, 3 * SECOND, 20 * MINUTE, 9 * HOUR))
        if self.chance.random() < 0.5:
            self.life.clock.sleep(off)
        else:
            boot = f"boot {self.chance.random()}"
            self.life.clock = SimulatedClock(self.life.clock.wall + off, 5, boot)
            # The motor's clock is the pump's: a stroke of the old boot is over.
            self.life.motor.stop(self.pump.strokes.started)
        found = self.life.resume()
        self.pump = found.pump

    def reading(self) -> None:
        value = self.chance.choice((50, 110, 250, 400))
        self.pump.report(Kind.GLUCOSE, issued_at=self.pump.now(), glucose=value)

    def adopt(self) -> None:
        cap = self.chance.choice((5, 10, 17)) * UNIT
        try:
            self.pump.adopt(replace(self.pump.limits, bolus_max=cap))
        except InputError as error:
            assert "the old ones stay" in str(error)

    def controller(self) -> None:
        self.pump.ask(Kind.BOLUS, source=Source.CONTROLLER, amount=UNIT)

    def check(self) -> None:
        """All that must be true at any time."""
        self.pump.close()
        check_closed(self.life)


def lived(folder: Path, limits: Limits, seeds: range) -> None:
    for seed in seeds:
        life = RandomLife(folder / f"journal-{seed}", limits, seed)
        try:
            life.live()
            life.check()
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error


def test_random_lives(tmp_path: Path, limits: Limits) -> None:
    lived(tmp_path, limits, range(8))


@pytest.mark.slow
def test_many_random_lives(tmp_path: Path, limits: Limits) -> None:
    lived(tmp_path, limits, range(100, 180))


def test_a_start_without_a_tick_delivers_nothing(tmp_path: Path, limits: Limits) -> None:
    life = RandomLife(tmp_path / "journal", limits, 1)
    life.pump.ask(Kind.BOLUS, amount=UNIT)
    life.pump.journal.close()
    strokes = len(life.life.motor.strokes)
    journal = Journal.open(life.life.path)
    found = recovery.resumed(journal, life.life.clock, life.life.motor, None, tick=False)
    assert len(life.life.motor.strokes) == strokes
    assert found.pump.ask(Kind.CANCEL_BOLUS).not_given == UNIT
    found.pump.close()
    assert len(life.life.motor.strokes) == strokes
    whole(life.life.path)
