"""What a person does in a day with the pump: meals, a shower, a slip, a change of the set."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random

from dosekernel.kernel.records import HOUR
from dosekernel.spec.quantity import MICRO

from ..replay.history import Programme, Segment

MINUTES_A_DAY = 24 * 60
SET_LASTS = 3  # days from one change to the next
RATE_STEP = Decimal("0.05")  # U/h, in which programmes are written
# The programme relative to the rate that holds the person steady: less at night, more at dawn.
PATTERN = (
    (0, Decimal("0.95")),
    (4, Decimal("1.10")),
    (8, Decimal("1.00")),
    (20, Decimal("0.95")),
)
WANDER = 10  # minutes by which a meal is earlier or later on the days after the first
APPETITE = 0.15  # by which a meal is smaller or larger on those days
BEFORE_A_MEAL = 15  # minutes from the bolus to the first mouthful
WEIGHT = 100.0  # kg of the person whose meals are written below; others' go by the square root
SPOON = 5  # g, to which a person rounds what a meal holds

# An ordinary day, against which controllers are compared: hour, name, g of carbohydrate.
FORGOTTEN = "snack"
ORDINARY = (
    (7.0, "breakfast", 50),
    (12.5, "lunch", 75),
    (16.0, FORGOTTEN, 20),
    (19.5, "dinner", 80),
)
LATE = 20  # minutes by which a meal is earlier or later
GUESSED = (0.65, 1.3)  # what is announced, of what is eaten
OFF = (0.75, 1.35)  # the programme's rates, of those that hold the person steady


@dataclass(frozen=True)
class Meal:
    """A meal: a bolus for what is announced, and later what is eaten of it."""

    minute: int  # of the bolus
    name: str
    announced: float  # g of carbohydrate
    eaten: float
    later: int = 0  # percent of the bolus that is given over `over` minutes
    over: int = 0


@dataclass(frozen=True)
class Correction:
    """A bolus because the curve does not fall fast enough, as a share of the last meal's."""

    minute: int
    name: str
    percent: int


@dataclass(frozen=True)
class Slip:
    """A second bolus too many: the largest that a user may ask for, right after a meal's.

    If it is accepted the person sees the slip within a minute and cancels it.
    """

    minute: int
    name: str


@dataclass(frozen=True)
class Temporary:
    """A temporary rate, as a percentage of the programme."""

    minute: int
    name: str
    percent: int
    minutes: int


@dataclass(frozen=True)
class Shower:
    """The line is taken off and put on again."""

    minute: int
    name: str
    minutes: int


@dataclass(frozen=True)
class Change:
    """A new reservoir and a new set at another site; the person is off the pump meanwhile."""

    minute: int
    name: str
    minutes: int


@dataclass(frozen=True)
class Snack:
    """Something eaten without a bolus."""

    minute: int
    name: str
    eaten: float


Planned = Meal | Snack | Correction | Slip | Temporary | Shower | Change


def programme(steady: float) -> Programme:
    """A day's basal programme around a steady rate in U/h."""
    segments = []
    for hour, factor in PATTERN:
        steps = (Decimal(steady) * factor / RATE_STEP).quantize(Decimal(1), ROUND_HALF_EVEN)
        segments.append(Segment(hour * HOUR, int(max(steps, Decimal(1)) * RATE_STEP * MICRO)))
    return Programme(tuple(segments))


def plan(days: int, weight: float, seed: int) -> list[Planned]:
    """All that is done, in order; after the first day the meals wander with `seed`."""
    random = Random(seed)
    found: list[Planned] = []
    for day in range(days):
        found += _day(day, (weight / WEIGHT) ** 0.5, random if day else None)
    return sorted(found, key=lambda planned: planned.minute)


def ordinary(days: int, weight: float, random: Random) -> list[Planned]:
    """Days as they are: meals early or late, guessed wrong by up to a third, a forgotten bolus."""
    size = (weight / WEIGHT) ** 0.5
    found: list[Planned] = []
    for day in range(days):
        for hour, name, grams in ORDINARY:
            eaten = max(1, round(grams * size * random.uniform(1 - APPETITE, 1 + APPETITE)))
            guess = random.uniform(*GUESSED)
            announced = max(1, round(eaten * guess / SPOON)) * SPOON
            minute = day * MINUTES_A_DAY + int(hour * 60) + random.randint(-LATE, LATE)
            if name == FORGOTTEN:
                found.append(Snack(minute, name, eaten))
            else:
                found.append(Meal(minute - BEFORE_A_MEAL, name, announced, eaten))
    return sorted(found, key=lambda planned: planned.minute)


def programme_off(random: Random) -> float:
    """How much a programme is off: its rates are this many times what would hold steady."""
    return random.uniform(*OFF)


def _day(day: int, size: float, random: Random | None) -> list[Planned]:
    start = day * MINUTES_A_DAY

    def meal(hour: float, name: str, grams: float, **more: int) -> Meal:
        wander = random.randint(-WANDER, WANDER) if random else 0
        appetite = random.uniform(1 - APPETITE, 1 + APPETITE) if random else 1.0
        announced = max(1, round(grams * size * appetite / SPOON)) * SPOON
        left = more.pop("left", 0)
        minute = start + int(hour * 60) - BEFORE_A_MEAL + wander
        eaten = round(announced * (100 - left) / 100)
        return Meal(minute, name, announced, eaten, **more)

    eventful = day % SET_LASTS == 0
    found: list[Planned] = [
        meal(7, "breakfast", 45),
        Shower(start + 9 * 60, "shower", 20),
        Temporary(start + 10 * 60, "walk", 60, 60),
        meal(12.5, "lunch", 75, left=65 if eventful else 0),
        meal(19.5, "dinner", 60, later=40, over=90),
    ]
    if eventful:
        found.append(Slip(start + 12 * 60 + 25, "second bolus"))
        found.append(Correction(start + 13 * 60 + 30, "correction", 50))
        found.append(Change(start + 21 * 60 + 15, "new set and reservoir", 12))
    return found
