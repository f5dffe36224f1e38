"""The crash campaign: the scripted hour, broken at one operation of the disk after another.

    python -m tests.pump.campaign [--every K] [--how ERROR ...]

tries each K-th operation in each way and prints how many were tried and survived.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apsw

from dosekernel import Limits
from dosekernel.errors import InputError
from dosekernel.pump.errors import JournalError
from dosekernel.pump.shell import Pump

from .faulty_vfs import Break, Disk, FaultyVFS
from .lives import MEMORY, MINUTE, Life, check_after, check_cut, cut, hour

HOWS = tuple(how for how in Break if how is not Break.NEVER)
SLOW = 7 * MINUTE


@dataclass(frozen=True)
class Crash:
    """Which operation breaks, how, and whether the program that recovers is cut as well."""

    how: Break
    at: int
    again: int = 0


def operations(folder: Path, limits: Limits) -> int:
    """How many operations the hour takes on a disk that never breaks."""
    disk = Disk()
    lived(Life(folder / "whole", limits), disk)
    return disk.operations


def lived(life: Life, disk: Disk) -> bool:
    """The hour on a disk; true if a journal was begun, whatever then became of it."""
    vfs = FaultyVFS(disk)
    pump: Pump | None = None
    try:
        pump = life.begin(vfs.name)
        hour(life, pump)
    except (InputError, apsw.Error):
        assert disk.broken, "the hour ended although the disk was sound"
    finally:
        cut(pump)
        vfs.unregister()
    if disk.how is Break.POWER:
        disk.lose_power()
    return pump is not None


def recovered_in_part(life: Life, crash: Crash) -> list[str]:
    """A recovery that is cut as well; what it could tell before that."""
    disk = Disk(Break.POWER, crash.again, crash.at)
    vfs = FaultyVFS(disk)
    pump: Pump | None = None
    told: list[str] = []
    try:
        found = life.resume(vfs.name)
        pump, told = found.pump, found.sentences
    except (InputError, apsw.Error):
        assert disk.broken, "the recovery ended although the disk was sound"
    finally:
        cut(pump)
        vfs.unregister()
    disk.lose_power()
    return told


def survived(folder: Path, limits: Limits, crash: Crash) -> None:
    """One crash; raises `AssertionError` if anything was lost, done twice or not told."""
    life = Life(folder / "journal", limits)
    disk = Disk(crash.how, crash.at, crash.at, partial(life.clock.sleep, SLOW))
    if not lived(life, disk):
        not_begun(life)
        return
    under_way = check_cut(life)
    told = recovered_in_part(life, crash) if crash.again else []
    check_after(life, under_way, told)


def not_begun(life: Life) -> None:
    """The pump never came to be: nothing moved, and the file is refused with a reason."""
    assert not life.motor.strokes
    try:
        life.resume().pump.close()
    except (JournalError, InputError) as error:
        assert str(life.path) in str(error)


def crashes(count: int, every: int, hows: tuple[Break, ...]) -> Iterator[Crash]:
    """The crashes to try: one in three is followed by another during the recovery."""
    chance = random.Random(count)
    for how in hows:
        for at in range(1 + chance.randrange(every), count + 1, every):
            yield Crash(how, at, chance.randrange(1, 40) if chance.random() < 1 / 3 else 0)


def campaign(every: int, hows: tuple[Break, ...] = HOWS, progress: bool = False) -> Counter[str]:
    """Try each `every`-th operation in each way; how many were survived."""
    limits = Limits.load("insulin-u100")
    tried: Counter[str] = Counter()
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    try:
        count = operations(folder, limits)
        for crash in crashes(count, every, hows):
            shutil.rmtree(folder)
            folder.mkdir()
            try:
                survived(folder, limits, crash)
            except Exception as error:
                raise AssertionError(f"{crash}: {error!r}") from error
            tried[crash.how.name] += 1
            if progress and tried.total() % 100 == 0:
                print(f"\r{tried.total()} crashes survived", end="", file=sys.stderr)
    finally:
        shutil.rmtree(folder)
    return tried


def main() -> int:
    """The campaign as a command."""
    parser = argparse.ArgumentParser(description="Crash the reference pump at every operation.")
    parser.add_argument("--every", type=int, default=1, metavar="K", help="each K-th operation")
    names = [how.name for how in HOWS]
    parser.add_argument("--how", nargs="*", choices=names, default=names)
    chosen = parser.parse_args()
    begun = time.monotonic()
    tried = campaign(chosen.every, tuple(Break[name] for name in chosen.how), progress=True)
    took = time.monotonic() - begun
    print()
    for name, count in tried.items():
        print(f"{name:6} {count:6} tried and survived")
    print(f"{'all':6} {tried.total():6} in {took:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
