"""From a person's quantities to the kernel's whole numbers, exactly or not at all.

An `int` is in kernel units: micro-units, micro-units per hour, milliseconds. A `Decimal` is in the
drug's own unit (U, mg, mL), or in that unit per hour, and must be a whole number of micro-units.
A `timedelta` must be a whole number of milliseconds. Nothing is ever rounded.
"""

from datetime import timedelta
from decimal import Decimal

from .errors import InputError, InputTypeError

PLACES = 6  # decimal places of the drug's own unit that the kernel keeps
LONGEST = 19  # digits of the largest int64
MILLISECOND = timedelta(milliseconds=1)


def volume(value: int | Decimal, field: str) -> int:
    """Micro-units (or micro-units per hour) of an int in those or a Decimal in drug units."""
    if type(value) is int:
        return value
    if not isinstance(value, Decimal):
        raise InputTypeError(
            f"{field}: {value!r} is a {type(value).__name__}; allowed: a Decimal in the drug's "
            "unit or an int in micro-units"
        )
    if not value.is_finite():
        raise InputError(f"{field}: {value} is not a finite amount")
    if not value:
        return 0
    size = value.adjusted() + PLACES  # the place of the first digit, counted in micro-units
    if size >= LONGEST:
        raise InputError(f"{field}: {value} is more than any pump holds")
    rest = 1
    if size >= 0:
        above, below = value.as_integer_ratio()
        whole, rest = divmod(above * 10**PLACES, below)
    if rest:
        raise InputError(
            f"{field}: {value} is not a whole number of micro-units; "
            f"allowed: at most {PLACES} decimal places"
        )
    return int(whole)


def milliseconds(value: int | timedelta, field: str) -> int:
    """Milliseconds of an int in those or of a timedelta."""
    if type(value) is int:
        return value
    if not isinstance(value, timedelta):
        raise InputTypeError(
            f"{field}: {value!r} is a {type(value).__name__}; allowed: a timedelta or an int "
            "in milliseconds"
        )
    whole, rest = divmod(value, MILLISECOND)
    if rest:
        raise InputError(f"{field}: {value} is not a whole number of milliseconds")
    return whole


def in_units(micro_units: int) -> str:
    """Micro-units written in the drug's own unit, with no more zeros than needed: `2.5`."""
    sign = "-" if micro_units < 0 else ""
    whole, rest = divmod(abs(micro_units), 10**PLACES)
    return f"{sign}{whole}.{rest:0{PLACES}}".rstrip("0").rstrip(".")
