"""Infusion sets: the catalogue, and what priming and filling one takes."""

import tomllib
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from dosekernel.spec.limits import Limits
from dosekernel.spec.quantity import time_to_kernel

from ...errors import InputError
from ...quantities import in_units, volume
from ..shell import Pump

SETTING = "set"
FILE = "catalogue.toml"
# The catalogue's volumes are those of 100 units in a millilitre.
UNITS_A_MILLILITRE = 100
CONCENTRATION = "concentration"
STRONGEST = 500


class Part(BaseModel):
    """A cannula or a tubing: what is written of it, None where nothing is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cannula(Part):
    """What sits under the skin: length in mm, fill in units of U-100."""

    length: Decimal | None = None
    fill: Decimal | None = Field(default=None, ge=0)


class Tubing(Part):
    """What leads to it: length in cm (0: none), prime in units of U-100."""

    length: int = Field(ge=0)
    prime: Decimal | None = Field(default=None, ge=0)


class InfusionSet(BaseModel):
    """A set as the catalogue has it; every figure is from one of `sources`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern="^[a-z0-9-]+$")
    name: str
    maker: str
    material: Literal["soft", "steel"]
    angle: tuple[int, int] | None = None
    wear: Annotated[int, BeforeValidator(time_to_kernel)]
    cannulas: tuple[Cannula, ...] = Field(min_length=1)
    tubings: tuple[Tubing, ...]
    note: str
    sources: tuple[str, ...] = Field(min_length=1)

    def cannula(self, length: Decimal | None = None) -> Cannula:
        """The cannula of a length in mm; without one the only one there is."""
        fitting = [each for each in self.cannulas if length is None or each.length == length]
        if len(fitting) != 1:
            lengths = ", ".join(str(each.length) for each in self.cannulas if each.length)
            raise InputError(
                f"{self.name}: cannula {length}; allowed: {lengths or 'its only one'} (mm)"
            )
        return fitting[0]

    def tubing(self, length: int | None = None) -> Tubing:
        """The tubing of a length in cm; without one the only one there is."""
        fitting = [each for each in self.tubings if length is None or each.length == length]
        if len(fitting) != 1:
            lengths = ", ".join(str(each.length) for each in self.tubings)
            raise InputError(
                f"{self.name}: tubing {length}; allowed: {lengths or 'none known'} (cm)"
            )
        return fitting[0]


@cache
def catalogue() -> dict[str, InfusionSet]:
    """All known sets by their id."""
    text = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    entries = [InfusionSet.model_validate(each) for each in tomllib.loads(text)["set"]]
    return {each.id: each for each in entries}


def named(name: str) -> InfusionSet:
    """A set by its id."""
    if name not in catalogue():
        raise InputError(f"set: {name!r}; allowed: {', '.join(catalogue())}")
    return catalogue()[name]


def worn(pump: Pump) -> InfusionSet | None:
    """The set that the pump is configured for."""
    name = pump.settings.get(SETTING)
    return None if name is None else named(str(name))


def choose(pump: Pump, name: str) -> InfusionSet:
    """Another set from the next change on. The caller has it confirmed."""
    chosen = named(name)
    pump.set(SETTING, chosen.id)
    return chosen


def concentration(pump: Pump) -> int:
    """Units in a millilitre of what is in the pump: as set, or as the limits' name says (-u200)."""
    kept = pump.settings.get(CONCENTRATION)
    if kept is not None:
        return _strength(str(kept))
    _, dash, rest = pump.limits.name.partition("-u")
    if not dash:
        raise InputError(
            f"{CONCENTRATION}: not set, and {pump.limits.name} does not say; "
            "allowed: units in a millilitre, such as 100"
        )
    return _strength(rest.partition("-")[0])


def _strength(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= STRONGEST:
        raise InputError(
            f"{CONCENTRATION}: {text!r}; allowed: 1 to {STRONGEST} units in a millilitre"
        )
    return int(text)


def prime(
    tubing: Tubing, limits: Limits, concentration: int, connector: Decimal = Decimal(0)
) -> int | None:
    """What fills the tubing and the connector, in micro-units, up to whole pulses.

    `concentration` in units in a millilitre, `connector` in units of U-100. None if no source
    says; a prime that the limits do not allow is an error.
    """
    if tubing.prime is None:
        return None
    return _allowed(tubing.prime + connector, concentration, limits, "prime_max")


def fill(cannula: Cannula, limits: Limits, concentration: int) -> int | None:
    """What fills the cannula, in micro-units, up to whole pulses; 0 for none, None if unknown.

    Limits with a cannula fill let nothing through before there was one, so a needle that has none
    gets one pulse under them; limits for steel needles have `cannula_fill` 0.
    """
    if limits.cannula_fill == 0:
        return 0
    if cannula.fill is None:
        return None
    return _allowed(cannula.fill, concentration, limits, "cannula_fill") or limits.pulse


def _allowed(units: Decimal, concentration: int, limits: Limits, cap: str) -> int:
    if limits.unit != "U":
        raise InputError(f"{limits.name}: the catalogue is of insulin sets; allowed: limits in U")
    micro = volume(units, cap) * concentration
    amount = -(-micro // (UNITS_A_MILLILITRE * limits.pulse)) * limits.pulse
    most = getattr(limits, cap)
    if amount > most:
        raise InputError(
            f"{cap}: this set takes {in_units(amount)} U; allowed by {limits.name}: at most "
            f"{in_units(most)}"
        )
    return amount


def absorption(age: int, life: int) -> str:
    """What to say of a set of that age (ms); empty while it is within its life."""
    if not life or age <= life:
        return ""
    return (
        f"This set is {age // 3_600_000} h old, {(age - life) // 3_600_000} h past its life: "
        "insulin may be taken up slower and less evenly. Change it."
    )
