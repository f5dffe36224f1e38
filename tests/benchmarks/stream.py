"""What a pump sees in two days: the events of the benchmark, each decided once while it is made."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from dosekernel import Event, Kernel, Kind, Limits, Outcome, Source

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
TICK_EVERY = 30 * SECOND
READING_EVERY = 5 * MINUTE
SEED = 20

Call = tuple[str, dict[str, object]]


@dataclass
class Stream:
    """A pump that is ready to deliver, and all that is asked of it, as events and as calls."""

    state: bytes
    events: list[Event] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


def ready_pump() -> Kernel:
    """A pump with a filled set, at 1.2 U/h."""
    kernel = Kernel(Limits.load("insulin-u100"))
    kernel.load_reservoir(id=1, at=0, amount=Decimal(250))
    kernel.prime(id=2, at=0, amount=Decimal(1))
    at = _deliver(kernel, 0)
    kernel.insert_set(id=3, at=at, site=1)
    kernel.connect(id=4, at=at)
    kernel.fill_cannula(id=5, at=at, amount=Decimal("0.3"))
    at = _deliver(kernel, at)
    kernel.set_basal(id=6, at=at, rate=Decimal("1.2"))
    return kernel


def _deliver(kernel: Kernel, at: int) -> int:
    while True:
        at += TICK_EVERY
        outcome = kernel.tick(at=at)
        if outcome.pulses:
            kernel.confirm(sequence=outcome.sequence, amount=outcome.amount, at=at)
        if not outcome.owed:
            return at


class Day:
    """A person, a sensor and a controller in front of the kernel, always the same from one seed."""

    def __init__(self, kernel: Kernel, seed: int) -> None:
        """Begin with the kernel as it is."""
        self.kernel = kernel
        self.random = random.Random(seed)
        self.stream = Stream(kernel.state)
        self.at = kernel.inspect().now
        self.id = kernel.inspect().last.id

    def ask(self, name: str, kind: Kind, **fields: int) -> Outcome:
        """One call and the event that it stands for."""
        event = Event(kind, at=self.at, **fields)
        outcome = self.kernel.step(event)
        call: dict[str, object] = dict(fields, at=self.at)
        if kind is Kind.CONFIRM:
            call["sequence"] = call.pop("id")
        self.stream.events.append(event)
        self.stream.calls.append((name, call))
        self.stream.outcomes.append(outcome)
        return outcome

    def request(self, name: str, kind: Kind, **fields: int) -> Outcome:
        """One call with the next id."""
        self.id += 1
        return self.ask(name, kind, id=self.id, **fields)

    def tick(self) -> None:
        """Time passes; what is released is delivered and reported."""
        outcome = self.ask("tick", Kind.TICK)
        if outcome.pulses:
            self.ask("confirm", Kind.CONFIRM, id=outcome.sequence, amount=outcome.amount)

    def reading(self, hour: float) -> None:
        """A sensor's reading, and what a controller makes of it."""
        wave = 45 * math.sin(hour * 1.3) + 20 * math.sin(hour * 3.7)
        glucose = int(132 + wave + self.random.uniform(-3, 3))
        self.ask("glucose", Kind.GLUCOSE, glucose=glucose)
        rate = max(0, (glucose - 80) * 25_000)
        by = int(Source.CONTROLLER)
        lasting = 30 * MINUTE
        self.request("temp_basal", Kind.TEMP_BASAL, rate=rate, duration=lasting, source=by)
        if glucose > 170:
            self.request("bolus", Kind.BOLUS, amount=200_000, source=by)

    def meal(self) -> None:
        """A bolus too large, one that is taken, its repetition, an old id, and a dual wave."""
        self.request("bolus", Kind.BOLUS, amount=40_000_000)
        amount = 50_000 * self.random.randrange(40, 140)
        self.request("bolus", Kind.BOLUS, amount=amount)
        self.ask("bolus", Kind.BOLUS, id=self.id, amount=amount)
        self.ask("bolus", Kind.BOLUS, id=self.id - 1, amount=amount)
        for spread in (17_000_000, amount):
            self.request("extended_bolus", Kind.EXTENDED_BOLUS, amount=spread, duration=2 * HOUR)

    def refused(self) -> None:
        """What a pump must refuse: no whole pulse, a stale request, another's right, a bad rate."""
        self.request("bolus", Kind.BOLUS, amount=123_456)
        late = self.at - HOUR
        self.request("bolus", Kind.BOLUS, amount=100_000, issued_at=max(late, 0))
        self.request("set_basal", Kind.SET_BASAL, rate=1_000_000, source=int(Source.REMOTE))
        self.request("set_basal", Kind.SET_BASAL, rate=60_000_000)
        self.request("resume", Kind.RESUME)

    def pause(self) -> None:
        """A shower: suspended, and then resumed."""
        self.request("suspend", Kind.SUSPEND)

    def back(self) -> None:
        """After the shower."""
        self.request("resume", Kind.RESUME)


def make_stream(hours: float, seed: int = SEED) -> Stream:
    """So many hours: a tick every 30 s, a reading every 5 min, meals, refusals and a shower."""
    day = Day(ready_pump(), seed)
    meals = {int(hour * HOUR) for hour in _each(hours, 24, (0.2, 7.0, 12.5, 16.0, 19.0, 22.5))}
    start = day.at
    at_minute: dict[int, Callable[[], None]] = {}
    for hour in _each(hours, 24, (0.7, 9.0)):
        at_minute[int(hour * 60)] = day.pause
        at_minute[int(hour * 60) + 12] = day.back
    for hour in _each(hours, 1, (0.55,)):
        at_minute.setdefault(int(hour * 60), day.refused)
    for passed in range(TICK_EVERY, int(hours * HOUR) + 1, TICK_EVERY):
        day.at = start + passed
        if passed % READING_EVERY == 0:
            day.reading(passed / HOUR)
        if passed in meals:
            day.meal()
        if passed % MINUTE == 0 and passed // MINUTE in at_minute:
            at_minute[passed // MINUTE]()
        day.tick()
    return day.stream


def make_ticks(count: int) -> Stream:
    """Nothing but ticks: the pump is idle, its basal rate 0."""
    kernel = ready_pump()
    at = kernel.inspect().now
    kernel.set_basal(id=7, at=at, rate=0)
    for _ in range(200):
        at += TICK_EVERY
        outcome = kernel.tick(at=at)
        if outcome.pulses:
            kernel.confirm(sequence=outcome.sequence, amount=outcome.amount, at=at)
    stream = Stream(kernel.state)
    for _ in range(count):
        at += TICK_EVERY
        event = Event(Kind.TICK, at=at)
        stream.events.append(event)
        stream.calls.append(("tick", {"at": at}))
        stream.outcomes.append(kernel.step(event))
    return stream


def _each(hours: float, every: int, moments: tuple[float, ...]) -> list[float]:
    spans = range(math.ceil(hours / every))
    return [span * every + moment for span in spans for moment in moments]
