"""Figures as the screens write them: short, in the person's units, never rosier than they are."""

from dosekernel.kernel.records import HOUR

from ...errors import InputError
from ...quantities import in_units
from .. import words
from ..therapy.sites import Site


def upward(micro_units: int) -> str:
    """A bound to a hundredth of a unit, rounded up: `3.43`."""
    return in_units(-(-micro_units // words.HUNDREDTH) * words.HUNDREDTH)


def downward(micro_units: int) -> str:
    """What is left, to a hundredth of a unit, rounded down."""
    return in_units(micro_units // words.HUNDREDTH * words.HUNDREDTH)


def window_name(length: int) -> str:
    """The short window, as one says it."""
    return "Last hour" if length == HOUR else f"Last {words.span(length)}"


def site_text(code: int) -> str:
    """Where a set is: in words if the number is one of the map's."""
    try:
        return str(Site.of_code(code))
    except InputError:
        return f"site {code}"
