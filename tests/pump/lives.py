"""A pump's scripted hour, and what must be true of it however and whenever it was cut short."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import apsw

from dosekernel import Event, Limits, Outcome
from dosekernel.errors import InputError
from dosekernel.pump import recovery
from dosekernel.pump.bodies import packed, unpacked
from dosekernel.pump.clocks import SimulatedClock
from dosekernel.pump.journal import Entry, Journal, What
from dosekernel.pump.motor import Release, SimulatedMotor
from dosekernel.pump.retrace import REPORTS, Retrace
from dosekernel.pump.shell import Pump
from dosekernel.spec.reasons import Kind, Source, Status
from dosekernel.spec.reasons import Path as Way

# Journals of tests are in memory where that is possible: a disk's syncs take long.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
UNIT = 1_000_000
SECOND = 1000
MINUTE = 60 * SECOND
WALL = 1_790_000_000_000
SETTLING = (Kind.CONFIRM, Kind.UNCERTAIN)


@dataclass
class Life:
    """A pump's surroundings: they outlive the program."""

    path: Path
    limits: Limits
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(WALL))
    motor: SimulatedMotor = field(init=False)
    shown: list[tuple[int, Outcome]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.motor = SimulatedMotor(self.limits.pulse, self.limits.delivery_speed)

    def ask(self, pump: Pump, kind: Kind, **fields: int) -> Outcome:
        """Ask, and remember what a person was shown."""
        outcome = pump.ask(kind, source=Source.USER, issued_at=None, **fields)
        self.shown.append((pump.last_id, outcome))
        return outcome

    def begin(self, vfs: str | None = None) -> Pump:
        """A new pump."""
        return recovery.begin(self.path, self.limits, self.clock, self.motor, vfs=vfs)

    def resume(self, vfs: str | None = None) -> recovery.Found:
        """The pump again, in another program."""
        return recovery.resume(self.path, self.clock, self.motor, vfs=vfs)


def set_up(life: Life, pump: Pump) -> None:
    """From an empty pump to 1 U/h."""
    life.ask(pump, Kind.LOAD_RESERVOIR, amount=200 * UNIT)
    life.ask(pump, Kind.PRIME, amount=UNIT)
    pump.run(MINUTE)
    life.ask(pump, Kind.INSERT_SET, code=1)
    life.ask(pump, Kind.CONNECT)
    life.ask(pump, Kind.FILL_CANNULA, amount=300_000)
    pump.run(MINUTE)
    life.ask(pump, Kind.SET_BASAL, rate=UNIT)


def at_work(path: Path, limits: Limits) -> tuple[Life, Pump]:
    """A pump that was set up and has settled, and its surroundings."""
    life = Life(path, limits)
    pump = life.begin()
    set_up(life, pump)
    pump.run(2 * MINUTE)
    pump.settle()
    return life, pump


def hour(life: Life, pump: Pump) -> None:
    """Everything that a pump does in an hour, and some of it at bad moments."""
    set_up(life, pump)
    life.ask(pump, Kind.BOLUS, amount=2 * UNIT)
    pump.run(4 * SECOND)
    pump.set("programme", "weekday")
    pump.run(2 * MINUTE)
    life.ask(pump, Kind.TEMP_BASAL, rate=2 * UNIT, duration=30 * MINUTE)
    life.ask(pump, Kind.BOLUS, amount=60 * UNIT)  # refused: over the cap
    life.ask(pump, Kind.BOLUS, amount=3 * UNIT)
    pump.run(5 * SECOND)
    life.ask(pump, Kind.SUSPEND)
    pump.run(10 * MINUTE)
    life.ask(pump, Kind.RESUME)
    pump.report(Kind.GLUCOSE, issued_at=pump.now(), glucose=120)
    life.ask(pump, Kind.EXTENDED_BOLUS, amount=UNIT, duration=30 * MINUTE)
    pump.run(4 * MINUTE)
    pump.settle()
    pump.adopt(replace(life.limits, bolus_max=10 * UNIT))
    pump.keep_state()
    pump.run(4 * MINUTE)
    life.ask(pump, Kind.CANCEL_BOLUS)
    life.ask(pump, Kind.DISCONNECT)
    life.ask(pump, Kind.LOAD_RESERVOIR, amount=150 * UNIT)
    life.ask(pump, Kind.PRIME, amount=UNIT)
    pump.run(MINUTE)
    life.ask(pump, Kind.INSERT_SET, code=2)
    pump.note(What.SITE, {"site": 2})
    life.ask(pump, Kind.CONNECT)
    life.ask(pump, Kind.FILL_CANNULA, amount=300_000)
    pump.run(2 * MINUTE)
    life.ask(pump, Kind.BOLUS, amount=UNIT)
    pump.run(2 * MINUTE)
    pump.report(Kind.FAULT, code=1)
    life.ask(pump, Kind.ACKNOWLEDGE)
    life.ask(pump, Kind.RESUME)
    pump.run(2 * MINUTE)
    pump.close()


def cut(pump: Pump | None) -> None:
    """End a program without its goodbyes."""
    if pump is not None:
        quietly(pump.journal.close)


def quietly(close: Callable[[], None]) -> None:
    """Close on a disk that may be dead."""
    try:
        close()
    except (apsw.Error, InputError):
        return


def whole(path: Path) -> tuple[list[Entry], Retrace]:
    """Every entry, checked and gone through again from the first on."""
    with closing(Journal.open(path)) as journal:
        trace = Retrace(str(path))
        entries = list(journal.chained())
        for entry in entries:
            trace.take(entry)
        short, _ = recovery.traced(journal)
    assert trace.kernel is not None
    assert short.kernel is not None
    assert short.kernel.state == trace.kernel.state
    assert (short.last_id, short.settings) == (trace.last_id, trace.settings)
    assert short.pending == trace.pending
    return entries, trace


def decided(entries: list[Entry]) -> Iterator[tuple[Event, Outcome]]:
    """Each event that was answered, with its answer."""
    asked: Event | None = None
    for entry in entries:
        if entry.kind is What.EVENT:
            asked = Event.from_words(unpacked(entry.body))
        elif entry.kind is What.OUTCOME:
            assert asked is not None
            yield asked, Outcome.from_words(unpacked(entry.body))
            asked = None
        elif entry.kind is What.LOST:
            asked = None


def check_strokes(strokes: list[Release], entries: list[Entry]) -> None:
    """The motor was started for what the journal released, and once for each release."""
    released = {
        outcome.sequence: (outcome.pulses, outcome.amount, outcome.path)
        for _, outcome in decided(entries)
        if outcome.pulses
    }
    started = [stroke.sequence for stroke in strokes]
    assert len(set(started)) == len(started), "a release was started twice"
    for stroke in strokes:
        assert released[stroke.sequence] == (stroke.pulses, stroke.amount, stroke.path)


def check_motor(life: Life, entries: list[Entry], confirmed: int, committed: int) -> None:
    """What flowed is in the books, and what the books call confirmed has flowed."""
    check_strokes(life.motor.strokes, entries)
    assert life.motor.moved[Way.PATIENT] <= committed, "more flowed than is in the books"
    assert confirmed <= sum(life.motor.moved.values()), "more was confirmed than flowed"


def check_shown(life: Life, entries: list[Entry]) -> None:
    """What a person was shown is in the journal, word for word."""
    answers = {event.id: answer for event, answer in decided(entries) if event.kind not in REPORTS}
    for id, outcome in life.shown:
        assert packed(answers[id].words) == packed(outcome.words), f"request {id} was forgotten"


def check_books(life: Life) -> tuple[list[Entry], Retrace]:
    """A journal is sound, holds all that was shown, and agrees with what flowed."""
    entries, trace = whole(life.path)
    check_shown(life, entries)
    assert trace.kernel is not None
    state = trace.kernel.inspect()
    check_motor(life, entries, state.confirmed, state.committed)
    return entries, trace


def check_closed(life: Life) -> list[Entry]:
    """So are the books of a pump that was left properly, and no release is open."""
    entries, trace = check_books(life)
    assert trace.kernel is not None
    assert trace.kernel.inspect().outstanding == 0
    return entries


@dataclass(frozen=True)
class UnderWay:
    """What a program left undone."""

    pending: Entry | None
    release: int

    @classmethod
    def of(cls, trace: Retrace) -> "UnderWay":
        """What is undone at the end of a journal."""
        assert trace.kernel is not None
        settling = trace.pending is not None and trace.pending.code in SETTLING
        state = trace.kernel.inspect()
        return cls(trace.pending, 0 if settling else state.outstanding)

    def check(self, sentences: list[str]) -> None:
        """All of it was told."""
        told = " ".join(sentences)
        pending = self.pending
        if pending is not None and pending.kind is What.LIMITS:
            assert "LIMITS was asked for as the pump ended. It was lost" in told
        elif pending is not None and pending.code != Kind.TICK:
            name = Kind(pending.code).name
            lost = f"{name} was asked for as the pump ended. It was lost" in told
            assert lost != (f"{name} was under way when the pump ended" in told)
        assert not self.release or "counts as given" in told


def check_after(life: Life, under_way: UnderWay, told: list[str]) -> None:
    """A life that was cut: resumed, lived on for ten minutes, checked."""
    before, _ = whole(life.path)
    found = life.resume()
    under_way.check(told + found.sentences)
    pump = found.pump
    assert pump.last is not None
    assert pump.last.status is Status.ACCEPTED
    assert pump.kernel.inspect().outstanding in (0, pump.last.amount)
    life.ask(pump, Kind.BOLUS, amount=UNIT)
    pump.run(10 * MINUTE)
    life.ask(pump, Kind.SUSPEND)
    pump.close()
    assert check_closed(life)[: len(before)] == before


def check_cut(life: Life) -> UnderWay:
    """The journal as it was left is sound; returns what was under way."""
    return UnderWay.of(check_books(life)[1])
