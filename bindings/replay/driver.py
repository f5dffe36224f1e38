"""A pump around the kernel: one clock, one sequencer, and a simulated motor that always obeys.

The motor moves at the speed that the limits name and reports when it is done, so a release is
unconfirmed for as long as it would be on a pump.
"""

from dataclasses import dataclass

from dosekernel.kernel.records import HOUR, MINUTE
from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Mode, Path, Source, Status

from .. import Event, Kernel, Outcome

# The tubing and cannula of an Omnipod DASH hold about this much: its published prime and fill.
PRIME = 2_600_000
FIRST_SITE = 1
IDLE_TICK = MINUTE
# A motor that is busy with a bolus is asked this often.
BUSY_TICK = MINUTE // 3
# More ticks than any prime, fill or bolus takes: what is still owed after them never comes.
PATIENCE = 2000


@dataclass(frozen=True)
class Step:
    """One event and what the kernel made of it."""

    event: Event
    outcome: Outcome


@dataclass(frozen=True)
class Stroke:
    """A release on its way: the motor is done with it, and says so, at `done`."""

    sequence: int
    amount: int
    done: int


@dataclass
class Delivered:
    """What really left the pump, in micro-units, by what it was for."""

    basal: int = 0
    bolus: int = 0
    fill: int = 0
    prime: int = 0

    @property
    def therapy(self) -> int:
        """What the patient got: the fill stays in the cannula."""
        return self.basal + self.bolus


class SimulatedPump:
    """A pump that stamps ids and times, ticks, moves its motor and reports every release."""

    def __init__(self, limits: Limits, at: int = 0) -> None:
        """A fresh pump at time `at`; raises `LimitsRefused`."""
        self.limits = limits
        self.kernel = Kernel(limits, at)
        self.now = at
        self.steps: list[Step] = []
        self.delivered = Delivered()
        self.owed = 0
        self.reservoir = 0
        self.idle_tick = min(IDLE_TICK, self.limits.gap_max, self.limits.confirm_max)
        self.busy_tick = min(BUSY_TICK, self.idle_tick)
        self._last_id = 0
        self._stroke: Stroke | None = None
        self._filling = False
        self._connected = False
        self._fill_wanted = 0
        self._mode = Mode.NOT_READY

    def take(self, event: Event) -> Outcome:
        """Give the kernel one event, keep both, and move the motor if something is released."""
        outcome = self.kernel.step(event)
        self.steps.append(Step(event, outcome))
        if outcome.status is Status.ACCEPTED:
            self.now = max(self.now, event.at)
            self._follow(event, outcome)
            self._mode = Mode(outcome.mode)
            self.reservoir = outcome.reservoir
            self.owed = outcome.owed
        return outcome

    def _follow(self, event: Event, outcome: Outcome) -> None:
        """Keep account of what was released and where the line is attached."""
        if event.kind is Kind.CONNECT:
            self._connected = True
        elif event.kind is Kind.DISCONNECT:
            self._connected = False
        elif event.kind is Kind.FILL_CANNULA:
            self._filling = True
        elif event.kind is Kind.TICK and outcome.path is Path.AIR:
            self.delivered.prime += outcome.amount
        elif event.kind is Kind.TICK and outcome.path is Path.PATIENT:
            self._into_the_body(outcome)
        if outcome.pulses:
            self._stroke = self._started(event.at, outcome)
        if outcome.owed == 0 and event.kind is not Kind.FILL_CANNULA:
            self._filling = False

    def _into_the_body(self, outcome: Outcome) -> None:
        if self._filling:
            self.delivered.fill += outcome.amount
            return
        paid = min(outcome.amount, max(0, self.owed - outcome.owed - outcome.not_given))
        self.delivered.bolus += paid
        self.delivered.basal += outcome.amount - paid

    def _started(self, at: int, outcome: Outcome) -> Stroke:
        """The motor moves as fast as a bolus may flow, and never longer than a release may take."""
        takes = min(outcome.amount * HOUR // self.limits.delivery_speed, self.limits.confirm_max)
        return Stroke(outcome.sequence, outcome.amount, at + takes)

    def fresh_id(self) -> int:
        """The next number of a request."""
        self._last_id += 1
        return self._last_id

    def ask(
        self,
        kind: Kind,
        *,
        source: Source = Source.USER,
        number: int | None = None,
        at: int | None = None,
        issued_at: int | None = None,
        amount: int = 0,
        rate: int = 0,
        duration: int = 0,
        glucose: int = 0,
        code: int = 0,
    ) -> Outcome:
        """One request or report, now unless `at` says otherwise, under a fresh id unless given."""
        reports = (Kind.GLUCOSE, Kind.FAULT)
        return self.take(
            Event(
                kind,
                id=0 if kind in reports else self.fresh_id() if number is None else number,
                at=self.now if at is None else at,
                issued_at=issued_at,
                source=source,
                amount=amount,
                rate=rate,
                duration=duration,
                glucose=glucose,
                code=code,
            )
        )

    def tick(self, at: int) -> Outcome:
        """Time has come to `at`."""
        return self.take(Event(Kind.TICK, at=at))

    def run_to(self, until: int) -> None:
        """Let time pass, ticking on a fixed beat, a faster one while a bolus is under way."""
        while self.now < until:
            beat = self.busy_tick if self.owed else self.idle_tick
            due = min(until, (self.now // beat + 1) * beat)
            if self._stroke is not None and self._stroke.done <= due:
                self._confirm(self._stroke)
            else:
                self.tick(due)
                self.fill_if_wanted()

    def fill_if_wanted(self) -> None:
        """Fill a new cannula as soon as nothing but that fill is in the way of delivery.

        A set may be changed while a suspension lasts; its fill then waits for the end of it.
        """
        if self._fill_wanted and self._connected and self._mode is Mode.NOT_READY:
            amount, self._fill_wanted = self._fill_wanted, 0
            self.ask(Kind.FILL_CANNULA, amount=amount)

    def _confirm(self, stroke: Stroke) -> None:
        self._stroke = None
        self.take(
            Event(
                Kind.CONFIRM,
                id=stroke.sequence,
                at=max(self.now, stroke.done),
                amount=stroke.amount,
            )
        )

    def run_until_given(self) -> None:
        """Let time pass until nothing is owed any more and the motor rests."""
        for _ in range(PATIENCE):
            if not self.owed and self._stroke is None:
                return
            self.run_to(self.now + self.busy_tick)

    def settle(self) -> None:
        """Let the motor end the stroke that it is in."""
        if self._stroke is not None:
            self.run_to(max(self.now, self._stroke.done))
        if self._stroke is not None:
            self._confirm(self._stroke)

    def outage(self, duration: int) -> None:
        """Be dead for a time; what became of a stroke that was under way nobody can say."""
        stroke, self._stroke = self._stroke, None
        self.tick(self.now + duration)
        if stroke is not None:
            self.take(Event(Kind.UNCERTAIN, id=stroke.sequence, at=self.now))

    def whole_pulses(self, amount: int) -> int:
        """The largest whole number of pulses that is not more than `amount`."""
        return amount // self.limits.pulse * self.limits.pulse

    def set_programme(self, rate: int) -> Outcome:
        """A segment of the day's programme begins."""
        return self.ask(Kind.SET_BASAL, source=Source.SCHEDULE, rate=rate)

    def change(self, *, reservoir: int | None, site: int | None) -> list[Outcome]:
        """Change the reservoir (None: the same one goes back in), the set (None: it stays) or both.

        The answer to each request of the procedure, in order; drug for the prime and the fill goes
        in between.
        """
        answers = [self.ask(Kind.DISCONNECT)] if self._connected else []
        self.settle()
        amount = self.reservoir if reservoir is None else reservoir
        answers.append(self.ask(Kind.LOAD_RESERVOIR, amount=amount))
        prime = self.whole_pulses(min(PRIME, self.limits.prime_max))
        if prime:
            answers.append(self.ask(Kind.PRIME, amount=prime))
            self.run_until_given()
        if site is not None:
            answers.append(self.ask(Kind.INSERT_SET, code=site))
        answers.append(self.ask(Kind.CONNECT))
        if site is not None:
            self._fill_wanted = self.whole_pulses(self.limits.cannula_fill)
        self.fill_if_wanted()
        self.run_until_given()
        self.settle()
        return answers
