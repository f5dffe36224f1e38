"""A pump with a person and a motor beside it, to play one incident after the other.

It keeps the clock and the request numbers, and asks the exact model about every outcome.
"""

from dosekernel import Event, Kernel, Limits, Outcome
from dosekernel.kernel import records as k
from dosekernel.spec.model import Model
from dosekernel.spec.model.guards import REPORTS


class Bedside:
    """One kernel, its limits, the time, and the last id that was asked."""

    def __init__(self, limits: Limits, at: int = 0, kernel: type[Kernel] = Kernel) -> None:
        self.limits = limits
        self.kernel = kernel(limits, at)
        self.model = Model(limits.to_record(), at)
        self.now = at
        self.id = 0

    def ask(self, kind: int, pause: int = 0, **fields: int) -> Outcome:
        """An event after a pause; requests and stops get the next id unless one is given."""
        self.now += pause
        words = {"at": self.now, "id": 0 if kind in REPORTS else self.id + 1, **fields}
        event = Event(kind, **words)
        outcome = self.kernel.step(event)
        self.model.observe(event, outcome)
        self.id = self.model.pump.last_id
        return outcome

    def tick(self, pause: int = 0) -> Outcome:
        """Time passes."""
        return self.ask(k.TICK, pause)

    def confirm(self, pause: int = 0, short: int = 0) -> Outcome:
        """The motor's report on the last release, short by some."""
        release = self.model.pump.outstanding
        amount = release.amount - short if release else 0
        return self.ask(k.CONFIRM, pause, id=self.model.pump.sequence, amount=amount)

    def run(self, duration: int, pause: int = 10_000) -> int:
        """Tick and confirm for so long; returns all that was released."""
        released, end = 0, self.now + duration
        while self.now < end:
            outcome = self.tick(min(pause, end - self.now))
            released += outcome.amount
            if outcome.amount:
                self.confirm()
        return released

    def run_out(self, pause: int = 10_000) -> int:
        """Tick and confirm until nothing is owed; returns all that was released."""
        released = self.run(pause, pause)
        while self.model.pump.owed:
            released += self.run(pause, pause)
        return released

    def set_up(self, rate: int = 0, amount: int = 0, site: int = 1) -> "Bedside":
        """Reservoir, prime, set, connection, fill and a basal rate; it delivers afterwards."""
        limits = self.limits
        if self.model.pump.connected:
            self.ask(k.DISCONNECT)
        self.ask(k.LOAD_RESERVOIR, amount=amount or limits.reservoir_capacity)
        if limits.prime_max:
            self.ask(k.PRIME, amount=20 * limits.pulse)
            self.run_out()
        self.ask(k.INSERT_SET, code=site)
        self.ask(k.CONNECT)
        if limits.cannula_fill:
            self.ask(k.FILL_CANNULA, amount=6 * limits.pulse)
            self.run_out()
        if rate:
            self.ask(k.SET_BASAL, rate=rate)
        if self.model.pump.mode() != k.MODE_DELIVERING:
            raise AssertionError(f"the pump was set up and is in mode {self.model.pump.mode()}")
        return self

    def highest(self, length: int) -> int:
        """The most that any true window of this length has held so far."""
        return self.model.pump.history.highest(length)
