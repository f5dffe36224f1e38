"""What the model remembers of a pump, how time passes over it, and how it is stopped."""

import copy
from dataclasses import dataclass, field, replace
from fractions import Fraction

from dosekernel.kernel import records as k

from .history import History


@dataclass(frozen=True)
class Extended:
    """An extended bolus: what it is in all, over how long, and how far it has come."""

    amount: int
    duration: int
    elapsed: int = 0
    given: int = 0

    @property
    def left(self) -> int:
        """What is still to be released."""
        return self.amount - self.given

    def due(self, pulse: int) -> int:
        """What should have left by now and has not, in whole pulses."""
        whole = self.amount * self.elapsed // self.duration // pulse * pulse
        if self.elapsed == self.duration:
            whole = self.amount
        return max(whole - self.given, 0)


@dataclass(frozen=True)
class Release:
    """Volume handed to the motor that waits for its report."""

    sequence: int
    amount: int
    purpose: int
    at: int
    bolus: int
    ends: bool
    stopped: bool = False


@dataclass
class Pump:
    """Everything that the rules refer to; times are the kernel's, None is what never happened."""

    limits: k.Limits
    now: int
    history: History = field(default_factory=History)
    last: tuple[int, ...] | None = None
    last_id: int = 0
    basal_rate: int = 0
    temporary: tuple[int, int] | None = None  # rate, end
    metered: Fraction = Fraction(0)
    bolus_owed: int = 0
    bolus_ended: int | None = None
    extended: Extended | None = None
    fill_owed: int = 0
    prime_owed: int = 0
    reservoir: int = 0
    reservoir_at: int | None = None
    loaded: bool = False
    primed: bool = False
    prime_fresh: bool = False
    prime_used: int = 0
    inserted: bool = False
    set_at: int | None = None
    filled: bool = False
    fill_used: int = 0
    connected: bool = False
    suspended_at: int | None = None
    faulted: bool = False
    latched: bool = False
    fault: tuple[int, int, int] | None = None
    fault_starts: tuple[int, ...] = ()
    gap: bool = False
    outstanding: Release | None = None
    released_at: int = 0
    sequence: int = 0
    uncertain: bool = False
    committed: int = 0
    confirmed: int = 0
    readings: tuple[tuple[int, int], ...] = ()  # time, value
    low_since: int | None = None
    low_ended: int | None = None

    def twin(self) -> "Pump":
        """A copy to age and judge on; it shares the history, which only a real event extends."""
        return copy.copy(self)

    # ---- what is owed

    @property
    def body_owed(self) -> int:
        """All that is owed to the patient."""
        left = self.extended.left if self.extended else 0
        return self.bolus_owed + left + self.fill_owed

    @property
    def owed(self) -> int:
        """All that is owed, to the patient and to the air."""
        return self.body_owed + self.prime_owed

    def cancel_body(self) -> int:
        """Forget what is owed to the patient; returns how much that was."""
        lost = self.body_owed
        if self.bolus_owed > 0 or self.extended:
            self.bolus_ended = self.now
        self.bolus_owed = self.fill_owed = 0
        self.extended = None
        return lost

    def cancel(self) -> int:
        """Forget all that is owed; returns how much that was."""
        lost = self.cancel_body() + self.prime_owed
        self.prime_owed = 0
        return lost

    # ---- rates

    @property
    def rate(self) -> int:
        """The rate in force, whether or not it can be delivered."""
        return self.temporary[0] if self.temporary else self.basal_rate

    @property
    def committed_rate(self) -> int:
        """The highest rate for which room is kept."""
        temporary = self.temporary[0] if self.temporary else 0
        return max(self.basal_rate, temporary, self.limits.basal_reserve)

    @property
    def backlog(self) -> Fraction:
        """The most basal that may wait."""
        return self.limits.pulse + Fraction(self.limits.basal_max * self.limits.gap_max, k.HOUR)

    def end_raised_temporary(self) -> None:
        """A temporary rate above the programmed one ends; a lower one goes on."""
        if self.temporary and self.temporary[0] > self.basal_rate:
            self.temporary = None

    # ---- modes

    def body_mode(self) -> int:
        """The first thing that keeps delivery from the body, a missing cannula fill apart."""
        limits = self.limits
        unprimed = limits.prime_max > 0 and not self.primed
        worn = self.set_at is not None and self.now - self.set_at >= limits.set_expiry > 0
        obstacles = (
            (self.faulted or self.latched, k.MODE_FAULTED),
            (not self.loaded or unprimed or not self.inserted, k.MODE_NOT_READY),
            (not self.connected, k.MODE_DISCONNECTED),
            (worn, k.MODE_EXPIRED),
            (self.reservoir < limits.pulse, k.MODE_EMPTY),
            (self.suspended_at is not None, k.MODE_SUSPENDED),
            (self.low_since is not None, k.MODE_LOW_SUSPENDED),
        )
        return next((mode for applies, mode in obstacles if applies), k.MODE_DELIVERING)

    def mode(self) -> int:
        """What the pump is doing."""
        mode = self.body_mode()
        if mode == k.MODE_DELIVERING and self.limits.cannula_fill > 0 and not self.filled:
            return k.MODE_NOT_READY
        return mode

    def settle_mode(self) -> int:
        """A pump that cannot deliver owes the body nothing; returns what was cancelled."""
        if self.body_mode() == k.MODE_DELIVERING:
            return 0
        self.metered = Fraction(0)
        return self.cancel_body()

    # ---- time

    def age(self, at: int) -> int:
        """Let time pass until `at`; returns what was cancelled on the way."""
        limits, elapsed = self.limits, at - self.now
        if self.mode() == k.MODE_DELIVERING:
            self.metered = min(self.metered + self.programme(at), self.backlog)
        if self.extended and self.bolus_owed == 0:
            run = min(self.extended.elapsed + elapsed, self.extended.duration)
            self.extended = replace(self.extended, elapsed=run)
        self.now = at
        if self.temporary and self.temporary[1] <= at:
            self.temporary = None
        lost = 0
        if elapsed > limits.gap_max:
            self.gap = True
            lost += self.cancel()
            self.end_raised_temporary()
        if self.low_since is not None and at - self.low_since >= limits.glucose_suspend_max:
            self.low_since, self.low_ended = None, at
        return lost + self.settle_mode()

    def programme(self, at: int) -> Fraction:
        """What the rates in force ask for until `at`, of the last `gap_max` at most."""
        start = max(self.now, at - self.limits.gap_max)
        if not self.temporary:
            return Fraction(self.basal_rate * (at - start), k.HOUR)
        rate, end = self.temporary
        turn = min(max(end, start), at)
        return Fraction(rate * (turn - start) + self.basal_rate * (at - turn), k.HOUR)

    # ---- glucose

    def low(self) -> bool:
        """The last reading is low or, with the one before it, foretells a low."""
        if self.limits.glucose_low == 0 or not self.readings:
            return False
        at, value = self.readings[-1]
        if value <= self.limits.glucose_low:
            return True
        if len(self.readings) < 2:
            return False
        before_at, before = self.readings[-2]
        apart = at - before_at
        if not k.READINGS_NEAREST <= apart <= k.READINGS_FARTHEST or value >= before:
            return False
        expected = value + Fraction((value - before) * self.limits.glucose_predict, apart)
        return expected <= self.limits.glucose_low

    # ---- stops and faults

    def stop(self) -> int:
        """Every stop ends all that is owed and is remembered by a release that waits."""
        if self.outstanding:
            self.outstanding = replace(self.outstanding, stopped=True)
        return self.cancel()

    def suspend(self) -> int:
        """Suspension: no basal, no temporary rate above the programmed one."""
        if self.suspended_at is None:
            self.suspended_at = self.now
        self.end_raised_temporary()
        self.metered = Fraction(0)
        return self.stop()

    def begin_fault(self, identity: tuple[int, int, int]) -> int:
        """A fault stops everything; the third within ten minutes that starts afresh latches."""
        if not self.faulted:
            recent = [at for at in self.fault_starts if self.now - at <= k.FAULT_SPAN]
            self.fault_starts = (*self.fault_starts, self.now)
            if len(recent) >= 2:
                self.latched = True
        self.faulted = True
        self.fault = identity
        return self.suspend()

    def book_excess(self, amount: int, in_body: bool) -> None:
        """Volume that flowed beyond what was released: out of the reservoir, into body or air."""
        self.reservoir = max(self.reservoir - amount, 0)
        if in_body and amount > 0:
            self.history.book(self.now, amount)
            self.committed += amount
