"""A virtual patient: the UVA/Padova subjects of the `simglucose` package, driven directly.

The equations, the thirty subjects and the sensor's noise are simglucose's own. Only its driver is
left out: it looks every parameter up in a pandas row at every evaluation, which takes most of its
time. Here the parameters are plain floats and the classic Runge-Kutta rule takes fixed steps.
"""

import csv
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

from ..errors import InputError

PACKAGE = "simglucose"
MISSING = (
    "simulate needs the package simglucose 0.2.11 with numpy, scipy, pandas and matplotlib: "
    "pip install 'dosekernel[simulate]', then pip install --no-deps simglucose==0.2.11"
)
SENSOR = "GuardianRT"  # of simglucose's sensors the one that reads every five minutes
STATES = 13
STOMACH_SOLID, STOMACH_LIQUID, SUBCUTANEOUS = 0, 1, 12
STEPS_A_MINUTE = 4  # the fastest rate in the equations is below 0.6 a minute
EATING_RATE = 5.0  # g of carbohydrate a minute, as simglucose's patients eat
PMOL = 6000.0  # pmol of insulin in a unit


class ToolMissingError(ImportError):
    """A package that the simulation needs is not installed."""


class Observation(NamedTuple):
    """What the sensor sees: subcutaneous glucose, mg/dL (the name is simglucose's)."""

    Gsub: float


@dataclass(frozen=True)
class Subject:
    """One of the thirty: what a clinic would know of the person."""

    name: str
    weight: float  # kg
    carbohydrate_ratio: float  # g of carbohydrate that a unit covers
    correction_factor: float  # mg/dL that a unit lowers
    basal: float  # U/h that holds the person steady


def package_folder() -> Path:
    """Where simglucose is installed, found without importing it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ToolMissingError(MISSING)
    return Path(next(iter(spec.submodule_search_locations)))


def rows(file: str) -> dict[str, dict[str, str]]:
    """A table of simglucose's by its rows' names."""
    with (package_folder() / "params" / file).open(encoding="utf-8", newline="") as table:
        return {row["Name"]: row for row in csv.DictReader(table)}


def subjects() -> list[str]:
    """The names of the thirty subjects."""
    return list(rows("vpatient_params.csv"))


def subject(name: str) -> Subject:
    """The person of that name; an unknown name is an error that lists the names there are."""
    parameters = parameters_of(name)
    questionnaire = rows("Quest.csv")[name]
    return Subject(
        name=name,
        weight=parameters["BW"],
        carbohydrate_ratio=float(questionnaire["CR"]),
        correction_factor=float(questionnaire["CF"]),
        basal=parameters["u2ss"] * parameters["BW"] / PMOL * 60,
    )


def parameters_of(name: str) -> dict[str, float]:
    """All parameters of a subject, as floats."""
    table = rows("vpatient_params.csv")
    if name not in table:
        raise InputError(f"patient: no one is called {name!r}; allowed: {', '.join(table)}")
    return {key: float(value) for key, value in table[name].items() if key != "Name"}


@contextmanager
def stand_ins() -> Iterator[None]:
    """Modules that simglucose imports and its patients do not use, there only while it is imported.

    At import simglucose registers itself with a `gym` of 2017 and asks `pkg_resources`, which newer
    versions of setuptools have dropped, for the folder of its tables.
    """
    folder = package_folder()
    gym, environments, registration = (
        ModuleType(name) for name in ("gym", "gym.envs", "gym.envs.registration")
    )
    registration.__dict__["register"] = lambda **_: None
    resources = ModuleType("pkg_resources")
    resources.__dict__["resource_filename"] = lambda _, file: str(folder / file)
    placed = {module.__name__: module for module in (gym, environments, registration, resources)}
    before = {name: sys.modules.get(name) for name in placed}
    sys.modules.update(placed)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def simglucose(module: str) -> Any:
    """A module of simglucose, imported with the stand-ins in place."""
    try:
        with stand_ins():
            return import_module(f"{PACKAGE}.{module}")
    except ModuleNotFoundError as error:
        raise ToolMissingError(f"{MISSING} (not found: {error.name})") from error


class Patient:
    """A subject through time, one minute a step, with what it eats and what is infused."""

    def __init__(self, name: str) -> None:
        parameters = parameters_of(name)
        self.minutes = 0
        self._parameters = SimpleNamespace(**parameters)
        model: Callable[..., Sequence[float]] = simglucose("patient.t1dpatient").T1DPatient.model
        self._model = model
        self._state = [parameters[f"x0_{i:2}"] for i in range(1, STATES + 1)]
        self._planned = 0.0
        self._eaten = 0.0
        self._stomach = 0.0
        self._eating = False

    @property
    def t(self) -> int:
        """Minutes since the start, by the name that simglucose's sensor asks for."""
        return self.minutes

    @property
    def observation(self) -> Observation:
        """What a sensor without noise would read."""
        return Observation(Gsub=self._state[SUBCUTANEOUS] / self._parameters.Vg)

    def eat(self, carbohydrate: float) -> None:
        """Sit down to a meal of that many grams; it is eaten at `EATING_RATE`."""
        self._planned += carbohydrate

    def minute(self, insulin: float) -> None:
        """One minute in which `insulin` units went in."""
        mouthful = min(EATING_RATE, self._planned)
        self._planned -= mouthful
        if mouthful > 0 and not self._eating:
            self._stomach = self._state[STOMACH_SOLID] + self._state[STOMACH_LIQUID]
            self._eaten = 0.0
        if self._eating or mouthful > 0:
            self._eaten += mouthful
        self._eating = mouthful > 0
        action = SimpleNamespace(CHO=mouthful, insulin=insulin)
        for _ in range(STEPS_A_MINUTE):
            self._runge_kutta(action, 1 / STEPS_A_MINUTE)
        self.minutes += 1

    def _runge_kutta(self, action: SimpleNamespace, step: float) -> None:
        start = self._state

        def slope(factor: float, slopes: Sequence[float]) -> list[float]:
            at = [x + factor * step * dx for x, dx in zip(start, slopes, strict=True)]
            found = self._model(
                self.minutes, at, action, self._parameters, self._stomach, self._eaten
            )
            return [float(dx) for dx in found]

        first = slope(0, start)
        second = slope(0.5, first)
        third = slope(0.5, second)
        fourth = slope(1, third)
        self._state = [
            x + step / 6 * (a + 2 * b + 2 * c + d)
            for x, a, b, c, d in zip(start, first, second, third, fourth, strict=True)
        ]


class Sensor:
    """A continuous glucose monitor with simglucose's noise, one reading every five minutes."""

    def __init__(self, seed: int) -> None:
        module = simglucose("sensor.cgm")
        self._sensor = module.CGMSensor.withName(SENSOR, seed=seed)
        self.interval = int(self._sensor.sample_time)  # minutes

    def read(self, patient: Patient) -> int:
        """The reading now, mg/dL."""
        return round(float(self._sensor.measure(patient)))
