"""A simple controller, as an example of a client of the kernel: predict, then adjust.

At each reading it looks at the last quarter of an hour:

    trend       the slope through the readings of the last 15 minutes, at most 3 mg/dL a minute
    ahead       glucose, and if it falls what 40 minutes of that trend take away
    acting      insulin on board beyond what the programme alone keeps there, by the kernel's bound
    needed      (ahead - target) / (what a unit lowers x caution), less what is acting

- `ahead` below `stop_below`: a temporary rate of 0 for 30 minutes.
- `ahead` below the target: less than the programme, in proportion.
- insulin needed and glucose above the target: the rate that gives it in 30 minutes above the
  programme, at most `rate_times` the programme; from `correct_above` on half of what is needed
  as a small bolus, at most one in 15 minutes.
- else the programme.

A rise is not carried on into the future: mostly it is a meal whose bolus is on its way, and insulin
for both was what brought lows hours later. Its own caps are the limits' `controller_...`; it keeps
to them, and the kernel holds it to them. It has no model of meals: people announce them by their
boluses.

The figures of `Person` were tuned on ten virtual people of each age and three seeds of an
ordinary day (5, 11, 12); `gentle` is for children, to whom small boluses brought more lows than
they were worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dosekernel.kernel.records import ACTION_SLOT, HOUR, MINUTE, SLOTS, WHOLE
from dosekernel.spec.limits import Limits
from dosekernel.spec.quantity import MICRO
from dosekernel.spec.reasons import Kind, Source

from ... import Kernel, Outcome

if TYPE_CHECKING:  # a simulation needs no journal
    from ..shell import Pump

LOOK_BACK = 15 * MINUTE
LOOK_AHEAD = 40  # minutes
STEEPEST = 3.0  # mg/dL a minute
LASTS = 30 * MINUTE
BOLUS_APART = 15 * MINUTE
FRESH = 6 * MINUTE


@dataclass(frozen=True)
class Person:
    """What the controller is told of a person."""

    lowered: float  # mg/dL that a unit lowers
    target: float = 130.0
    stop_below: float = 100.0
    correct_above: float = 170.0
    rate_times: float = 2.5
    caution: float = 1.5

    @classmethod
    def gentle(cls, lowered: float) -> "Person":
        """For a child: corrections by the rate alone below 250 mg/dL, and smaller ones."""
        return cls(lowered, correct_above=250.0, rate_times=2.0)


@dataclass(frozen=True)
class Seen:
    """What it looks at, all in kernel units; `readings` are (time, mg/dL), the newest last."""

    at: int
    readings: tuple[tuple[int, int], ...]
    on_board: int
    owed: int
    programmed: int
    temporary: int | None  # a running temporary rate
    limits: Limits


@dataclass(frozen=True)
class Wish:
    """One request that it would make."""

    kind: Kind
    amount: int = 0
    rate: int = 0
    duration: int = 0


class Asked(Protocol):
    """Whoever passes a request on to the kernel."""

    def ask(
        self,
        kind: Kind,
        *,
        source: Source,
        amount: int = 0,
        rate: int = 0,
        duration: int = 0,
    ) -> Outcome:
        """The kernel's answer."""


class Controller:
    """Decides at each new reading what to ask for; asks nothing itself."""

    def __init__(self, person: Person) -> None:
        """Nothing was seen yet."""
        self.person = person
        self._readings: list[tuple[int, int]] = []
        self._last_bolus = -BOLUS_APART

    def hear(self, measured_at: int, glucose: int) -> bool:
        """Take a reading; False if it is not newer than the last."""
        if self._readings and measured_at <= self._readings[-1][0]:
            return False
        self._readings.append((measured_at, glucose))
        del self._readings[:-8]
        return True

    def wishes(self, kernel: Kernel, outcome: Outcome, at: int, limits: Limits) -> list[Wish]:
        """What to ask for now."""
        state = kernel.inspect()
        temporary = state.temporary_rate if state.temporary_until > at else None
        seen = Seen(
            at,
            tuple(self._readings),
            outcome.on_board,
            outcome.owed,
            state.basal_rate,
            temporary,
            limits,
        )
        found = decide(self.person, seen, at - self._last_bolus >= BOLUS_APART)
        if any(each.kind is Kind.BOLUS for each in found):
            self._last_bolus = at
        return found


def trend(readings: Sequence[tuple[int, int]], at: int) -> float:
    """mg/dL a minute, by least squares through the last readings; 0 from fewer than three."""
    late = [(time / MINUTE, value) for time, value in readings if at - time <= LOOK_BACK]
    if len(late) < 3:
        return 0.0
    middle = sum(time for time, _ in late) / len(late)
    mean = sum(value for _, value in late) / len(late)
    spread = sum((time - middle) ** 2 for time, _ in late)
    slope = sum((time - middle) * (value - mean) for time, value in late) / spread
    return max(-STEEPEST, min(STEEPEST, slope))


def held_by_basal(rate: int, limits: Limits) -> int:
    """What a steady rate alone keeps on board, counted as the kernel counts its bound."""
    slot = rate * ACTION_SLOT // HOUR
    ages = (limits.action_remaining[0], *limits.action_remaining[: SLOTS - 1])
    return slot * sum(ages) // WHOLE


def decide(person: Person, seen: Seen, may_bolus: bool) -> list[Wish]:
    """The requests for what is seen: none, a rate, or a rate and a small bolus."""
    if not seen.readings or seen.at - seen.readings[-1][0] > FRESH:
        return []
    glucose = seen.readings[-1][1]
    ahead = glucose + min(0.0, trend(seen.readings, seen.at)) * LOOK_AHEAD
    acting = (seen.on_board + seen.owed - held_by_basal(seen.programmed, seen.limits)) / MICRO
    wanted = (ahead - person.target) / (person.lowered * person.caution)
    needed = wanted - max(0.0, acting)
    if ahead < person.stop_below:
        return _rate(seen, 0)
    if ahead < person.target:
        share = (ahead - person.stop_below) / (person.target - person.stop_below)
        return _rate(seen, int(seen.programmed * share))
    if needed <= 0 or glucose < person.target:
        return _rate(seen, seen.programmed)
    bolus = _bolus(person, seen, glucose, needed) if may_bolus else 0
    extra = (needed - bolus / MICRO) * MICRO * HOUR / LASTS
    most = min(seen.programmed * person.rate_times, seen.limits.controller_basal_max)
    rate = int(min(seen.programmed + extra, most))
    wishes = _rate(seen, max(rate, seen.programmed))
    return [*wishes, Wish(Kind.BOLUS, amount=bolus)] if bolus else wishes


def _bolus(person: Person, seen: Seen, glucose: int, needed: float) -> int:
    """A small correction in whole pulses, while glucose is high and nothing is being given."""
    if glucose < person.correct_above or seen.owed:
        return 0
    wanted = min(int(needed / 2 * MICRO), seen.limits.controller_bolus_max)
    return max(0, wanted) // seen.limits.pulse * seen.limits.pulse


def _rate(seen: Seen, rate: int) -> list[Wish]:
    """A temporary rate, anew at each reading so that a lost controller ends soon."""
    if rate == seen.programmed:
        return [] if seen.temporary is None else [Wish(Kind.CANCEL_TEMP_BASAL)]
    return [
        Wish(Kind.TEMP_BASAL, rate=rate, duration=min(LASTS, seen.limits.controller_duration_max))
    ]


class ControllerFollower:
    """The companion that lets a controller ask at each reading that the kernel has taken."""

    def __init__(self, controller: Controller) -> None:
        """One controller for one pump."""
        self.controller = controller

    def follow(self, pump: "Pump", at: int) -> None:
        """Ask what the controller wishes; a refusal is the kernel's word and needs no second."""
        state = pump.state
        if pump.last is None or state.glucose_at < 0:
            return
        if not self.controller.hear(state.glucose_at, state.glucose):
            return
        ask(pump, self.controller.wishes(pump.kernel, pump.last, at, pump.limits))


def ask(pump: Asked, wishes: Sequence[Wish]) -> list[Outcome]:
    """Pass wishes on, as a controller's."""
    return [
        pump.ask(
            wish.kind,
            source=Source.CONTROLLER,
            amount=wish.amount,
            rate=wish.rate,
            duration=wish.duration,
        )
        for wish in wishes
    ]
