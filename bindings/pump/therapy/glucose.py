"""Glucose as people write it: always with its unit, one of two, never guessed."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from enum import StrEnum

from dosekernel.kernel.records import GLUCOSE_MAX, GLUCOSE_MIN

from ...errors import InputError
from ..shell import Pump

SETTING = "glucose_unit"
# A mole of glucose weighs 180.156 g: 1 mmol/L is 18.0156 mg/dL.
MILLIGRAMS = Decimal("18.0156")
TENTH = Decimal("0.1")


class Unit(StrEnum):
    """What a figure is in."""

    MILLIGRAMS = "mg/dL"
    MILLIMOLES = "mmol/L"


def unit(name: str) -> Unit:
    """A unit by its exact name."""
    try:
        return Unit(name)
    except ValueError:
        raise InputError(f"glucose unit: {name!r}; allowed: {' or '.join(Unit)}") from None


def unit_of(pump: Pump) -> Unit:
    """The unit that the pump shows and takes; mg/dL, the kernel's own, until another is set."""
    return unit(str(pump.settings.get(SETTING, Unit.MILLIGRAMS)))


def read(text: str, written_in: Unit) -> int:
    """mg/dL of a written figure; a unit that stands beside it has to be `written_in`.

    A figure that no sensor shows in that unit is refused, and the other unit is suggested.
    """
    figure, _, beside = text.strip().partition(" ")
    if beside and unit(beside.strip()) is not written_in:
        raise InputError(
            f"glucose: {text!r}; allowed: a figure in {written_in}, as the pump is set"
        )
    try:
        value = Decimal(figure)
    except InvalidOperation:
        raise InputError(f"glucose: {text!r}; allowed: a figure in {written_in}") from None
    found = in_milligrams(value, written_in) if value.is_finite() else 0
    if not GLUCOSE_MIN <= found <= GLUCOSE_MAX:
        low, high = (shown(each, written_in) for each in (GLUCOSE_MIN, GLUCOSE_MAX))
        other = next(each for each in Unit if each is not written_in)
        raise InputError(f"glucose: {text!r}; allowed: {low} to {high}; is it in {other}?")
    return found


def in_milligrams(value: Decimal, written_in: Unit) -> int:
    """The nearest whole mg/dL."""
    exact = value * MILLIGRAMS if written_in is Unit.MILLIMOLES else value
    return int(exact.to_integral_value(rounding=ROUND_HALF_EVEN))


def shown(milligrams: int, wanted: Unit) -> str:
    """A figure with its unit."""
    if wanted is Unit.MILLIGRAMS:
        return f"{milligrams} {wanted}"
    return f"{(milligrams / MILLIGRAMS).quantize(TENTH, ROUND_HALF_EVEN)} {wanted}"
