"""The motor's strokes: each release is started once, and settled once by what the motor reports.

A report is believed only about the release that is under way. One that does not come, or that the
kernel cannot take, leaves the release uncertain: it counts as given. One that comes later changes
nothing, but for volume beyond what was released, which is a fault and is booked.
"""

from typing import TYPE_CHECKING

from dosekernel.kernel.records import MINUTE
from dosekernel.spec.reasons import Cause, Kind, Status

from .. import Event, Outcome
from ..quantities import in_units
from .errors import MotorError
from .motor import Release, Report

if TYPE_CHECKING:
    from .shell import Pump

# A release whose report does not come is given up this long after the kernel's own alarm.
PATIENCE = MINUTE
# A motor reports once for each stroke; a driver that never ends must not hold up the pump.
REPORTS_AT_ONCE = 8
REMEMBERED = 64  # settled releases: what is told of older ones can only be told


class Strokes:
    """What a pump's motor was told to do, and what became of it."""

    def __init__(self, pump: "Pump") -> None:
        self._pump = pump
        self.under_way: Release | None = None
        self.started = 0
        self._booked: dict[int, int] = {}  # of the last settled releases, what the books hold
        self._broken = ""

    def start(self, outcome: Outcome, at: int) -> None:
        """The only place from which the motor is started: with what the kernel has released."""
        release = Release(outcome.sequence, outcome.pulses, outcome.amount, outcome.path)
        self.under_way, self.started = release, at
        try:
            self._pump.motor.start(release, at)
        except MotorError as error:
            self._broken = str(error)
            self.hear(at)

    def stand_still(self, at: int) -> None:
        """Stop the motor now; a motor that cannot is a fault, told when it is heard next."""
        try:
            self._pump.motor.stop(at)
        except MotorError as error:
            self._broken = str(error)

    def forget(self, release: Release, reported: int = 0) -> None:
        """It is settled, at what was released or at what was reported beyond that."""
        self._booked[release.sequence] = max(release.amount, reported)
        if len(self._booked) > REMEMBERED:
            del self._booked[min(self._booked)]

    def hear(self, at: int) -> None:
        """The motor's reports, as the kernel needs them; none for too long is one as well."""
        for _ in range(REPORTS_AT_ONCE):
            report = self._report(at)
            if report is None:
                break
            self._take(report, at)
        if self._broken:
            self._fail(at)
        elif self.under_way is not None and at > self.started + self._patience():
            self.stand_still(at)
            report = self._report(at) or Report(self.under_way.sequence, None)
            self._take(report, at)

    def _patience(self) -> int:
        return self._pump.limits.confirm_max + PATIENCE

    def _report(self, at: int) -> Report | None:
        try:
            return self._pump.motor.poll(at)
        except MotorError as error:
            self._broken = str(error)
            return None

    def _fail(self, at: int) -> None:
        """The motor's driver failed: a fault, and nobody knows what it delivered."""
        why, self._broken = self._broken, ""
        self._pump.notice(f"The motor failed: {why}. Delivery has stopped.")
        self._pump.submit(Event(Kind.FAULT, at=at, code=Cause.MOTOR))
        if self.under_way is not None:
            self._give_up(self.under_way, at)

    def _take(self, report: Report, at: int) -> None:
        release = self.under_way
        if release is not None and report.sequence == release.sequence:
            self._settle(release, report, at)
        elif 1 <= report.sequence <= self._pump.state.sequence:
            self._take_late(report, at)
        else:
            self._pump.notice(
                f"The motor reported release {report.sequence}, which was not under way. "
                "Delivery has stopped: what it does is not what it was told."
            )
            self._fault(report.cause or Cause.MOTOR, report.excess, at)

    def _settle(self, release: Release, report: Report, at: int) -> None:
        """A fault first, since it is a stop; then what became of the release."""
        if report.cause is not None or report.excess:
            self._fault(report.cause or Cause.OVERFLOW, report.excess, at)
        if report.amount is None:
            self._give_up(release, at)
            return
        confirm = Event(Kind.CONFIRM, id=report.sequence, at=at, amount=report.amount)
        if self._pump.submit(confirm).status is Status.ACCEPTED:
            self.under_way = None
            self.forget(release, report.amount)
            return
        self._pump.notice(
            f"The motor's report on release {report.sequence} makes no sense ({report.amount})."
        )
        self._give_up(release, at)

    def _give_up(self, release: Release, at: int) -> None:
        self._pump.submit(Event(Kind.UNCERTAIN, id=release.sequence, at=at))
        self.under_way = None
        self.forget(release)

    def _take_late(self, report: Report, at: int) -> None:
        """A second or a late report: the release was settled, and stays so."""
        delivered = "unknown" if report.amount is None else in_units(report.amount)
        self._pump.notice(
            f"The motor reported release {report.sequence} again or late (delivered: {delivered}). "
            "It was settled before, and stays so."
        )
        beyond = report.excess
        booked = self._booked.get(report.sequence)
        if booked is not None and report.amount is not None and report.amount > booked:
            beyond += report.amount - booked
            self._booked[report.sequence] = report.amount
        if report.cause is not None or beyond:
            self._fault(report.cause or Cause.OVERFLOW, beyond, at)

    def _fault(self, cause: Cause, excess: int, at: int) -> None:
        self._pump.submit(Event(Kind.FAULT, at=at, amount=excess, code=cause))
