"""The files that hold keys: the pump's, of all its remotes, and a remote's own.

Keys are not in the journal: people hand that around. Both files are their owner's alone, and are
replaced as a whole.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import InputError
from ..head import OWNER_ONLY
from ..journal import sync_folder

OTHERS = 0o077
KEY = 32
NAMES = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def checked_name(name: object) -> str:
    """The name of a remote; raises `InputError`."""
    if not isinstance(name, str) or not NAMES.fullmatch(name):
        raise InputError(
            f"remote: name {name!r:.60}; allowed: 1 to 32 small letters, digits and hyphens"
        )
    return name


def keys_path(journal: Path) -> Path:
    """Where the keys of a pump's remotes are."""
    return journal.with_name(journal.name + "-remotes")


def socket_path(journal: Path) -> Path:
    """Where a pump that serves is reached."""
    return journal.with_name(journal.name + "-socket")


def read_keys(journal: Path) -> dict[str, bytes]:
    """The key of each remote by its name; none if nothing was paired."""
    path = keys_path(journal)
    if not path.exists():
        return {}
    found = read_private(path)
    try:
        return {checked_name(name): key_of(key) for name, key in found.items()}
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: is damaged: {error}") from error


def write_keys(journal: Path, keys: dict[str, bytes]) -> None:
    """Keep the keys of all remotes."""
    write_private(keys_path(journal), {name: key.hex() for name, key in keys.items()})


@dataclass(frozen=True)
class RemoteKey:
    """What a remote keeps: its name, its key, and where its pump is."""

    name: str
    key: bytes
    socket: Path

    def write(self, path: Path) -> None:
        """Keep it."""
        document = {"name": self.name, "key": self.key.hex(), "socket": str(self.socket)}
        write_private(path, document)

    @classmethod
    def read(cls, path: Path) -> "RemoteKey":
        """From its file; raises `InputError`."""
        if not path.is_file():
            raise InputError(f"{path}: there is no such key; dosekernel pump remote pair makes one")
        found = read_private(path)
        try:
            return cls(checked_name(found["name"]), key_of(found["key"]), Path(found["socket"]))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path}: is no remote's key: {error}") from error


def key_of(text: str) -> bytes:
    """A key as it stands in a file; raises `ValueError`."""
    key = bytes.fromhex(text)
    if len(key) != KEY:
        raise ValueError(f"a key of {len(key)} bytes; allowed: {KEY}")
    return key


def read_private(path: Path) -> dict[str, Any]:
    """A mapping from a file that nobody else may read; raises `InputError`."""
    if path.stat().st_mode & OTHERS:
        raise InputError(f"{path}: others may read this key; allowed: its owner only (chmod 600)")
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: is damaged: {error}") from error
    if not isinstance(found, dict):
        raise InputError(f"{path}: is damaged: not a mapping")
    return found


def write_private(path: Path, document: dict[str, str]) -> None:
    """A mapping as a file that nobody else may read: whole and on the disk, or not at all."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)
