"""The pump: the one way by which events reach the kernel and releases reach the motor.

It holds no dosing rule. Whatever happens goes through `Pump.submit`: the event is in the journal
before the kernel sees it, the outcome before the motor moves, the motor's report before the next
event. A failure to write stops the motor and the pump for good; the journal is opened again, and
`recovery` sorts out what was under way.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Protocol

from dosekernel.kernel.records import AHEAD_MAX, MINUTE, State
from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Reason, Source, Status

from .. import Event, Kernel, Outcome
from .._native import EVENT_FIELDS
from ..errors import LimitsRefusedError
from .bodies import Kept, Session, as_json, limits_body, packed
from .clocks import Clock
from .errors import HaltedError
from .journal import Journal, What
from .motor import Motor
from .retrace import shell_part
from .strokes import Strokes

# The kernel keeps time by ticks: this often while nothing is owed, and while something is.
IDLE_TICK = MINUTE
BUSY_TICK = MINUTE // 20
# A state is kept in the journal after so many entries, so that a start need not replay more.
STATE_EVERY = 1000
# How often a motor is asked while nothing else is to be done.
POLL = 100
# What makes the motor stand still at once.
STOPS = (Kind.SUSPEND, Kind.CANCEL_BOLUS, Kind.DISCONNECT, Kind.FAULT)
DAMAGED = "the kernel's memory was damaged"


class Companion(Protocol):
    """What goes along with a pump: a basal programme, reminders, a sensor, a controller."""

    def follow(self, pump: "Pump", at: int) -> None:
        """Time has come to `at`: ask, report or remind what is due."""


class Pump:
    """A pump in use: `advance` it whenever time has passed, `ask` it what a person asks.

    Its parts are public to be looked at; only these methods change them.
    """

    def __init__(self, journal: Journal, kernel: Kernel, clock: Clock, motor: Motor) -> None:
        """Use `recovery.begin` or `recovery.resume`."""
        self.journal = journal
        self.kernel = kernel
        self._inspected: State | None = None
        state = self.state
        self.clock = clock
        self.motor = motor
        self.limits = Limits.from_record(state.limits)
        self.settings: dict[str, Any] = {}  # to be looked at; `set` changes them
        self._recorded: dict[str, Any] = {}  # the same as the journal has them, whatever happens
        self.companions: list[Companion] = []
        self.last: Outcome | None = None  # the newest outcome: what a display reads
        self.last_id = 0
        self.strokes = Strokes(self)
        self._session = Session(0, "", state.now)
        self._ticked = state.now
        self.kept = journal.seq  # the newest entry that a start need not go behind
        self._origin = clock.now().forward
        self._base = state.now

    @property
    def state(self) -> State:
        """The kernel's state with its fields by name, to look at; cheap until something happens."""
        if self._inspected is None:
            self._inspected = self.kernel.inspect()
        return self._inspected

    # ---- time -----------------------------------------------------------------------------

    def now(self) -> int:
        """Kernel time: it goes on with the forward clock, whatever the clock on the wall does."""
        return self._base + max(0, self.clock.now().forward - self._origin)

    def begin_session(self, at: int) -> None:
        """Kernel time is `at` now: write down how the clocks stand as this program begins."""
        now = self.clock.now()
        self._origin, self._base = now.forward, at
        self._session = Session(now.forward, now.boot, at)
        self.note(What.SESSION, self._session.body())

    def advance(self) -> None:
        """Do what is due: hear the motor, tick, let the companions follow."""
        at = self.now()
        self.strokes.hear(at)
        if at >= self._ticked + self.beat():
            self.tick()
        for companion in self.companions:
            companion.follow(self, at)

    def beat(self) -> int:
        """How long the pump may go without a tick: less while something is owed or under way."""
        idle = min(IDLE_TICK, self.limits.gap_max, self.limits.confirm_max)
        owed = self.last is not None and self.last.owed > 0
        return min(BUSY_TICK, idle) if owed or self.strokes.under_way is not None else idle

    def tick(self) -> Outcome:
        """Tell the kernel the time."""
        return self.submit(Event(Kind.TICK, at=self.now()))

    def run(self, duration: int) -> None:
        """Live for a time, as the clock has it."""
        until = self.now() + duration
        while (left := until - self.now()) > 0:
            self.clock.sleep(min(left, self._next()))
            self.advance()

    def settle(self) -> None:
        """Wait for the report of the release under way."""
        while self.strokes.under_way is not None:
            self.clock.sleep(POLL)
            self.strokes.hear(self.now())

    def _next(self) -> int:
        """How long nothing is due."""
        if self.strokes.under_way is not None:
            return POLL
        return max(1, self._ticked + self.beat() - self.now())

    # ---- the one way in ---------------------------------------------------------------------

    def submit(self, event: Event) -> Outcome:
        """Journal an event, have the kernel decide it, journal the outcome, then move the motor.

        No event is from the future: one that claims to be is stamped with the pump's own time.
        """
        now = self.now()
        if event.at > now:
            event = stamped(event, now)
        if event.kind in STOPS:
            self.strokes.stand_still(event.at)
        # The kernel's clock takes no longer step; a machine may have slept for longer.
        while event.at - self._ticked > AHEAD_MAX:
            tick = self._submit(Event(Kind.TICK, at=self._ticked + AHEAD_MAX))
            if tick.status is not Status.ACCEPTED:
                break
        return self._submit(event)

    def _submit(self, event: Event) -> Outcome:
        self.write(What.EVENT, packed(event.words), code=int(event.kind))
        return self.decide(event)

    def decide(self, event: Event) -> Outcome:
        """The second half of `submit`, for an event that is in the journal."""
        self._inspected = None
        outcome = self.kernel.step(event)
        if outcome.status is Status.CORRUPT:
            raise self._damaged()
        self.write(What.OUTCOME, packed(outcome.words), code=int(outcome.status))
        self.last = outcome
        if outcome.status is Status.ACCEPTED:
            self._ticked = max(self._ticked, event.at)
        if outcome.pulses:
            self.strokes.start(outcome, event.at)
        if self.journal.seq - self.kept >= STATE_EVERY:
            self.keep_state()
        return outcome

    def _damaged(self) -> HaltedError:
        """Nothing can be decided any more; what the journal holds is sound."""
        self.strokes.stand_still(self.now())
        self.journal.halt(DAMAGED)
        return HaltedError(
            f"{self.journal.path}: {DAMAGED}; the pump has stopped; "
            "open the journal again to go on: it holds all that the kernel must know"
        )

    # ---- what may be said -----------------------------------------------------------------------

    def ask(
        self,
        kind: Kind,
        *,
        source: Source = Source.USER,
        issued_at: int | None = None,
        **fields: int,
    ) -> Outcome:
        """A request, now, under the next id; `fields`: amount, rate, duration, code."""
        self.last_id += 1
        at = self.now()
        if kind in STOPS:
            # Heard afterwards: cut short before the kernel knows of the stop, it would be a fault.
            self.strokes.stand_still(at)
        else:
            self.strokes.hear(at)
        issued = at if issued_at is None else issued_at
        event = Event(kind, id=self.last_id, at=at, issued_at=issued, source=source, **fields)
        return self.submit(event)

    def report(self, kind: Kind, *, issued_at: int | None = None, **fields: int) -> Outcome:
        """A report, which has no id: a sensor's reading, a fault that the pump noticed."""
        return self.submit(Event(kind, at=self.now(), issued_at=issued_at, **fields))

    def preview(self, kind: Kind, *, source: Source = Source.USER, **fields: int) -> Outcome:
        """What the answer would be now; nothing is asked and nothing is changed."""
        copy = Kernel.from_state(None, self.kernel.state)
        return copy.step(Event(kind, id=self.last_id + 1, at=self.now(), source=source, **fields))

    def adopt(self, limits: Limits) -> None:
        """Other limits, as a whole; raises `LimitsRefusedError`, and then the old ones stay."""
        at = self.now()
        self.write(What.LIMITS, limits_body(limits, at))
        self._inspected = None
        try:
            self.kernel.adopt(limits, at)
        except LimitsRefusedError as error:
            if error.reason == Reason.CORRUPT_STATE:
                raise self._damaged() from error
            self.write(What.ADOPTED, b"", code=int(error.reason))
            raise
        self.write(What.ADOPTED, b"", code=int(Reason.NONE))
        self.limits = limits
        self._ticked = max(self._ticked, at)

    # ---- what the shell itself remembers ------------------------------------------------

    def remember(self, settings: Mapping[str, Any]) -> None:
        """The settings that the journal holds."""
        self._recorded = dict(settings)
        self.settings = deepcopy(self._recorded)

    def set(self, name: str, value: object) -> None:
        """Keep a setting of the shell: anything that JSON holds, a copy of it."""
        body = as_json({"name": name, "value": value})
        self.write(What.SETTING, body)
        self.settings[name] = json.loads(body)["value"]
        self._recorded[name] = json.loads(body)["value"]

    def notice(self, text: str) -> None:
        """Tell the user something, now and in the history."""
        self.note(What.NOTICE, {"text": text})

    def note(self, what: What, body: Mapping[str, object]) -> int:
        """Add an entry of the shell's own; returns its number."""
        return self.write(what, as_json(body))

    def write(self, what: What, body: bytes, code: int = 0) -> int:
        """Add an entry, stamped with both times; if that fails the motor stands still."""
        at = self.now()
        try:
            return self.journal.append(what, body, wall=self.clock.now().wall, at=at, code=code)
        except BaseException:
            self.strokes.stand_still(at)
            raise

    def keep_state(self) -> None:
        """Put all that the pump knows into the journal, so that a start need not replay all."""
        shell = shell_part(self.limits, self._recorded, self._session)
        kept = Kept(self.last_id, self.kernel.state, shell)
        self.kept = self.write(What.STATE, kept.body())

    def close(self) -> None:
        """Wait for the motor, keep the state, and leave the journal for another program."""
        try:
            if not self.journal.halted:
                self.settle()
                self.keep_state()
        finally:
            self.journal.close()


def stamped(event: Event, at: int) -> Event:
    """The same event at another time."""
    words = list(event.words)
    words[EVENT_FIELDS.index("at")] = at
    return Event.from_words(words)
