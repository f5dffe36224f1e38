"""A pump that delivers, in a folder whose disk's patience is not what is tested."""

from pathlib import Path

from dosekernel import Limits
from dosekernel.pump.bodies import from_json
from dosekernel.pump.clocks import SimulatedClock
from dosekernel.pump.journal import What
from dosekernel.pump.shell import Pump

from .lives import Life, set_up

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
UNIT = 1_000_000


def delivering(folder: Path, limits: Limits, wall: int | None = None) -> Pump:
    """A pump at 1 U/h, nothing owed; `wall` is what the clock shows then."""
    life = Life(folder / "journal", limits)
    pump = quick(life.begin())
    set_up(life, pump)
    pump.run(2 * MINUTE)
    pump.settle()
    if wall is not None:
        set_wall(pump, wall)
    return pump


def quick(pump: Pump) -> Pump:
    """The same pump, not waiting for the disk."""
    pump.journal._connection.pragma("synchronous", "off")
    return pump


def set_wall(pump: Pump, wall: int) -> None:
    """Set the clock on the wall, as a person would."""
    assert isinstance(pump.clock, SimulatedClock)
    pump.clock.set_wall(wall)


def live(pump: Pump, duration: int, step: int = 5 * MINUTE) -> None:
    """Let time pass in longer steps than the pump would take by itself."""
    for _ in range(duration // step):
        pump.clock.sleep(step)
        pump.advance()


def notices(pump: Pump) -> list[str]:
    """All that the person was told."""
    return [str(from_json(entry.body)["text"]) for entry in pump.journal.rare(What.NOTICE)]
