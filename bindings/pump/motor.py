"""The motor, as the shell knows it: it is given a release, and some time later it reports.

`SimulatedMotor` obeys, and with a `Fault` for its next stroke fails as motors do.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from dosekernel.kernel.records import HOUR
from dosekernel.spec.reasons import Cause, Path

from .errors import MotorError


@dataclass(frozen=True)
class Release:
    """What the kernel let go: whole pulses, once, under the number that its report must carry."""

    sequence: int
    pulses: int
    amount: int  # micro-units
    path: Path


@dataclass(frozen=True)
class Report:
    """What became of a release: `amount` in micro-units, None if the motor cannot say.

    With a `cause` the motor also failed; `excess` is what is known to have flowed on its own.
    """

    sequence: int
    amount: int | None
    cause: Cause | None = None
    excess: int = 0


class Motor(Protocol):
    """What moves the plunger. Times are the kernel's, in milliseconds.

    Each method may raise `MotorError`: then the pump stops with a fault, and what was under way
    counts as delivered.
    """

    def start(self, release: Release, at: int) -> None:
        """Begin to deliver; returns at once. Called only when nothing else is under way."""

    def poll(self, at: int) -> Report | None:
        """The oldest report that was not taken yet; None if there is none."""

    def stop(self, at: int) -> None:
        """Stand still at once; the report of what was delivered so far comes by `poll`."""


class Fault(Enum):
    """How a stroke of a simulated motor may go wrong."""

    STALL = "stands still half-way, and says so"
    OCCLUSION = "meets resistance half-way, and says so"
    SKIP = "loses one pulse, and says so"
    OVER_DELIVERY = "gives one pulse too many, and says so"
    LATE = "delivers everything, and says so very late"
    SILENT = "delivers everything, and never says so"
    DEAD = "delivers nothing, and never says so"


@dataclass
class Stroke:
    """A release under way."""

    release: Release
    begun: int
    ends: int
    fault: Fault | None
    stopped: bool = False


LATE_BY = HOUR


class SimulatedMotor:
    """A motor that moves at one speed; `moved` is what really left it, by where it went."""

    def __init__(self, pulse: int, speed: int) -> None:
        """`pulse` in micro-units, `speed` in micro-units per hour."""
        self.pulse = pulse
        self.speed = speed
        self.next_fault: Fault | None = None
        self.moved: dict[Path, int] = {Path.PATIENT: 0, Path.AIR: 0}
        self.strokes: list[Release] = []
        self._stroke: Stroke | None = None
        self._reports: list[tuple[int, Report]] = []  # when each can be had, and what it says

    def start(self, release: Release, at: int) -> None:
        """Begin a stroke."""
        self._move_on(at)
        if self._stroke is not None:
            raise MotorError(f"motor: release {self._stroke.release.sequence} is still under way")
        takes = release.amount * HOUR // self.speed
        fault, self.next_fault = self.next_fault, None
        self.strokes.append(release)
        self._stroke = Stroke(release, at, at + takes, fault)

    def stop(self, at: int) -> None:
        """Stand still."""
        self._move_on(at)
        if self._stroke is not None:
            self._stroke.stopped = True
            self._move_on(at)

    def poll(self, at: int) -> Report | None:
        """The next report that has come."""
        self._move_on(at)
        for index, (when, report) in enumerate(self._reports):
            if when <= at:
                del self._reports[index]
                return report
        return None

    def _move_on(self, at: int) -> None:
        """The end of the stroke, if it has come."""
        stroke = self._stroke
        if stroke is None or not (stroke.stopped or at >= stroke.ends):
            return
        self._stroke = None
        delivered = self._delivered(stroke, at)
        self.moved[stroke.release.path] += delivered
        if stroke.fault in (Fault.SILENT, Fault.DEAD):
            return
        causes = {Fault.STALL: Cause.MOTOR, Fault.OCCLUSION: Cause.OCCLUSION}
        cause = causes.get(stroke.fault) if stroke.fault else None
        when = min(at, stroke.ends) + (LATE_BY if stroke.fault is Fault.LATE else 0)
        self._reports.append((when, Report(stroke.release.sequence, delivered, cause)))

    def _delivered(self, stroke: Stroke, at: int) -> int:
        """How much really left by now, in whole pulses."""
        pulses = stroke.release.pulses
        pulse = stroke.release.amount // pulses  # limits with another pulse may have been adopted
        if stroke.stopped:
            pulses = pulses * (at - stroke.begun) // max(1, stroke.ends - stroke.begun)
        if stroke.fault in (Fault.STALL, Fault.OCCLUSION):
            pulses = min(pulses, stroke.release.pulses // 2)
        elif stroke.fault is Fault.SKIP:
            pulses = max(0, pulses - 1)
        elif stroke.fault is Fault.OVER_DELIVERY and not stroke.stopped:
            pulses += 1
        elif stroke.fault is Fault.DEAD:
            pulses = 0
        return pulses * pulse
