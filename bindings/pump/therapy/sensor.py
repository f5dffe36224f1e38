"""A glucose sensor as the shell knows it, one that fails as sensors do, and its companion."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from dosekernel.kernel.records import DAY, MINUTE
from dosekernel.spec.reasons import Kind

from ..shell import Pump

INTERVAL = 5 * MINUTE


@dataclass(frozen=True)
class Reading:
    """A figure in mg/dL and when it was measured, by the kernel's time.

    What is below 20 is an error code, as sensors send it; the kernel refuses it.
    """

    glucose: int
    measured_at: int


class Sensor(Protocol):
    """What gives readings."""

    def read(self, at: int) -> list[Reading]:
        """What has arrived since it was asked last, in the order of arrival."""


@dataclass(frozen=True)
class Habits:
    """How often a simulated sensor does what, as chances for each interval of five minutes.

    The noise wanders: each reading keeps `memory` of the error before it.
    """

    noise: float = 6.0  # mg/dL, the size of its error
    memory: float = 0.7
    drop_out: float = 0.01  # begins; lasts `longest` intervals at most
    compression: float = 0.004  # begins: someone lies on the sensor
    longest: int = 9
    depth: float = 0.45  # of the true figure, that a compression takes away
    duplicate: float = 0.02
    late: float = 0.03  # by up to `latest` intervals
    latest: int = 3
    error: float = 0.01


PERFECT = Habits(0.0, 0.0, 0.0, 0.0, 1, 0.0, 0.0, 0.0, 1, 0.0)
ERROR_CODES = (0, 1, 2, 3, 5, 6, 9, 10, 12)
# What a sensor shows at all.
LOWEST, HIGHEST = 40, 400


@dataclass
class SimulatedSensor:
    """Reads a true figure every five minutes, as well as its habits let it; same seed, same faults.

    `true` gives mg/dL at a moment of kernel time.
    """

    true: Callable[[int], float]
    seed: int
    habits: Habits = field(default_factory=Habits)

    def __post_init__(self) -> None:
        """Nothing was read yet."""
        self._random = Random(self.seed)
        self._next = -1
        self._error = 0.0
        self._silent = 0
        self._pressed = 0
        self._press_length = 1
        self._waiting: list[tuple[int, Reading]] = []

    def read(self, at: int) -> list[Reading]:
        """What has arrived by `at`; it measures from the first call on."""
        first = -(-at // INTERVAL) * INTERVAL if self._next < 0 else self._next
        while first <= at:
            self._measure(first)
            first += INTERVAL
        self._next = first
        arrived = [each for each in self._waiting if each[0] <= at]
        self._waiting = [each for each in self._waiting if each[0] > at]
        return [reading for _, reading in sorted(arrived, key=lambda each: each[0])]

    def _measure(self, at: int) -> None:
        """One interval: what is measured, and when it arrives."""
        habits, chance = self.habits, self._random.random
        self._error = self._error * habits.memory + self._random.gauss(0, 1) * habits.noise * (
            math.sqrt(1 - habits.memory**2)
        )
        if self._silent == 0 and chance() < habits.drop_out:
            self._silent = self._random.randint(1, habits.longest)
        if self._pressed == 0 and chance() < habits.compression:
            self._press_length = self._pressed = self._random.randint(3, max(3, habits.longest))
        figure = self.true(at) * (1 - self._pressure()) + self._error
        wrong, twice, late = chance() < habits.error, chance(), chance()
        if self._silent:
            self._silent -= 1
            return
        glucose = min(HIGHEST, max(LOWEST, round(figure)))
        reading = Reading(self._random.choice(ERROR_CODES) if wrong else glucose, at)
        delay = self._random.randint(1, habits.latest) if late < habits.late else 0
        self._waiting.append((at + delay * INTERVAL, reading))
        if twice < habits.duplicate:
            self._waiting.append((at + delay * INTERVAL, reading))

    def _pressure(self) -> float:
        """The part that a compression takes away: it comes and goes within its time."""
        if self._pressed == 0:
            return 0.0
        through = (self._press_length - self._pressed + 1) / (self._press_length + 1)
        self._pressed -= 1
        return self.habits.depth * math.sin(math.pi * through)


def daily_wave(at: int) -> float:
    """A day's true glucose for demonstrations: three meals, and a dip in the night."""
    hours = at % DAY / (DAY / 24)
    meals = sum(70 * math.exp(-(((hours - meal) / 1.2) ** 2)) for meal in (8.5, 13.5, 20.0))
    return 112 + meals - 35 * math.exp(-(((hours - 3.5) / 1.0) ** 2))


class SensorFollower:
    """The companion that reports readings, and says once when they stop."""

    def __init__(self, sensor: Sensor) -> None:
        """`sensor` is asked at every step of the pump."""
        self.sensor = sensor
        self._lost = False

    def follow(self, pump: Pump, at: int) -> None:
        """Report what has arrived; whatever it is, the kernel judges it."""
        for reading in self.sensor.read(at):
            pump.report(Kind.GLUCOSE, glucose=reading.glucose, issued_at=reading.measured_at)
        self._tell_loss(pump, at)

    def _tell_loss(self, pump: Pump, at: int) -> None:
        measured = pump.state.glucose_at
        lost = measured >= 0 and at - measured > pump.limits.glucose_stale
        if lost and not self._lost:
            pump.notice(
                f"No glucose reading for {(at - measured) // MINUTE} minutes. "
                "Delivery goes on as programmed; measure yourself."
            )
        self._lost = lost
