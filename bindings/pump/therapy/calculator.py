"""The bolus calculator: it proposes, the person decides, the kernel has the last word.

    meal        carbohydrate / ratio of the time of day
    correction  (glucose - target) / what a unit lowers; above target less what still acts or waits
    proposal    meal + correction, never below 0, down to whole pulses

All is exact; only the last step rounds, and down. Without a fresh reading nothing is corrected.
What still acts of boluses is counted from the journal and never too little; the kernel's own
figure, which counts basal too and every dose as young as it may be, is a safety bound and shown
as such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from dosekernel.kernel.records import ACTION_SLOT, GLUCOSE_MAX, GLUCOSE_MIN, HOUR, SLOTS, WHOLE
from dosekernel.spec.quantity import MICRO
from dosekernel.spec.reasons import Kind

from ...errors import InputError
from ...quantities import in_units
from ..day_log import Day, Dose
from ..shell import Pump
from .glucose import Unit, shown, unit_of
from .wall import MINUTES_A_DAY, minute_now
from .wall import shown as clock_shown

RATIOS = "ratios"
CORRECTION = "correction"
TARGET = "target"
# What the settings may be; a figure outside is a slip or another unit.
GRAMS = (Decimal(1), Decimal(150))
LOWERED = (1, 400)  # mg/dL
TARGETS = (70, 250)  # mg/dL
CARBOHYDRATE_MAX = Decimal(500)  # g at one meal
# Below this a bolus is never proposed, whatever the limits say: eat first.
LOW = 70


@dataclass(frozen=True)
class Settings:
    """A person's figures, checked."""

    ratios: tuple[tuple[int, Decimal], ...]  # (minute of the day, g that a unit covers)
    lowered: int  # mg/dL that a unit lowers
    target: int  # mg/dL

    def ratio_at(self, minute: int) -> Decimal:
        """The ratio in a minute of the day."""
        return [ratio for start, ratio in self.ratios if start <= minute][-1]


@dataclass(frozen=True)
class Advice:
    """A proposal and how it came about; volumes in micro-units."""

    amount: int
    meal: Fraction
    correction: Fraction  # may be negative
    acting: int  # of boluses, what still acts or waits to be given
    bound: int  # the kernel's figure
    lines: tuple[str, ...]


def settings_of(pump: Pump) -> Settings:
    """The figures that the pump was given; raises `InputError` for what is missing or odd."""
    missing = [name for name in (RATIOS, CORRECTION, TARGET) if name not in pump.settings]
    if missing:
        raise InputError(f"calculator: not set: {', '.join(missing)}; set them first")
    return checked(pump.settings)


def checked(kept: Mapping[str, Any]) -> Settings:
    """Settings as they are kept: [[minute, "grams"], ...], mg/dL and mg/dL."""
    ratios = kept[RATIOS]
    if not isinstance(ratios, Sequence) or isinstance(ratios, str) or not ratios:
        raise InputError(f"{RATIOS}: {ratios!r}; allowed: [[minute, grams], ...]")
    found = tuple(_ratio(each) for each in ratios)
    starts = [minute for minute, _ in found]
    if starts[0] != 0 or starts != sorted(set(starts)):
        raise InputError(f"{RATIOS}: allowed: from 00:00 on, each later than the last")
    return Settings(
        found,
        _whole(kept[CORRECTION], CORRECTION, LOWERED),
        _whole(kept[TARGET], TARGET, TARGETS),
    )


def _ratio(pair: Any) -> tuple[int, Decimal]:
    try:
        minute, written = pair
        grams = Decimal(str(written))
        right = type(minute) is int and 0 <= minute < MINUTES_A_DAY
        right = right and grams.is_finite() and GRAMS[0] <= grams <= GRAMS[1]
    except (TypeError, ValueError, InvalidOperation):
        right = False
    if not right:
        raise InputError(
            f"{RATIOS}: {pair!r}; allowed: [minute of the day, grams a unit covers, "
            f"{GRAMS[0]} to {GRAMS[1]}]"
        )
    return minute, grams


def _whole(value: Any, name: str, allowed: tuple[int, int]) -> int:
    if type(value) is not int or not allowed[0] <= value <= allowed[1]:
        low, high = allowed
        raise InputError(f"{name}: {value!r}; allowed: whole mg/dL from {low} to {high}")
    return value


def calculate(
    pump: Pump,
    carbohydrate: Decimal = Decimal(0),
    *,
    glucose: int | None = None,
    day: Day | None = None,
) -> Advice:
    """A proposal for so many grams; `glucose` in mg/dL as measured now, else the sensor's."""
    if not carbohydrate.is_finite() or not 0 <= carbohydrate <= CARBOHYDRATE_MAX:
        raise InputError(f"carbohydrate: {carbohydrate}; allowed: 0 to {CARBOHYDRATE_MAX} g")
    if glucose is not None and not GLUCOSE_MIN <= glucose <= GLUCOSE_MAX:
        raise InputError(f"glucose: {glucose}; allowed: {GLUCOSE_MIN} to {GLUCOSE_MAX} mg/dL")
    person = settings_of(pump)
    ratio = person.ratio_at(minute_now(pump))
    reading = _fresh(pump) if glucose is None else glucose
    acting = bolus_acting(pump, day)
    meal = Fraction(carbohydrate) / Fraction(ratio) * MICRO
    correction = correct(person, reading, acting)
    amount = whole(meal + correction, reading, pump.limits.pulse)
    bound = 0 if pump.last is None else pump.last.on_board
    advice = Advice(amount, meal, correction, acting, bound, ())
    return replace(advice, lines=_lines(pump, person, advice, carbohydrate, reading))


def _fresh(pump: Pump) -> int | None:
    """The sensor's last reading, if it may still be acted on."""
    state = pump.state
    if state.glucose_at < 0 or pump.now() - state.glucose_at > pump.limits.glucose_stale:
        return None
    return state.glucose


def whole(total: Fraction, reading: int | None, pulse: int) -> int:
    """Whole pulses of a sum, downwards; none below 0, and none at all for a low."""
    if reading is not None and reading < LOW:
        return 0
    return int(max(Fraction(0), total) // pulse) * pulse


def correct(person: Settings, reading: int | None, acting: int) -> Fraction:
    """Micro-units for a reading: above target less what acts, below it negative, without it 0."""
    if reading is None:
        return Fraction(0)
    wanted = Fraction((reading - person.target) * MICRO, person.lowered)
    return max(Fraction(0), wanted - acting) if wanted > 0 else wanted


def bolus_acting(pump: Pump, day: Day | None = None) -> int:
    """What still acts of boluses or waits to be given, in micro-units; never too little.

    Each bolus is as young as it can be: as if all of it had come with its last drop, and by the
    limits' own table of what is left at an age.
    """
    log = Day() if day is None else day
    log.read(pump)
    waits = pump.last is not None and pump.last.owed > 0
    total = sum(_left(pump, dose, waits) for dose in log.boluses)
    return -(-total // WHOLE)


def _left(pump: Pump, dose: Dose, waits: bool) -> int:
    amount = dose.amount - dose.not_given
    if waits and dose.kind == Kind.EXTENDED_BOLUS.name:
        return amount * WHOLE
    flows = dose.amount * HOUR // pump.limits.delivery_speed + pump.limits.confirm_max
    age = pump.now() - dose.at - dose.duration - flows
    slot = max(0, age) // ACTION_SLOT
    return amount * (pump.limits.action_remaining[slot] if slot < SLOTS else 0)


def _lines(
    pump: Pump, person: Settings, advice: Advice, carbohydrate: Decimal, reading: int | None
) -> tuple[str, ...]:
    """How the proposal came about, for the person to check."""
    unit, written_in = pump.limits.unit, unit_of(pump)
    minute = minute_now(pump)
    lines = [
        f"{carbohydrate} g at {person.ratio_at(minute)} g/{unit} ({clock_shown(minute)}): "
        f"{_figure(advice.meal)} {unit}",
        _correction_line(person, advice, reading, unit, written_in),
        f"Boluses still acting or waiting: {in_units(advice.acting)} {unit}. The pump's safety "
        f"bound, basal included: {in_units(advice.bound)} {unit}.",
    ]
    if reading is not None and reading < LOW:
        lines.append("Glucose is low: eat first; no bolus is proposed.")
    lines.append(
        f"Proposed: {in_units(advice.amount)} {unit}. Only you can decide; nothing is asked yet."
    )
    return tuple(lines)


def _correction_line(
    person: Settings, advice: Advice, reading: int | None, unit: str, written_in: Unit
) -> str:
    if reading is None:
        return "No fresh glucose: nothing is corrected."
    return (
        f"Glucose {shown(reading, written_in)}, target {shown(person.target, written_in)}, "
        f"{shown(person.lowered, written_in)} a unit: {_figure(advice.correction)} {unit}"
    )


def _figure(amount: Fraction) -> str:
    """Hundredths of a unit for people, downwards; the proposal itself is exact."""
    hundredths = amount * 100 // MICRO
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"
