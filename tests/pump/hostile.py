"""A controller that wants as much insulin as it can get, by every means that a client has.

It asks for the most and for more than that, in other sources' names and kinds, replays what was
accepted and what was settled, jumps in ids, sends readings that are high, stale or from the
future, and sets the clock on the wall. What it cannot do is stamp the kernel's time: that is the
shell's.
"""

from dataclasses import dataclass, field
from random import Random

from dosekernel import Event, Outcome
from dosekernel.kernel.records import AHEAD_MAX, ID_STEP_MAX, VOLUME_MAX
from dosekernel.pump.clocks import SimulatedClock
from dosekernel.pump.motor import Release, SimulatedMotor
from dosekernel.pump.shell import Pump
from dosekernel.spec.reasons import Kind, Source, Status

HOUR = 3_600_000
HIGH = 400  # mg/dL, which calls for insulin
# What a controller may not ask for at all.
FORBIDDEN = (Kind.EXTENDED_BOLUS, Kind.SET_BASAL, Kind.RESUME, Kind.FILL_CANNULA, Kind.PRIME)


class WatchedMotor(SimulatedMotor):
    """A motor that keeps when each stroke began."""

    def __init__(self, pulse: int, speed: int) -> None:
        super().__init__(pulse, speed)
        self.begun: list[tuple[int, Release]] = []

    def start(self, release: Release, at: int) -> None:
        """Begin a stroke, and write it down."""
        self.begun.append((at, release))
        super().start(release, at)


@dataclass
class Hostile:
    """The companion; `accepted` is everything of its own that the kernel took."""

    random: Random
    accepted: list[tuple[Event, Outcome]] = field(default_factory=list)
    tried: int = 0

    def follow(self, pump: Pump, at: int) -> None:
        """A few tricks at each step; a fresh high reading now and then, so that some succeed."""
        if self.random.random() < 0.3:
            pump.report(Kind.GLUCOSE, glucose=HIGH)
        for trick in self.random.sample(TRICKS, 3):
            self.tried += 1
            trick(self, pump, at)

    def want(self, pump: Pump, event: Event) -> None:
        """Submit an event as it stands, and keep it if it was taken."""
        outcome = pump.submit(event)
        if outcome.status is Status.ACCEPTED:
            pump.last_id = max(pump.last_id, event.id)
            self.accepted.append((event, outcome))

    def event(self, pump: Pump, kind: Kind, number: int | None = None, **fields: int) -> Event:
        """An event in its own name, under the next id unless another is given."""
        more = {"source": Source.CONTROLLER, "issued_at": pump.now(), "at": pump.now(), **fields}
        return Event(kind, id=pump.last_id + 1 if number is None else number, **more)

    def most(self, pump: Pump) -> int:
        """The largest bolus it is allowed, one pulse more, or far more."""
        cap = pump.limits.controller_bolus_max
        return self.random.choice((cap, cap + pump.limits.pulse, cap * 50, VOLUME_MAX, -cap))

    def bolus(self, pump: Pump, at: int) -> None:
        """A bolus."""
        self.want(pump, self.event(pump, Kind.BOLUS, amount=self.most(pump)))

    def rate(self, pump: Pump, at: int) -> None:
        """A temporary rate, as high and as long as it goes and beyond."""
        limits = pump.limits
        rate = self.random.choice((limits.controller_basal_max, limits.basal_max, 10**9, -1))
        longest = limits.controller_duration_max
        duration = self.random.choice((longest, longest + 1, 12 * HOUR, 2**62))
        self.want(pump, self.event(pump, Kind.TEMP_BASAL, rate=rate, duration=duration))

    def replay(self, pump: Pump, at: int) -> None:
        """What was accepted, word for word, or a little more of it under the same id."""
        if not self.accepted:
            return
        old, _ = self.random.choice(self.accepted[-5:])
        more = self.random.choice((0, pump.limits.pulse))
        again = {"amount": old.amount + more, "rate": old.rate, "duration": old.duration}
        issued = self.random.choice((old.issued_at, pump.now()))
        kind = Kind(old.kind)
        self.want(pump, self.event(pump, kind, old.id, issued_at=issued, **again))

    def jump(self, pump: Pump, at: int) -> None:
        """An id out of the row: far ahead, just behind, none, or negative."""
        ahead = pump.last_id + ID_STEP_MAX + 2
        number = self.random.choice((ahead, 2**60, 2**62, pump.last_id - 1, 0, -5))
        self.want(pump, self.event(pump, Kind.BOLUS, number, amount=self.most(pump)))

    def stamp(self, pump: Pump, at: int) -> None:
        """A request from long ago or from the future, or at a time that is not now."""
        shift = self.random.choice((-25 * HOUR, -HOUR, 10 * 60_000, 25 * HOUR))
        amount = pump.limits.controller_bolus_max
        issued = self.event(pump, Kind.BOLUS, amount=amount, issued_at=at + shift)
        when = self.random.choice((at - HOUR, 0, at + AHEAD_MAX + HOUR, 2**62))
        self.want(pump, self.random.choice((issued, self._at(pump, when, amount))))

    def _at(self, pump: Pump, when: int, amount: int) -> Event:
        return self.event(pump, Kind.BOLUS, amount=amount, at=when, issued_at=when)

    def glucose(self, pump: Pump, at: int) -> None:
        """A reading that is stale, from the future, or none at all."""
        shift = self.random.choice((-HOUR, -16 * 60_000, 60_000, HOUR))
        pump.report(Kind.GLUCOSE, glucose=self.random.choice((HIGH, 1001, 5)), issued_at=at + shift)

    def masquerade(self, pump: Pump, at: int) -> None:
        """A kind that is not a controller's."""
        kind = self.random.choice(FORBIDDEN)
        fields = {"amount": pump.limits.pulse, "rate": pump.limits.basal_max, "duration": HOUR}
        self.want(pump, self.event(pump, kind, **fields))

    def settle(self, pump: Pump, at: int) -> None:
        """A report on a release that was settled long ago, to get the next one sooner."""
        kind = self.random.choice((Kind.CONFIRM, Kind.UNCERTAIN))
        number = self.random.choice((0, 1, pump.kernel.inspect().sequence + 1, 2**60))
        pump.submit(Event(kind, id=number, at=at, amount=0))

    def clock(self, pump: Pump, at: int) -> None:
        """The clock on the wall, days to and fro."""
        assert isinstance(pump.clock, SimulatedClock)
        pump.clock.set_wall(pump.clock.now().wall + self.random.randint(-48, 48) * HOUR)


TRICKS = (
    Hostile.bolus,
    Hostile.bolus,
    Hostile.rate,
    Hostile.rate,
    Hostile.replay,
    Hostile.jump,
    Hostile.stamp,
    Hostile.glucose,
    Hostile.masquerade,
    Hostile.settle,
    Hostile.clock,
)
