"""The pump's journal: an SQLite file to which entries are only added, each chained to the last.

An entry is on the disk before `append` returns (write-ahead log, full synchronisation). Its `chain`
is the SHA-256 of the entry before it and of all that it holds itself, so that an edited, missing or
foreign entry is found; entries that are missing at the end are found by the head beside the file
(`head`). No key goes into the chain: who can write the file, and knows how, can write all of it
again. One program at a time has a journal open.
"""

import hashlib
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import apsw

from ..errors import InputError
from .errors import HaltedError, JournalBusyError, JournalError, JournalVersionError, TamperedError
from .head import Head, HeadFile, head_path, read_head

# "dose" in the header of the file, and the version of the tables below.
APPLICATION = 0x646F7365
SCHEMA = 1
WAIT = 2000  # ms for another program to close the journal

TABLES = """
CREATE TABLE entries (
    seq   INTEGER PRIMARY KEY CHECK (seq > 0),
    wall  INTEGER NOT NULL,          -- ms since 1970-01-01 UTC, as the wall clock had it
    at    INTEGER NOT NULL,          -- ms of kernel time
    kind  TEXT    NOT NULL,
    code  INTEGER NOT NULL,          -- of an event its kind, of an outcome its status, else 0
    body  BLOB    NOT NULL,
    chain BLOB    NOT NULL CHECK (length(chain) = 32)
) STRICT;
CREATE INDEX rare ON entries (kind, seq) WHERE kind NOT IN ('event', 'outcome');
CREATE INDEX asked ON entries (seq) WHERE kind = 'event' AND code NOT IN (1, 2);
"""
COLUMNS = "seq, wall, at, kind, code, body, chain"


class What(StrEnum):
    """What an entry is."""

    BEGIN = "begin"  # the first: who wrote the journal, the drug's unit, the clock
    SESSION = "session"  # a program opened the journal: how its clocks stood
    LIMITS = "limits"  # limits that are to be adopted
    ADOPTED = "adopted"  # the kernel's answer, a reason
    EVENT = "event"  # what the kernel is about to be asked
    OUTCOME = "outcome"  # what it decided
    LOST = "lost"  # an event that the kernel never saw: the program died between the two
    STATE = "state"  # the kernel's whole state, to start from
    SETTING = "setting"  # of the shell, by name
    SITE = "site"  # where a set was inserted
    NOTICE = "notice"  # a sentence that the user was or is to be shown


KINDS = frozenset(map(str, What))


@dataclass(frozen=True)
class Entry:
    """One line of the journal."""

    seq: int
    wall: int
    at: int
    kind: What
    code: int
    body: bytes
    chain: bytes

    def follows(self, chain: bytes) -> bool:
        """True if this is the entry that was written after the one with `chain`."""
        numbers = (self.seq, self.wall, self.at, self.code)
        return self.chain == link(chain, numbers, self.kind, self.body)


def link(chain: bytes, numbers: tuple[int, int, int, int], kind: str, body: bytes) -> bytes:
    """The chain value of an entry after the one with `chain`; `numbers`: seq, wall, at, code."""
    digest = hashlib.sha256(chain)
    digest.update(struct.pack("<qqqq", *numbers))
    digest.update(kind.encode() + b"\0" + body)
    return digest.digest()


FIRST = hashlib.sha256(b"dosekernel journal 1").digest()


class Journal:
    """An open journal. The first failure to write halts it for good: what is on disk is unknown."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        """Use `create` or `open`."""
        self.path = path
        self._connection = connection
        self._halted = ""
        newest = "SELECT seq, chain FROM entries ORDER BY seq DESC LIMIT 1"
        row: Any = connection.execute(newest).fetchone()
        self._seq: int = row[0] if row else 0
        self._chain: bytes = row[1] if row else FIRST
        head = read_head(path)
        self.headless = head is None
        if head is not None:
            self._compare(head)
        self._files = {name: identity(name) for name in (path, wal_path(path))}
        self._head = HeadFile(path)
        self._head.write(Head(self._seq, self._chain))

    @classmethod
    def create(cls, path: Path, vfs: str | None = None) -> "Journal":
        """A new, empty journal; an existing file is never touched."""
        if not path.parent.is_dir():
            raise InputError(f"{path}: there is no folder {path.parent}")
        if taken := [each for each in beside(path) if each.exists()]:
            raise InputError(f"{taken[0]}: exists already; allowed: a name that is not taken")
        with told(path, "cannot be made"):
            # Whose pump it is, is nobody else's business: only the owner reads the file.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
            connection = connected(path, vfs)
            try:
                logged(path, connection)
                with connection:
                    connection.execute(TABLES)
                    connection.execute(f"PRAGMA application_id = {APPLICATION}")
                    connection.execute(f"PRAGMA user_version = {SCHEMA}")
                sync_folder(path.parent)
                return cls(path, connection)
            except BaseException:
                connection.close(force=True)
                raise

    @classmethod
    def open(cls, path: Path, vfs: str | None = None) -> "Journal":
        """A journal that is there; raises `JournalError` for whatever else the file is."""
        if not path.is_file():
            raise InputError(f"{path}: there is no such journal; dosekernel pump new makes one")
        with told(path, "cannot be opened"):
            connection = connected(path, vfs)
            try:
                # Nothing is written before it is known that the file is a journal.
                if connection.pragma("application_id") != APPLICATION:
                    raise JournalVersionError(f"{path}: this is not a pump's journal")
                version = connection.pragma("user_version")
                if version != SCHEMA:
                    raise JournalVersionError(
                        f"{path}: journal version {version}; this dosekernel reads {SCHEMA}"
                    )
                if connection.readonly("main"):
                    raise JournalError(f"{path}: is read-only; a pump must be able to write it")
                logged(path, connection)
                return cls(path, connection)
            except BaseException:
                connection.close(force=True)
                raise

    @property
    def halted(self) -> str:
        """Why nothing can be written any more; empty while all is well."""
        return self._halted

    @property
    def seq(self) -> int:
        """The number of the last entry."""
        return self._seq

    def halt(self, why: str) -> None:
        """Take no more entries: something else than the file failed."""
        self._halted = self._halted or why

    def append(self, kind: What, body: bytes, *, wall: int, at: int, code: int = 0) -> int:
        """Add an entry; when this returns it is on the disk. Returns its number."""
        if self._halted:
            raise HaltedError(f"{self.path}: {self._halted}; open the journal again to go on")
        seq = self._seq + 1
        chain = link(self._chain, (seq, wall, at, code), kind, body)
        # Until the entry is known to be there: also if something interrupts us in between.
        self._halted = "an entry was begun and not finished"
        try:
            self._connection.execute(
                f"INSERT INTO entries ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (seq, wall, at, str(kind), code, body, chain),
            )
            self._head.write(Head(seq, chain))
        except (apsw.Error, OSError) as error:
            self._halted = f"cannot be written: {error}"
            raise JournalError(f"{self.path}: {self._halted}; the pump has stopped") from error
        self._check_present()
        self._halted = ""
        self._seq, self._chain = seq, chain
        return seq

    def _check_present(self) -> None:
        """An entry in a file that was deleted or replaced would be lost with this program."""
        for name, was in self._files.items():
            if identity(name) != was:
                self._halted = f"{name.name} was deleted, moved or replaced while in use"
                try:
                    rescued = f"every entry was written again to {self._rescued()}"
                except JournalError as error:
                    rescued = f"its entries cannot be written elsewhere: {error}"
                raise JournalError(f"{self.path}: {self._halted}; the pump has stopped; {rescued}")

    def _rescued(self) -> Path:
        """All entries in a new file, under a name that is not taken."""
        number = 1
        while (path := self.path.with_name(f"{self.path.name}.rescued-{number}")).exists():
            number += 1
        with told(path, "cannot be made"):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
            copy = apsw.Connection(str(path))
            with copy.backup("main", self._connection, "main") as backup:
                backup.step()
            copy.close()
            sync_folder(path.parent)
        return path

    def _compare(self, head: Head) -> None:
        """The head is an entry of this journal; raises `TamperedError`."""
        if head.seq > self._seq:
            raise TamperedError(
                f"{self.path}: entries {self._seq + 1} to {head.seq} are missing at the end: this "
                "is an older copy, or its write-ahead log was lost; what was delivered since is "
                "not known, so a new journal has to be begun"
            )
        there = self.entry(head.seq) if head.seq else None
        if head.seq and (there is None or there.chain != head.chain):
            raise TamperedError(f"{self.path}: entry {head.seq} is not the one that the pump wrote")

    def entries(self, after: int = 0, kinds: Sequence[What] = ()) -> Iterator[Entry]:
        """Entries in order, from the one after `after` on; of some kinds, or of all."""
        only = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        yield from self._found(
            f"SELECT {COLUMNS} FROM entries WHERE seq > ?{only} ORDER BY seq",
            (after, *map(str, kinds)),
        )

    def asked(self, before: int, count: int) -> list[Entry]:
        """The last events before an entry but for ticks and confirmations, newest first."""
        query = (
            f"SELECT {COLUMNS} FROM entries INDEXED BY asked "
            "WHERE kind = 'event' AND code NOT IN (1, 2) AND seq < ? ORDER BY seq DESC LIMIT ?"
        )
        return list(self._found(query, (before, count)))

    def last(self, kind: What) -> Entry | None:
        """The newest entry of a kind that is not an event or an outcome."""
        query = (
            f"SELECT {COLUMNS} FROM entries INDEXED BY rare "
            "WHERE kind NOT IN ('event', 'outcome') AND kind = ? ORDER BY seq DESC LIMIT 1"
        )
        return next(self._found(query, (str(kind),)), None)

    def rare(self, kind: What) -> Iterator[Entry]:
        """All entries of a kind that is not an event or an outcome, in order."""
        query = (
            f"SELECT {COLUMNS} FROM entries INDEXED BY rare "
            "WHERE kind NOT IN ('event', 'outcome') AND kind = ? ORDER BY seq"
        )
        yield from self._found(query, (str(kind),))

    def entry(self, seq: int) -> Entry | None:
        """One entry by its number."""
        return next(self._found(f"SELECT {COLUMNS} FROM entries WHERE seq = ?", (seq,)), None)

    def chained(self, after: int = 0) -> Iterator[Entry]:
        """Entries in order, each checked against the one before it; raises `TamperedError`.

        From the one after `after` on, which itself is checked too.
        """
        chain, seq = (self.sound(after).chain, after) if after else (FIRST, 0)
        for entry in self.entries(after):
            if entry.seq != seq + 1:
                raise TamperedError(f"{self.path}: entry {seq + 1} is missing")
            if not entry.follows(chain):
                raise TamperedError(f"{self.path}: entry {entry.seq} was edited, or the one before")
            yield entry
            chain, seq = entry.chain, entry.seq

    def sound(self, seq: int) -> Entry:
        """One entry, checked against the one before it; raises `TamperedError`."""
        entry = self.entry(seq)
        before = self.entry(seq - 1) if seq > 1 else None
        if entry is None or (seq > 1 and before is None):
            missing = seq if entry is None else seq - 1
            raise TamperedError(f"{self.path}: entry {missing} is missing")
        if not entry.follows(before.chain if before else FIRST):
            raise TamperedError(f"{self.path}: entry {seq} was edited, or the one before")
        return entry

    def close(self) -> None:
        """Close the file; the journal can then be opened again."""
        self._halted = self._halted or "is closed"
        self._connection.close(force=True)
        self._head.close()

    def _found(self, query: str, values: Sequence[object]) -> Iterator[Entry]:
        with told(self.path, "cannot be read"):
            for row in self._connection.execute(query, tuple(values)):
                yield entry_of(self.path, row)


def wal_path(path: Path) -> Path:
    """The write-ahead log of a journal."""
    return path.with_name(path.name + "-wal")


def beside(path: Path) -> tuple[Path, ...]:
    """A journal, and the files that belong to it."""
    return (path, wal_path(path), head_path(path))


def identity(path: Path) -> tuple[int, int] | None:
    """Which file has this name now, if any."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def sync_folder(folder: Path) -> None:
    """A file that was made in the folder has its name on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def connected(path: Path, vfs: str | None) -> apsw.Connection:
    """A connection that lets nobody else in."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
    connection.set_busy_timeout(WAIT)
    connection.pragma("locking_mode", "exclusive")
    return connection


def logged(path: Path, connection: apsw.Connection) -> None:
    """Every commit goes to a write-ahead log and is synced; takes the lock."""
    mode = connection.pragma("journal_mode", "wal")
    if mode != "wal":
        raise JournalError(f"{path}: no write-ahead log is possible here, only {mode}")
    connection.pragma("synchronous", "full")
    # Writes, so that both files are there and a second program is told at once that this has them.
    version = connection.pragma("user_version")
    with connection:
        connection.execute(f"PRAGMA user_version = {version}")


@contextmanager
def told(path: Path, what: str) -> Iterator[None]:
    """Turn SQLite's errors into a `JournalError` that names the file."""
    try:
        yield
    except (apsw.BusyError, apsw.LockedError) as error:
        raise JournalBusyError(f"{path}: another program has this journal open") from error
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise JournalVersionError(f"{path}: not an SQLite file, or damaged") from error
    except apsw.ReadOnlyError as error:
        raise JournalError(f"{path}: is read-only; a pump must be able to write it") from error
    except (apsw.Error, OSError) as error:
        raise JournalError(f"{path}: {what}: {error}") from error
    except UnicodeDecodeError as error:
        raise TamperedError(f"{path}: a text in it is not readable") from error


def entry_of(path: Path, row: Sequence[Any]) -> Entry:
    """An entry from a row; raises `TamperedError` for one that no pump can have written."""
    seq, wall, at, kind, code, body, chain = row
    whole = all(type(number) is int for number in (seq, wall, at, code))
    if not whole or type(body) is not bytes or type(chain) is not bytes:
        raise TamperedError(f"{path}: entry {seq!r} is damaged: a value of a wrong type")
    if kind not in KINDS:
        raise TamperedError(f"{path}: entry {seq}: there is no kind {kind!r}")
    return Entry(seq, wall, at, What(kind), code, body, chain)
