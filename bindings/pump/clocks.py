"""Two clocks for a pump: the wall's, which people set, and one that only goes forward.

The kernel sees neither: the shell derives its time from the forward clock, and after a restart
from what both can vouch for (`elapsed_since`). All times are whole milliseconds.
"""

import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dosekernel.kernel.records import HOUR

NANOSECONDS = 1_000_000
BOOT = Path("/proc/sys/kernel/random/boot_id")
# Across a reboot only the wall clock knows how long the pump was off, and anybody can set that.
# So much of it is believed unasked: kernel time that runs behind only makes limits stricter.
BELIEVED = HOUR


@dataclass(frozen=True)
class Instant:
    """One moment on both clocks; `boot` names the run of the machine that `forward` belongs to."""

    wall: int  # since 1970-01-01 UTC
    forward: int
    boot: str


class Clock(Protocol):
    """What a pump reads time from."""

    def now(self) -> Instant:
        """This moment."""

    def sleep(self, duration: int) -> None:
        """Come back when so much time has passed."""


class SystemClock:
    """The machine's own clocks; the forward one goes on while the machine sleeps."""

    def __init__(self) -> None:
        # Where nobody can say which boot this is, every program counts as one of its own.
        self._boot = BOOT.read_text("ascii").strip() if BOOT.exists() else uuid.uuid4().hex

    def now(self) -> Instant:
        """This moment."""
        forward = time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
        return Instant(time.time_ns() // NANOSECONDS, forward // NANOSECONDS, self._boot)

    def sleep(self, duration: int) -> None:
        """Wait."""
        time.sleep(duration / 1000)


class SimulatedClock:
    """A clock that stands still until it is told to go on: for tests and for simulated days."""

    def __init__(self, wall: int, forward: int = 0, boot: str = "simulated") -> None:
        self.wall = wall
        self.forward = forward
        self.boot = boot

    def now(self) -> Instant:
        """This moment."""
        return Instant(self.wall, self.forward, self.boot)

    def sleep(self, duration: int) -> None:
        """Let time pass."""
        if duration < 0:
            raise ValueError(f"duration: {duration}; allowed: 0 or more")
        self.wall += duration
        self.forward += duration

    def set_wall(self, wall: int) -> None:
        """Set the clock on the wall, as a person would."""
        self.wall = wall


@dataclass(frozen=True)
class Elapsed:
    """How much time counts as passed while a pump was off, and how much the wall clock claims."""

    counted: int
    claimed: int

    @property
    def doubted(self) -> bool:
        """True if the wall clock claims more than was counted: the user may vouch for it."""
        return self.counted < self.claimed


def elapsed_since(last: Instant, now: Instant, vouched: int | None = None) -> Elapsed:
    """The time between two moments of which the first may lie before a restart.

    The same boot: the forward clock knows. Another boot: the wall clock's word, at most `BELIEVED`
    of it, nothing if it went backward; more only if a person vouches for it as well (`vouched`),
    and never more than both say: time that did not pass would make room for drug.
    """
    if last.boot == now.boot and now.forward >= last.forward:
        passed = now.forward - last.forward
        return Elapsed(passed, passed)
    claimed = max(0, now.wall - last.wall)
    if vouched is not None:
        return Elapsed(min(claimed, max(0, vouched)), claimed)
    return Elapsed(min(claimed, BELIEVED), claimed)
