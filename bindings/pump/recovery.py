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
from dosekernel.kernel.records import RELEASE_PRIME
from dosekernel.spec import reasons
from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Reason

from .. import Event, Kernel, Outcome
from ..quantities import in_units
from .bodies import Session, limits_body, unpacked
from .clocks import Clock, Elapsed, Instant, elapsed_since
from .errors import JournalError
from .journal import Entry, Journal, What
from .motor import Motor, Release
from .retrace import Retrace
from .shell import STOPS, Pump

# Facts about what was done already, and stops: to be told again is safe, to be forgotten is not.
TOLD_AGAIN = (Kind.CONFIRM, Kind.UNCERTAIN, Kind.FAULT, *STOPS)
# Kernel time of a new pump: room for requests that were issued a little earlier.
FIRST = 3_600_000
HEADLESS = (
    "The file beside the journal that knows its newest entry is missing or damaged: "
    "nobody can tell whether entries are missing at the end."
)


@dataclass
class Found:
    """A pump that goes on, and what a person should know about how it came to that."""

    pump: Pump
    elapsed: Elapsed
    sentences: list[str] = field(default_factory=list)

    def tell(self, sentence: str) -> None:
        """A sentence, into the history before what it tells is done: better twice than never."""
        if sentence not in self.sentences:
            self.pump.notice(sentence)
            self.sentences.append(sentence)

    def volume(self, amount: int) -> str:
        """A volume for a sentence."""
        return f"{in_units(amount)} {self.pump.limits.unit}"


def begin(
    path: Path,
    limits: Limits,
    clock: Clock,
    motor: Motor,
    about: Mapping[str, object] = MappingProxyType({}),
    vfs: str | None = None,
) -> Pump:
    """A new pump with a new journal: not ready, basal 0; `about` goes into its first entry."""
    kernel = Kernel(limits, FIRST)
    journal = Journal.create(path, vfs)
    try:
        pump = Pump(journal, kernel, clock, motor)
        pump.limits = limits
        pump.note(What.BEGIN, {"dosekernel": dosekernel.__version__, **about})
        pump.begin_session(FIRST)
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


def resumed(
    journal: Journal, clock: Clock, motor: Motor, vouched: int | None, tick: bool = True
) -> Found:
    """The pump of an open journal; without `tick` it delivers nothing before it is advanced."""
    trace, kept = traced(journal)
    if trace.kernel is None or trace.limits is None or trace.newest is None:
        raise JournalError(f"{journal.path}: the pump never began; make a new journal")
    pump = Pump(journal, trace.kernel, clock, motor)
    pump.limits = trace.limits
    pump.remember(trace.settings)
    pump.last_id, pump.last = trace.last_id, trace.last
    elapsed = elapsed_since(instant_of(trace.newest, trace.session), clock.now(), vouched)
    at = max(trace.newest.at, pump.state.now) + elapsed.counted
    found = Found(pump, elapsed, list(trace.untold))
    # Whatever the motor is still about belongs to the pump that ended: that it counts is enough.
    pump.strokes.stand_still(at)
    pump.begin_session(at)
    if journal.headless:
        found.tell(HEADLESS)
    if trace.pending is not None:
        settle_pending(found, trace.pending)
    settle_release(found)
    if elapsed.doubted:
        found.tell(
            f"The clock says that the pump was off for {minutes(elapsed.claimed)}; "
            f"{minutes(elapsed.counted)} of it count until you say so."
        )
    if tick:
        tell_owed(found)
        pump.tick()
    pump.kept = kept
    return found


def traced(journal: Journal) -> tuple[Retrace, int]:
    """What a journal says, from its last kept state on, and which entry that is (0: none).

    Each of them is checked against the one before it, and the kept state as well. Entries before
    it are not looked at: that takes longer than a person waits, and is what `verify` is for.
    """
    trace = Retrace(str(journal.path))
    kept = journal.last(What.STATE)
    after = 0
    if kept is not None:
        after = kept.seq
        trace.start_from(journal.sound(after))
    for entry in journal.chained(after):
        trace.take(entry)
    return trace, after


def instant_of(newest: Entry, session: Session | None) -> Instant:
    """When an entry was written, on both clocks."""
    if session is None:
        return Instant(newest.wall, 0, "")
    return Instant(newest.wall, session.forward + newest.at - session.at, session.boot)


def settle_pending(found: Found, pending: Entry) -> None:
    """Deal with what was asked last and never answered, and say what became of it."""
    name = "LIMITS"
    if pending.kind is What.EVENT:
        event = Event.from_words(unpacked(pending.body))
        name = str(getattr(event.kind, "name", event.kind))
        if event.kind in TOLD_AGAIN:
            found.tell(f"{name} was under way when the pump ended, and was carried out now.")
            tell_cancelled(found, event)
            found.pump.decide(event)
            return
        if event.kind is Kind.TICK:
            found.pump.write(What.LOST, b"")
            return
    found.tell(f"{name} was asked for as the pump ended. It was lost: nothing was done for it.")
    found.pump.write(What.LOST, b"")


def settle_release(found: Found) -> None:
    """A release that was under way counts as given."""
    pump = found.pump
    state = pump.state
    if not state.outstanding:
        return
    path = reasons.Path.AIR if state.outstanding_class == RELEASE_PRIME else reasons.Path.PATIENT
    pulses = state.outstanding // state.limits.pulse
    pump.strokes.forget(Release(state.sequence, pulses, state.outstanding, path))
    found.tell(
        f"Release {state.sequence} of {found.volume(state.outstanding)} was under way when the "
        "pump ended. It counts as given; nobody knows whether it was."
    )
    event = Event(Kind.UNCERTAIN, id=state.sequence, at=pump.now())
    tell_cancelled(found, event)
    pump.submit(event)


def tell_cancelled(found: Found, event: Event) -> Outcome:
    """What an event will cancel: asked of a copy of the kernel, and told before it is done."""
    outcome = Kernel.from_state(None, found.pump.kernel.state).step(event)
    if outcome.not_given:
        found.tell(
            f"{found.volume(outcome.not_given)} of what was accepted before the pump ended "
            "will not be given any more."
        )
    return outcome


def tell_owed(found: Found) -> None:
    """What of a bolus goes on, and what does not: a person must not have to guess."""
    state = found.pump.state
    owed = state.bolus_owed + state.extended_amount - state.extended_given
    owed += state.fill_owed + state.prime_owed
    owed -= tell_cancelled(found, Event(Kind.TICK, at=found.pump.now())).not_given
    if owed > 0:
        found.tell(
            f"{found.volume(owed)} of what was accepted before the pump ended "
            "are still to be given, and go on now."
        )


def minutes(duration: int) -> str:
    """A duration for a sentence."""
    whole = duration // 60_000
    return f"{whole // 60} h {whole % 60} min" if whole >= 60 else f"{whole} min"
