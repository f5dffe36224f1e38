"""A pump that lives while a command waits: what happens is told as it happens."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from dosekernel.kernel.records import MINUTE
from dosekernel.spec.reasons import ALARM_SENTENCES, Alarm, Mode

from .. import words
from ..clocks import SimulatedClock
from ..therapy.wall import local

if TYPE_CHECKING:
    from .frame import Session

# Whoever waits hears how far it is this often.
TOLD_EVERY = 1.0
CHUNK = 10 * MINUTE  # of simulated time between two looks at the clock


class Narrator:
    """Lets time pass, and tells what happens."""

    def __init__(self, session: "Session") -> None:
        """Tells what happens from now on."""
        self.session = session
        self.pump = session.pump
        self._alarms = self._true()
        self._told = time.monotonic()

    def pass_time(self, duration: int) -> None:
        """Live for so long."""
        until = self.pump.now() + duration
        self._live(lambda: self.pump.now() >= until, until)

    def until_given(self) -> None:
        """Live until nothing more of a bolus, a fill or a prime is going to be given."""
        self._live(self._given, None)

    def for_ever(self, speed: int) -> None:
        """Live until interrupted; a simulated pump lives `speed` seconds in each."""
        while True:
            if isinstance(self.pump.clock, SimulatedClock):
                time.sleep(1)
                self.pump.run(speed * words.SECOND)
            else:
                self.pump.run(words.SECOND)
            self._tell(None)

    def tell(self) -> None:
        """What happened since the last look, for who lets time pass in another way."""
        self._tell(None)

    def _live(self, done: Callable[[], bool], until: int | None) -> None:
        simulated = isinstance(self.pump.clock, SimulatedClock)
        while not done():
            chunk = CHUNK if simulated and until is not None else words.SECOND
            left = chunk if until is None else until - self.pump.now()
            self.pump.run(min(chunk, left))
            self._tell(until)
        self.pump.settle()
        self._tell(None)

    def _given(self) -> bool:
        """True once nothing is owed, or the mode keeps what is owed from being given."""
        last = self.pump.last
        if last is None or last.mode not in (Mode.DELIVERING, Mode.NOT_READY, Mode.DISCONNECTED):
            return True
        return not last.owed and not self.pump.state.outstanding

    def _true(self) -> Alarm:
        return Alarm(0) if self.pump.last is None else self.pump.last.alarms

    def _tell(self, until: int | None) -> None:
        """Notices, alarms that came on, and now and then how far it is."""
        self.session.tell_notices()
        now = self._true()
        for alarm in now & ~self._alarms:
            stamp = f"{local(self.pump):%H:%M:%S}"
            self.session.note(f"{stamp} ALARM {alarm.name}: {ALARM_SENTENCES[alarm]}")
        self._alarms = now
        due = time.monotonic() - self._told >= TOLD_EVERY
        if until is not None and due and sys.stderr.isatty():
            self._told = time.monotonic()
            left = max(0, until - self.pump.now())
            print(f"pump: {words.span(left)} to go", end="\r", file=sys.stderr, flush=True)
