"""The days themselves: the pump ticks, the patient lives, the sensor reads, the person acts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from dosekernel.kernel.records import HOUR, MINUTE
from dosekernel.spec.limits import Limits
from dosekernel.spec.quantity import MICRO
from dosekernel.spec.reasons import Kind, Mode, Source, Status

from .. import Outcome
from ..errors import InputError
from ..pump.therapy.controller import Controller, ask
from ..replay.driver import FIRST_SITE, SimulatedPump
from .patient import Patient, Sensor, Subject
from .plan import (
    BEFORE_A_MEAL,
    MINUTES_A_DAY,
    Change,
    Correction,
    Meal,
    Planned,
    Shower,
    Slip,
    Snack,
    Temporary,
    ordinary,
    plan,
    programme,
    programme_off,
)

MIDNIGHT = HOUR  # on the pump's clock: it is set up in the hour before
TICK = MINUTE // 3
PERCENT = 100
FULL_RESERVOIR = 200_000_000
RESCUE_BELOW = 76  # mg/dL, at which a person eats something sweet: 15 g, again after 15 minutes
RESCUE = 15.0  # g of carbohydrate
RESCUE_NOTE = "rescue"
RESCUE_AGAIN = 15  # minutes
# A meal's bolus refused while glucose is low is asked for again once delivery goes on.
# After this many minutes it is too late for it.
TRY_AGAIN = 90
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Minute:
    """How things stood at the end of a minute."""

    minute: int  # from the first midnight
    true_glucose: float
    sensor: int  # the last reading
    programmed: int  # micro-units per hour
    rate: int
    on_board: int
    window: int
    day: int
    reservoir: int
    mode: Mode


@dataclass(frozen=True)
class Asked:
    """A bolus that a person asked for, and the answer."""

    minute: int
    name: str
    kind: Kind
    amount: int
    outcome: Outcome

    @property
    def accepted(self) -> bool:
        """True if the kernel took it."""
        return self.outcome.status is Status.ACCEPTED


@dataclass(frozen=True)
class Note:
    """Something to write beside the curve."""

    minute: int
    text: str


@dataclass
class Days:
    """All that happened."""

    subject: Subject
    limits: Limits
    pump: SimulatedPump
    days: int
    minutes: list[Minute] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    eaten: float = 0.0
    refused: list[tuple[int, str, Outcome]] = field(default_factory=list)
    set_up_steps: int = 0


class Simulation:
    """One person, one pump, some days."""

    def __init__(
        self,
        subject: Subject,
        limits: Limits,
        days: int,
        seed: int,
        *,
        controller: Controller | None = None,
        everyday: bool = False,
    ) -> None:
        """Everything is ready; nothing has happened yet.

        `everyday`: ordinary days instead of eventful ones, the same for a seed and a person.
        """
        self.patient = Patient(subject.name)
        self.sensor = Sensor(seed)
        self.pump = SimulatedPump(limits)
        self.controller = controller
        if everyday:
            random = Random(f"{seed} {subject.name}")
            self.programme = programme(subject.basal * programme_off(random))
            self.planned = ordinary(days, subject.weight, random)
        else:
            self.programme = programme(subject.basal)
            self.planned = plan(days, subject.weight, seed)
        self._check_programme(limits)
        self.told = Days(subject, limits, self.pump, days)
        self._waiting: list[tuple[int, Meal]] = []
        self._reading = 0
        self._rescued = -RESCUE_AGAIN
        self._site = FIRST_SITE
        self._meals: list[tuple[int, Meal]] = []
        self._reconnect: list[int] = []
        self._given = 0
        self._cancel_at = -1
        self._changes: list[tuple[int, Change]] = []
        self._last_bolus = 0

    def _check_programme(self, limits: Limits) -> None:
        highest = max(segment.rate for segment in self.programme.segments)
        if highest > limits.basal_reserve:
            raise InputError(
                f"{limits.name}: basal_reserve is {limits.shown('basal_reserve')}, and this "
                f"patient's programme needs {highest / MICRO:g} {limits.unit}/h; "
                "allowed: limits whose reserve covers the programme"
            )

    def run(self, progress: Progress) -> Days:
        """Set up, then live minute by minute; `progress` hears (minute, all)."""
        self._set_up()
        total = self.told.days * MINUTES_A_DAY
        for minute in range(total):
            progress(minute, total)
            self._minute(minute)
        progress(total, total)
        self.pump.settle()
        return self.told

    def _set_up(self) -> None:
        full = min(FULL_RESERVOIR, self.pump.limits.reservoir_capacity)
        answers = self.pump.change(reservoir=self.pump.whole_pulses(full), site=self._site)
        answers.append(self.pump.set_programme(self.programme.rate_at(0)))
        for outcome in answers:
            if outcome.status is not Status.ACCEPTED:
                raise InputError(f"{self.told.limits.name}: set-up: {outcome.reason.sentence}")
        self.pump.run_to(MIDNIGHT)
        self._given = self.pump.delivered.therapy
        self.told.set_up_steps = len(self.pump.steps)

    def _minute(self, minute: int) -> None:
        self._programme(minute)
        self._glucose(minute)
        for planned in self.planned:
            if planned.minute == minute:
                self._act(planned)
        self._eat(minute)
        if minute == self._cancel_at:
            self._ask(minute, "slip cancelled", Kind.CANCEL_BOLUS)
        for at, change in self._changes:
            if at == minute:
                self._change(minute, change)
        if minute in self._reconnect:
            self._ask(minute, "reconnected", Kind.CONNECT)
        for second in range(1, MINUTE // TICK + 1):
            self.pump.run_to(MIDNIGHT + minute * MINUTE + second * TICK)
        given = self.pump.delivered.therapy
        self.patient.minute((given - self._given) / MICRO)
        self._given = given
        self._write_down(minute)

    def _programme(self, minute: int) -> None:
        at = minute * MINUTE
        for _, rate in self.programme.changes(at - MINUTE, at):
            self._answered(minute, "programme", self.pump.set_programme(rate))

    def _glucose(self, minute: int) -> None:
        if minute % self.sensor.interval:
            return
        self._reading = self.sensor.read(self.patient)
        outcome = self.pump.ask(Kind.GLUCOSE, glucose=self._reading)
        self._answered(minute, "reading", outcome)
        if self._reading < RESCUE_BELOW and minute - self._rescued >= RESCUE_AGAIN:
            self._rescued = minute
            self._swallow(minute, f"{RESCUE_NOTE} {RESCUE:g} g", RESCUE)
        self._control(minute)
        if outcome.mode is Mode.DELIVERING:
            waiting, self._waiting = self._waiting, []
            for until, meal in waiting:
                if minute <= until:
                    self._bolus(minute, meal, until)

    def _control(self, minute: int) -> None:
        """The controller's requests after a reading that the kernel has taken."""
        kernel, state = self.pump.kernel, self.pump.kernel.inspect()
        if self.controller is None or state.glucose_at < 0:
            return
        if self.controller.hear(state.glucose_at, state.glucose):
            newest = self.pump.steps[-1].outcome
            wishes = self.controller.wishes(kernel, newest, self.pump.now, self.pump.limits)
            for outcome in ask(self.pump, wishes):
                self._answered(minute, "controller", outcome)

    def _act(self, planned: Planned) -> None:
        minute = planned.minute
        if isinstance(planned, Snack):
            self._swallow(minute, f"{planned.name} {planned.eaten:g} g", planned.eaten)
        elif isinstance(planned, Meal):
            self._bolus(minute, planned, minute + TRY_AGAIN)
            self._meals.append((minute + BEFORE_A_MEAL, planned))
        elif isinstance(planned, Slip):
            amount = self.pump.whole_pulses(self.pump.limits.bolus_max)
            if self._ask(minute, planned.name, Kind.BOLUS, amount).status is Status.ACCEPTED:
                self._cancel_at = minute + 1
        elif isinstance(planned, Temporary):
            rate = self.pump.kernel.inspect().basal_rate * planned.percent // PERCENT
            label = f"{planned.name}: {planned.percent} %"
            self._ask(minute, label, Kind.TEMP_BASAL, 0, rate, planned.minutes * MINUTE)
        elif isinstance(planned, Shower):
            self._ask(minute, planned.name, Kind.DISCONNECT)
            self._reconnect.append(minute + planned.minutes)
        elif isinstance(planned, Correction):
            share = self._last_bolus * planned.percent // PERCENT
            self._ask(minute, planned.name, Kind.BOLUS, self.pump.whole_pulses(share))
        elif isinstance(planned, Change):
            self._ask(minute, planned.name, Kind.DISCONNECT)
            self._changes.append((minute + planned.minutes, planned))

    def _change(self, minute: int, planned: Change) -> None:
        self._site += 1
        full = min(FULL_RESERVOIR, self.pump.limits.reservoir_capacity)
        answers = self.pump.change(reservoir=self.pump.whole_pulses(full), site=self._site)
        for outcome in answers:
            self._answered(minute, planned.name, outcome)

    def _bolus(self, minute: int, meal: Meal, until: int) -> None:
        """The bolus of a meal, a part of it over time if so planned; again later while low."""
        units = meal.announced / self.told.subject.carbohydrate_ratio
        total = self.pump.whole_pulses(round(units * MICRO))
        later = self.pump.whole_pulses(total * meal.later // PERCENT)
        name = f"{meal.name} {meal.announced:g} g"
        self._last_bolus = total
        outcome = self._ask(minute, name, Kind.BOLUS, total - later)
        if outcome.mode is Mode.LOW_SUSPENDED:
            self._waiting.append((until, meal))
        elif later and outcome.status is Status.ACCEPTED:
            over = meal.over * MINUTE
            self._ask(minute, f"{name}, later part", Kind.EXTENDED_BOLUS, later, 0, over)

    def _eat(self, minute: int) -> None:
        for at, meal in self._meals:
            if at == minute:
                whole = meal.eaten == meal.announced
                amount = (
                    f"{meal.eaten:g}" if whole else f"only {meal.eaten:g} of {meal.announced:g}"
                )
                self._swallow(minute, f"{meal.name} {amount} g", meal.eaten)

    def _swallow(self, minute: int, text: str, grams: float) -> None:
        self.patient.eat(grams)
        self.told.eaten += grams
        self.told.notes.append(Note(minute, text))

    def _ask(
        self, minute: int, name: str, kind: Kind, amount: int = 0, rate: int = 0, duration: int = 0
    ) -> Outcome:
        outcome = self.pump.ask(
            kind, source=Source.USER, amount=amount, rate=rate, duration=duration
        )
        if kind in (Kind.BOLUS, Kind.EXTENDED_BOLUS):
            self.told.asked.append(Asked(minute, name, kind, amount, outcome))
        else:
            self.told.notes.append(Note(minute, name))
        self._answered(minute, name, outcome)
        return outcome

    def _answered(self, minute: int, name: str, outcome: Outcome) -> None:
        if outcome.status is not Status.ACCEPTED:
            self.told.refused.append((minute, name, outcome))

    def _write_down(self, minute: int) -> None:
        outcome = self.pump.steps[-1].outcome
        self.told.minutes.append(
            Minute(
                minute=minute,
                true_glucose=float(self.patient.observation.Gsub),
                sensor=self._reading,
                programmed=self.pump.kernel.inspect().basal_rate,
                rate=outcome.rate,
                on_board=outcome.on_board,
                window=outcome.window_total,
                day=outcome.day_total,
                reservoir=outcome.reservoir,
                mode=outcome.mode,
            )
        )
