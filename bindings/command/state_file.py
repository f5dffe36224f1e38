"""A state on disk: read as it is or not at all, replaced as a whole or not at all."""

import os
import tempfile
from pathlib import Path

from ..errors import InputError, StateError
from ..face import STATE_BYTES


def read_state(path: Path) -> bytes | None:
    """The bytes of a state file; None if there is none yet and one can be made there."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != STATE_BYTES:
                raise StateError(f"{path}: state: {size} bytes; allowed: exactly {STATE_BYTES}")
            return file.read(STATE_BYTES)
    except FileNotFoundError:
        folder = path.parent
        if not folder.is_dir() or not os.access(folder, os.W_OK):
            raise InputError(f"{path}: cannot be made; allowed: a file in a folder") from None
        return None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def write_state(path: Path, state: bytes) -> None:
    """Replace the file at once: whoever reads it sees all of the old state or all of the new."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(state)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
