"""A small file beside the journal that knows its newest entry, so that a lost end is noticed.

The chain of a journal shows what was edited, not that its last entries are gone: an older copy, or
a journal without its write-ahead log, is a sound chain as well, and a pump that went on from it
would have forgotten doses. The head is written after its entry is on the disk and is not synced
itself: after a power failure it may be older than the journal, never newer.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

SUFFIX = "-head"
DIGITS = 20
CHECK = 16  # hexadecimal digits of a checksum: a line half written is no head
OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Head:
    """The newest entry: its number and its chain value."""

    seq: int
    chain: bytes

    def line(self) -> bytes:
        """The head as the file holds it; every head is as long as any other."""
        text = f"{self.seq:0{DIGITS}} {self.chain.hex()}"
        return f"{text} {checksum(text)}\n".encode("ascii")


def checksum(text: str) -> str:
    """A checksum of a head's text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:CHECK]


def head_path(journal: Path) -> Path:
    """Where a journal's head is."""
    return journal.with_name(journal.name + SUFFIX)


def read_head(journal: Path) -> Head | None:
    """The head of a journal; None if it is missing or was not written whole."""
    try:
        text = head_path(journal).read_text("ascii")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    parts = text.split()
    if len(parts) != 3 or parts[2] != checksum(f"{parts[0]} {parts[1]}"):
        return None
    return Head(int(parts[0]), bytes.fromhex(parts[1]))


class HeadFile:
    """The head of an open journal, to be written after each entry."""

    def __init__(self, journal: Path) -> None:
        """Opens or makes the file."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._file = os.open(head_path(journal), flags, OWNER_ONLY)

    def write(self, head: Head) -> None:
        """Tell the newest entry: one write, at the same place each time."""
        os.pwrite(self._file, head.line(), 0)

    def close(self) -> None:
        """Sync and close the file; doing so again does nothing."""
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
            self._file = -1
