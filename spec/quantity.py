"""Numbers as people write them, and the kernel's integers: exact in both directions.

A value is a decimal number in the unit that people use; the kernel's integer is that value times
a whole scale. Nothing is ever rounded: a value that is no whole number of kernel units is refused.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from dosekernel.kernel.records import DAY, HOUR, MINUTE

MICRO = 1_000_000  # micro-units in one unit of the drug
MINUTES = 60  # in an hour: a speed is written per minute and kept per hour
SECOND = 1000  # milliseconds
DIGITS_MAX = 30  # more than any value in range needs; keeps exact arithmetic small
SHOWN_MAX = 40

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
TIME = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
TIME_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": 1}
TIME_EXAMPLES = '"90s", "30m", "72h" or "2d"'


@dataclass(frozen=True)
class Quantity:
    """A kind of value: its unit for people (`{unit}` is the drug's own) and its scale."""

    name: str
    unit: str
    scale: int

    def shown_unit(self, unit: str) -> str:
        """The unit for people, with the drug's own unit put in."""
        return self.unit.format(unit=unit)


VOLUME = Quantity("volume", "{unit}", MICRO)
RATE = Quantity("rate", "{unit}/h", MICRO)
SPEED = Quantity("speed", "{unit}/min", MICRO * MINUTES)
DURATION = Quantity("time", "", 1)
GLUCOSE = Quantity("glucose", "mg/dL", 1)
FRACTION = Quantity("table", "", 1)


def shown(value: object) -> str:
    """A value as it stood in the file, short enough for one line."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    if len(text) > SHOWN_MAX:
        text = text[:SHOWN_MAX] + "..."
    return text.encode("unicode_escape").decode("ascii")


def exact_number(value: object) -> Fraction:
    """The exact value of an integer, a decimal or a string of one; ValueError says why not."""
    if isinstance(value, str):
        if len(value) > DIGITS_MAX or not NUMBER.fullmatch(value):
            raise ValueError(f"value {shown(value)} is not a decimal number")
        return Fraction(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"value {shown(value)} is not a decimal number")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"value {shown(value)} is not a finite number")
    exponent = number.as_tuple().exponent
    if number.adjusted() > DIGITS_MAX or not isinstance(exponent, int) or exponent < -DIGITS_MAX:
        raise ValueError(f"value {shown(value)} has too many digits")
    return Fraction(number)


def to_kernel(value: object, quantity: Quantity, unit: str) -> int:
    """The kernel's integer for a value as written; ValueError if there is none exactly."""
    if quantity is DURATION:
        return time_to_kernel(value)
    scaled = exact_number(value) * quantity.scale
    if scaled.denominator != 1:
        step = Fraction(1, quantity.scale)
        grain = "1 mg/dL" if quantity is GLUCOSE else f"{MICRO}ths of a {unit}"
        if quantity is SPEED:
            grain = f"{step} {quantity.shown_unit(unit)}"
        raise ValueError(f"value {shown(value)} is no whole multiple of {grain}")
    return scaled.numerator


def time_to_kernel(value: object) -> int:
    """Milliseconds of a time such as "90s"; ValueError if it is none, or no whole millisecond."""
    parts = TIME.fullmatch(value) if isinstance(value, str) and len(value) <= DIGITS_MAX else None
    if parts is None:
        raise ValueError(f"value {shown(value)} is no time: allowed a time such as {TIME_EXAMPLES}")
    scaled = Fraction(parts[1]) * TIME_UNITS[parts[2]]
    if scaled.denominator != 1:
        raise ValueError(
            f"value {shown(value)} is no whole number of milliseconds, the least allowed"
        )
    return scaled.numerator


def decimal_text(value: Fraction) -> str:
    """A fraction in decimal notation: exact where that ends, else to 9 digits and marked `~`."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):.9f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if rest == 1 else "~" + text


def time_text(milliseconds: int) -> str:
    """A time in the largest unit that makes it whole."""
    for name, length in TIME_UNITS.items():
        if milliseconds and milliseconds % length == 0 and (name != "d" or milliseconds > DAY):
            return f"{milliseconds // length}{name}"
    return f"{milliseconds}ms" if milliseconds else "0s"


def to_text(value: int, quantity: Quantity, unit: str) -> str:
    """The kernel's integer for people, with its unit."""
    if quantity is DURATION:
        return time_text(value)
    number = decimal_text(Fraction(value, quantity.scale))
    return f"{number} {quantity.shown_unit(unit)}".rstrip()
