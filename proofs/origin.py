"""What a run was about: hashes of the source and of the C that it compiles to, when and with what.

The C is made beside the proof, in a process of its own; where it cannot be made the record says so.
"""

import fcntl
import hashlib
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import dosekernel
import dosekernel.spec
from dosekernel.spec.language import kernel_files, source_hash

from .cache import cache_directory

# The rooms of the specification that a proof rests on.
ROOMS = ("properties", "theorems", "presets")
# Seconds that the compiler may take.
PATIENCE = 300


@dataclass
class Origin:
    """What a record names: its verdict is about one source, one C file, one set of tools."""

    kernel: str = ""
    spec: str = ""
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    c_hash: str = ""
    c_reason: str = "the kernel was given as text"
    # For the first part of a place in the source: the folder, from where the command was called.
    roots: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        made = {"sha256": self.c_hash} if self.c_hash else {"not_built": self.c_reason}
        return {
            "kernel_source": self.kernel,
            "spec_source": self.spec,
            "c_file": made,
            "object": shipped_object(self.c_hash),
            "roots": self.roots,
        }


def kernel_hash(kernel: Path) -> str:
    """The hash of a kernel's source: the same that its C file carries."""
    return source_hash(kernel_files(kernel))


def spec_hash() -> str:
    """The hash of what the theorems say: their statements, their list, the presets."""
    home = Path(str(dosekernel.spec.__file__)).parent
    files = [home / "obligations.py", home / "theorem.py"]
    for room in ROOMS:
        files += [path for path in (home / room).iterdir() if path.suffix in (".py", ".toml")]
    return source_hash(sorted(files))


def shipped_object(c_hash: str) -> dict[str, str] | None:
    """The object that is installed, by its hash; None if it is not of this very C file.

    What its machine code is, `dosekernel prove --object` shows; its record names the same hash.
    """
    home = Path(str(dosekernel.__file__)).parent
    try:
        text = (home / "include" / "dosekernel.c").read_bytes()
        made = json.loads((home / "lib" / "build.json").read_text(encoding="utf-8"))
        found = {"build": str(made["build"]), "sha256": str(made["object_sha256"])}
    except (OSError, ValueError, KeyError):
        return None
    return found if hashlib.sha256(text).hexdigest() == c_hash else None


class CFile:
    """The C file of a kernel's source, made while the proof runs."""

    def __init__(self, kernel: Path) -> None:
        context = multiprocessing.get_context("fork")
        self.channel, there = context.Pipe(duplex=False)
        self.process = context.Process(target=_make, args=(kernel, there), daemon=True)
        self.process.start()
        there.close()

    def finish(self, origin: Origin) -> None:
        """Write the hash into the record, or why there is none."""
        try:
            late = not self.channel.poll(PATIENCE)
            origin.c_hash, origin.c_reason = ("", "too slow") if late else self.channel.recv()
        except EOFError:
            origin.c_hash, origin.c_reason = "", "the compiler's process ended without an answer"
        finally:
            if self.process.is_alive():
                self.process.kill()
            self.process.join()
            self.channel.close()


def _make(kernel: Path, channel: Connection) -> None:
    channel.send(c_file(kernel)[1:])
    channel.close()


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Inside, no other process builds in this folder: the first builds, the others find it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def c_file(kernel: Path) -> tuple[Path, str, str]:
    """The C file of a kernel's source, its hash, and otherwise why there is none."""
    folder = cache_directory() / "c" / kernel_hash(kernel)
    try:
        from dosekernel.compile import CompileError, build_c
    except ImportError as error:
        return folder, "", f"the compiler is not installed: {error}"
    try:
        with one_at_a_time(folder):
            built = build_c(kernel, folder)
    except (CompileError, OSError) as error:
        return folder, "", str(error).partition("\n")[0]
    return built.c_path, built.c_hash, ""
