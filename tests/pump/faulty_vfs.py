"""A disk that breaks on purpose: at its n-th write, truncation, sync, deletion or opening.

SQLite talks to it as to any file system. Until it breaks it keeps, for each file, what was not
synced yet; when the power goes, of that a random part survives, each write whole, torn or not at
all, as real disks do.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from pathlib import Path

import apsw

NAMES = count(1)
SQLITE_OPEN_WRITES = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE


class Break(Enum):
    """How the disk breaks."""

    NEVER = "it does not"
    ERROR = "one call fails"
    FULL = "one call fails: no room left"
    TORN = "one write is done in part and fails"
    DEAD = "every call fails from then on"
    POWER = "every call fails from then on, and of what was not synced a random part is lost"
    SLOW = "one call takes long"


@dataclass
class Undo:
    """One change to a file that was not synced: what it did, and how to take it back."""

    offset: int
    data: bytes | None  # None: a truncation to `offset`
    before: bytes
    size: int


@dataclass
class Disk:
    """When it breaks and how; `operations` counts what was asked of it."""

    how: Break = Break.NEVER
    at: int = 0
    seed: int = 0
    slow: Callable[[], None] = lambda: None
    operations: int = 0
    broken: bool = False
    unsynced: dict[str, list[Undo]] = field(default_factory=dict)

    @property
    def dead(self) -> bool:
        """True if nothing works any more."""
        return self.broken and self.how in (Break.DEAD, Break.POWER)

    def due(self) -> bool:
        """Count an operation; true if it is the one that breaks. Raises if the disk is dead."""
        if self.dead:
            raise apsw.IOError("the disk is dead")
        self.operations += 1
        if self.broken or self.how is Break.NEVER or self.operations != self.at:
            return False
        self.broken = True
        return True

    def fail(self) -> None:
        """Break as planned; returns if the operation goes on all the same."""
        if self.how is Break.SLOW:
            self.slow()
        elif self.how is Break.FULL:
            raise apsw.FullError("no room left")
        else:
            raise apsw.IOError("the disk broke")

    def lose_power(self) -> None:
        """After everything was closed: a random part of what was not synced is gone."""
        chance = random.Random(self.seed)
        for name, changes in self.unsynced.items():
            path = Path(name)
            if not path.exists():
                continue
            content = bytearray(path.read_bytes())
            for change in reversed(changes):
                taken_back(content, change)
            for change in changes:
                if chance.random() < 0.5:
                    done_again(content, change, chance)
            path.write_bytes(content)
        self.unsynced.clear()


def taken_back(content: bytearray, change: Undo) -> None:
    """Undo a change."""
    content[change.offset : change.offset + len(change.before)] = change.before
    del content[change.size :]


def done_again(content: bytearray, change: Undo, chance: random.Random) -> None:
    """Do a change that the disk did in time; one write in four only in part."""
    if change.data is None:
        del content[change.offset :]
        return
    data = change.data
    if chance.random() < 0.25:
        data = data[: chance.randrange(len(data) + 1)]
    if len(content) < change.offset:
        content.extend(bytes(change.offset - len(content)))
    content[change.offset : change.offset + len(data)] = data


class FaultyVFS(apsw.VFS):
    """The file system of a `Disk`; to be used under `name`, until `unregister`."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.name = f"faulty-{next(NAMES)}"
        super().__init__(self.name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "FaultyFile":
        if flags[0] & SQLITE_OPEN_WRITES and self.disk.due():
            self.disk.fail()
        return FaultyFile(self.disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        if self.disk.due():
            self.disk.fail()
        self.disk.unsynced.pop(filename, None)
        super().xDelete(filename, syncdir)


class FaultyFile(apsw.VFSFile):
    """One file on a `Disk`."""

    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self.disk = disk
        text = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self.changes = disk.unsynced.setdefault(text, [])
        super().__init__("", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:
        if self.disk.dead:
            raise apsw.IOError("the disk is dead")
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:
        data = bytes(data)
        breaks = self.disk.due()
        torn = breaks and self.disk.how is Break.TORN
        if breaks and not torn:
            self.disk.fail()
        if torn:
            data = data[: random.Random(self.disk.seed).randrange(len(data))]
        size = super().xFileSize()
        kept = max(0, min(len(data), size - offset))
        before = super().xRead(kept, offset) if kept else b""
        self.changes.append(Undo(offset, data, before, size))
        if data:
            super().xWrite(data, offset)
        if torn:
            self.disk.fail()

    def xTruncate(self, newsize: int) -> None:
        if self.disk.due():
            self.disk.fail()
        size = super().xFileSize()
        before = super().xRead(size - newsize, newsize) if newsize < size else b""
        self.changes.append(Undo(newsize, None, before, size))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        if self.disk.due():
            self.disk.fail()
        super().xSync(flags)
        self.changes.clear()
