"""How time is taken: all contenders in turn, a ratio within each turn, medians of many turns."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

NANOSECONDS = 1e9

Measured = Callable[[], float]


@dataclass(frozen=True)
class Row:
    """One thing that was timed: nanoseconds for an event, and its time over the reference's."""

    name: str
    median: float
    best: float
    worst: float
    ratio: float
    ratio_least: float
    ratio_greatest: float


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    c_turns: int
    turns: int
    hours: float
    rounds: int
    ticks: int
    slow_events: int


FULL = Effort(c_turns=61, turns=21, hours=48, rounds=2, ticks=8000, slow_events=60)
QUICK = Effort(c_turns=2, turns=2, hours=2, rounds=1, ticks=200, slow_events=4)


def in_turn(contenders: dict[str, Measured], turns: int) -> list[Row]:
    """Each contender in each turn; the first is the reference of the ratios."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for measure in contenders.values():
        measure()  # caches and clocks warm up
    for _ in range(turns):
        for name, measure in contenders.items():
            times[name].append(measure() * NANOSECONDS)
    reference = times[next(iter(times))]
    return [row(name, taken, reference) for name, taken in times.items()]


def row(name: str, taken: list[float], reference: list[float]) -> Row:
    """The figures of one contender, ratios turn by turn."""
    ratios = [one / other for one, other in zip(taken, reference, strict=True)]
    middle = statistics.median
    return Row(
        name, middle(taken), min(taken), max(taken), middle(ratios), min(ratios), max(ratios)
    )
