"""Three ways to be on a pump, side by side: open loop, suspend on low, and with a controller.

Each of ten virtual patients lives the same ordinary days three times: the same meals, guesses,
forgotten bolus, programme and sensor noise. A person who reads less than 76 mg/dL eats 15 g of
sugar, and that counts as well: a low that sugar has spared is no merit of the pump.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from dosekernel.spec.limits import Limits

from ..errors import InputError
from ..pump.therapy.controller import Controller, Person
from .day import RESCUE_NOTE, Simulation
from .patient import Subject, subject, subjects
from .summary import RANGE_HIGH, RANGE_LOW

PATIENTS = 10
CHILD = "child"
NAME, CELLS = 14, 22  # columns of the table


class Loop(StrEnum):
    """How the pump is used."""

    OPEN = "open"  # the limits' suspension on low glucose is switched off
    SUSPEND = "suspend"
    CONTROLLER = "controller"  # and the suspension stays on


@dataclass(frozen=True)
class Result:
    """One patient's days in one loop: percent of the true glucose, and what else it took."""

    patient: str
    loop: Loop
    below: float
    within: float
    above: float
    lowest: int
    rescues: int  # times 15 g of sugar were eaten
    insulin: int  # micro-units a day
    refused: int  # requests that the kernel refused, anybody's


def limits_for(loop: Loop, limits: Limits) -> Limits:
    """The limits as a loop needs them."""
    return replace(limits, glucose_low=0) if loop is Loop.OPEN else limits


def controller_for(loop: Loop, who: Subject) -> Controller | None:
    """The controller for a person, if the loop has one."""
    if loop is not Loop.CONTROLLER:
        return None
    child = who.name.startswith(CHILD)
    return Controller((Person.gentle if child else Person)(who.correction_factor))


def group_of(patient: str) -> list[str]:
    """The ten patients of the same age as one of them."""
    age = patient.partition("#")[0]
    found = [name for name in subjects() if name.partition("#")[0] == age]
    if len(found) != PATIENTS:
        raise InputError(f"patient: no one is called {patient!r}; allowed: {', '.join(subjects())}")
    return found


def lived(patient: str, loop: Loop, limits: Limits, days: int, seed: int) -> Result:
    """One patient's ordinary days in one loop."""
    who = subject(patient)
    controller = controller_for(loop, who)
    simulation = Simulation(
        who, limits_for(loop, limits), days, seed, controller=controller, everyday=True
    )
    told = simulation.run(lambda _, __: None)
    glucose = [minute.true_glucose for minute in told.minutes]

    def share(count: int) -> float:
        return round(100 * count / len(glucose), 1)

    return Result(
        patient=patient,
        loop=loop,
        below=share(sum(each < RANGE_LOW for each in glucose)),
        within=share(sum(RANGE_LOW <= each <= RANGE_HIGH for each in glucose)),
        above=share(sum(each > RANGE_HIGH for each in glucose)),
        lowest=round(min(glucose)),
        rescues=sum(note.text.startswith(RESCUE_NOTE) for note in told.notes),
        insulin=told.pump.delivered.therapy // days,
        refused=len(told.refused),
    )


def compared(
    patients: Sequence[str],
    limits: Limits,
    days: int,
    seed: int,
    progress: Callable[[int, int], None],
) -> list[Result]:
    """Every patient in every loop, as many at a time as there are processors."""
    found: list[Result] = []
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(patients))) as pool:
        under_way = [
            pool.submit(lived, patient, loop, limits, days, seed)
            for patient in patients
            for loop in Loop
        ]
        for each in under_way:
            found.append(each.result())
            progress(len(found), len(under_way))
    return found


def mean(results: Sequence[Result], loop: Loop) -> dict[str, float]:
    """The mean of each figure over the patients of a loop."""
    mine = [each for each in results if each.loop is loop]
    figures = ("below", "within", "above", "rescues", "insulin")
    return {
        name: round(sum(getattr(each, name) for each in mine) / len(mine), 1) for name in figures
    }


def table(results: Sequence[Result], days: int, seed: int, limits: str) -> str:
    """The table that the command prints, 80 columns wide."""
    lines = [
        f"{days} ordinary {'day' if days == 1 else 'days'}: percent in {RANGE_LOW}-{RANGE_HIGH} "
        "mg/dL, lower, higher; sugar eaten",
        f"{limits}, seed {seed}; the persons are simulated (UVA/Padova, simglucose)",
        "",
        (" " * NAME + "".join(f"{loop:>{CELLS}}" for loop in Loop)).rstrip(),
        f"{'patient':<{NAME}}" + f"{'in':>6}{'low':>5}{'high':>6}{'15 g':>5}" * len(Loop),
    ]
    for patient in dict.fromkeys(each.patient for each in results):
        mine = [each for each in results if each.patient == patient]
        lines.append(f"{patient:<{NAME}}" + "".join(_cells(vars(each)) for each in mine))
    means = "".join(_cells(mean(results, loop)) for loop in Loop)
    return "\n".join([*lines, f"{'mean':<{NAME}}{means}"])


def _cells(of: Mapping[str, Any]) -> str:
    return f"{of['within']:>6}{of['below']:>5}{of['above']:>6}{of['rescues']:>5}"


def document(results: Sequence[Result], days: int, seed: int, limits: str) -> dict[str, Any]:
    """The same as JSON; insulin in micro-units a day."""
    return {
        "limits": limits,
        "days": days,
        "seed": seed,
        "range": [RANGE_LOW, RANGE_HIGH],
        "results": [{**vars(each), "loop": each.loop.value} for each in results],
        "means": {loop.value: mean(results, loop) for loop in Loop},
    }
