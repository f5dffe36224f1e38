"""A pump made or opened as a program does it: with its clock, its motor and its companions.

A journal that began as simulated stays so: its time passes only while a program lets it, and
stands still between two programs. Every other journal lives by the machine's own clocks.
"""

import os
from collections.abc import Callable
from pathlib import Path

from dosekernel.kernel.records import DAY
from dosekernel.spec.limits import Limits

from .bodies import from_json
from .clocks import Clock, SimulatedClock, SystemClock
from .errors import JournalError
from .journal import Journal
from .motor import SimulatedMotor
from .recovery import Found, begin, instant_of, resumed, traced
from .retrace import Retrace
from .shell import Companion, Pump
from .therapy.programme import ProgrammeFollower
from .therapy.reminders import Reminders

VARIABLE = "DOSEKERNEL_PUMP"
CLOCK = "clock"
SIMULATED = "simulated"
SYSTEM = "system"


def default_path() -> Path:
    """The journal where none is named: `DOSEKERNEL_PUMP`, or one in the user's data folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "dosekernel" / "pump.journal"


def make(path: Path, limits: Limits, *, simulated: bool, wall: int | None = None) -> Pump:
    """A new pump; a simulated one may begin at any moment of the wall clock (ms since 1970)."""
    now = SystemClock().now()
    clock: Clock = SystemClock()
    if simulated:
        clock = SimulatedClock(now.wall if wall is None else wall, DAY)
    about = {CLOCK: SIMULATED if simulated else SYSTEM}
    return accompanied(begin(path, limits, clock, motor_for(limits), about))


def open_pump(path: Path, vouched: int | None = None, *, tick: bool = True) -> Found:
    """The pump of a journal, on the clock that it began with; `tick`: deliver what is due at once.

    Whoever is about to stop it opens it without.
    """
    journal = Journal.open(path)
    try:
        trace, _ = traced(journal)
        if trace.limits is None:
            raise JournalError(f"{path}: the pump never began; make a new journal")
        clock, motor = clock_of(journal, trace), motor_for(trace.limits)
        found = resumed(journal, clock, motor, vouched, tick=tick)
    except BaseException:
        journal.close()
        raise
    accompanied(found.pump)
    return found


def clock_of(journal: Journal, trace: Retrace) -> Clock:
    """The machine's clock, or for a simulated pump one that stands where the journal ended."""
    if not is_simulated(journal) or trace.newest is None:
        return SystemClock()
    instant = instant_of(trace.newest, trace.session)
    return SimulatedClock(instant.wall, instant.forward, instant.boot)


def is_simulated(journal: Journal) -> bool:
    """True if time stands still between programs."""
    return bool(from_json(journal.sound(1).body).get(CLOCK) == SIMULATED)


def motor_for(limits: Limits) -> SimulatedMotor:
    """The motor that comes with the reference pump."""
    return SimulatedMotor(limits.pulse, limits.delivery_speed)


# What goes along with every pump, besides what a program adds.
COMPANIONS: tuple[Callable[[], Companion], ...] = (ProgrammeFollower, Reminders)


def accompanied(pump: Pump) -> Pump:
    """The pump with its companions."""
    pump.companions.extend(make_one() for make_one in COMPANIONS)
    return pump
