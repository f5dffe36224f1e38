"""A pump that is ready to deliver, made once and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dosekernel import Kind, Limits, Outcome
from dosekernel.pump import opening
from dosekernel.pump.actions import Actions
from dosekernel.pump.set_change import SetChange, Step
from dosekernel.pump.shell import Pump
from dosekernel.spec.reasons import Status

UNIT = 1_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
# 2026-03-01 06:00 UTC
WALL = 1_772_344_800_000
PRIME, FILL = UNIT, 300_000
SITE = 3


def carried_out(change: SetChange, step: Step, reservoir: int = 200 * UNIT) -> Outcome:
    """One step, with a short tubing's amounts."""
    actions: dict[Step, Callable[[], Outcome]] = {
        Step.DISCONNECT: change.disconnect,
        Step.LOAD: lambda: change.load(reservoir),
        Step.PRIME: lambda: change.prime(PRIME),
        Step.INSERT: lambda: change.insert(SITE, "abdomen left 3"),
        Step.CONNECT: change.connect,
        Step.FILL: lambda: change.fill(FILL),
    }
    outcome = actions[step]()
    change.pump.run(2 * MINUTE)
    return outcome


def made_ready(path: Path) -> None:
    """A new simulated pump: set changed, 1 U/h, its journal closed."""
    pump = opening.make(path, Limits.load("insulin-u100"), simulated=True, wall=WALL)
    change = SetChange(pump)
    change.begin()
    while (step := change.next) is not None:
        assert carried_out(change, step).status is Status.ACCEPTED
    actions = Actions(pump)
    assert actions.confirm(actions.propose(Kind.SET_BASAL, rate=UNIT)).status is Status.ACCEPTED
    pump.close()


def copied(source: Path, target: Path) -> Path:
    """A journal and its head, under another name."""
    for suffix in ("", "-head"):
        shutil.copy(source.with_name(source.name + suffix), target.with_name(target.name + suffix))
    return target


@contextmanager
def opened(path: Path) -> Iterator[Pump]:
    """The pump of a journal, left properly."""
    pump = opening.open_pump(path).pump
    try:
        yield pump
    finally:
        pump.close()
