"""How a pump begins, and how it goes on after it ended, however it ended.

Nothing is given twice and nothing is forgotten: an event that the kernel never answered is lost
for good if it asked for something, and answered now if it was a report or a stop; a release whose
report never came is uncertain, and counts as given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import dosekernel
from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Reason

from .. import Event, Kernel
from .bodies import from_json, limits_body, unpacked
from .clocks import Clock, Elapsed, Instant, elapsed_since
from .errors import JournalError, TamperedError
from .journal import Entry, Journal, What
from .motor import Motor
from .retrace import Retrace
from .shell import STOPS, Pump

# Facts about what was done already, and stops: to be told again is safe, to be forgotten is not.
TOLD_AGAIN = (Kind.CONFIRM, Kind.UNCERTAIN, Kind.FAULT, *STOPS)
# Kernel time of a new pump: room for requests that were issued a little earlier.
FIRST = 3_600_000


@dataclass
class Found:
    """A pump that goes on, and what a person should know about how it came to that."""

    pump: Pump
    elapsed: Elapsed
    sentences: list[str] = field(default_factory=list)


def begin(
    path: Path,
    limits: Limits,
    clock: Clock,
    motor: Motor,
    about: Mapping[str, object] = MappingProxyType({}),
) -> Pump:
    """A new pump with a new journal: not ready, basal 0; `about` goes into its first entry."""
    kernel = Kernel(limits, FIRST)
    journal = Journal.create(path)
    pump = Pump(journal, kernel, clock, motor)
    pump.limits = limits
    try:
        pump.note(What.BEGIN, {"dosekernel": dosekernel.__version__, **about})
        note_session(pump)
        pump.write(What.LIMITS, limits_body(limits, FIRST))
        pump.write(What.ADOPTED, b"", code=int(Reason.NONE))
        pump.keep_state()
        pump.tick()
    except BaseException:
        journal.close()
        raise
    return pump


def resume(
    path: Path,
    clock: Clock,
    motor: Motor,
    vouched: int | None = None,
    vfs: str | None = None,
) -> Found:
    """The pump of a journal, as it was; `vouched`: how long it was off, if a person says so."""
    journal = Journal.open(path, vfs)
    try:
        return resumed(journal, clock, motor, vouched)
    except BaseException:
        journal.close()
        raise


def resumed(journal: Journal, clock: Clock, motor: Motor, vouched: int | None) -> Found:
    """The pump of an open journal."""
    trace = traced(journal)
    if trace.kernel is None or trace.limits is None or trace.newest is None:
        raise JournalError(f"{journal.path}: the pump never began; make a new journal")
    pump = Pump(journal, trace.kernel, clock, motor)
    pump.limits = trace.limits
    pump.settings = trace.settings
    pump.last_id, pump.last = trace.last_id, trace.last
    elapsed = elapsed_since(instant_of(trace.newest, trace.session), clock.now(), vouched)
    pump.set_time(max(trace.newest.at, trace.kernel.inspect().now) + elapsed.counted)
    found = Found(pump, elapsed)
    note_session(pump)
    # Whatever the motor is still about belongs to the pump that ended: that it counts is enough.
    motor.stop(pump.now())
    motor.poll(pump.now())
    if trace.pending is not None:
        found.sentences.append(answered(pump, trace.pending))
    release = pump.kernel.inspect()
    if release.outstanding:
        pump.submit(Event(Kind.UNCERTAIN, id=release.sequence, at=pump.now()))
        found.sentences.append(
            f"Release {release.sequence} was under way when the pump ended. "
            "It counts as given; nobody knows whether it was."
        )
    if elapsed.doubted:
        found.sentences.append(
            f"The clock says that the pump was off for {minutes(elapsed.claimed)}; "
            f"{minutes(elapsed.counted)} of it count until you say so."
        )
    for sentence in found.sentences:
        pump.notice(sentence)
    pump.tick()
    return found


def traced(journal: Journal) -> Retrace:
    """What a journal says, from its last kept state on; each entry from there is checked."""
    trace = Retrace(str(journal.path))
    kept = journal.last(What.STATE)
    after = 0
    if kept is not None:
        limits = [each for each in adopted(journal) if each.seq < kept.seq]
        if not limits:
            raise TamperedError(f"{journal.path}: no limits before entry {kept.seq}")
        trace.start_from(kept, limits[-1])
        trace.session = last_before(journal, What.SESSION, kept.seq)
        trace.newest = kept
        after = kept.seq
        for setting in journal.rare(What.SETTING):
            if setting.seq < after:
                trace.take(setting)
        trace.newest = kept
    for entry in journal.chained(after):
        trace.take(entry)
    return trace


def adopted(journal: Journal) -> list[Entry]:
    """The entries of all limits that were adopted."""
    answers = {entry.seq: entry.code for entry in journal.rare(What.ADOPTED)}
    return [each for each in journal.rare(What.LIMITS) if answers.get(each.seq + 1) == 0]


def last_before(journal: Journal, kind: What, seq: int) -> Entry | None:
    """The newest entry of a kind before another."""
    found = [each for each in journal.rare(kind) if each.seq < seq]
    return found[-1] if found else None


def note_session(pump: Pump) -> None:
    """Write down how the clocks stand as this program begins."""
    now = pump.clock.now()
    pump.note(What.SESSION, {"forward": now.forward, "boot": now.boot, "at": pump.now()})


def instant_of(newest: Entry, session: Entry | None) -> Instant:
    """When an entry was written, on both clocks."""
    if session is None:
        return Instant(newest.wall, 0, "")
    found = from_json(session.body)
    forward = found["forward"] + newest.at - found["at"]
    return Instant(newest.wall, forward, found["boot"])


def answered(pump: Pump, pending: Entry) -> str:
    """Deal with what was asked last and never answered; says what became of it."""
    if pending.kind is What.EVENT:
        event = Event.from_words(unpacked(pending.body))
        name = str(getattr(event.kind, "name", event.kind))
        if event.kind in TOLD_AGAIN:
            pump.decide(event)
            return f"{name} was under way when the pump ended, and was carried out now."
    else:
        name = "LIMITS"
    pump.write(What.LOST, b"")
    return f"{name} was asked for as the pump ended. It was lost: nothing was done for it."


def minutes(duration: int) -> str:
    """A duration for a sentence."""
    whole = duration // 60_000
    return f"{whole // 60} h {whole % 60} min" if whole >= 60 else f"{whole} min"
