"""What an entry's body holds: words as they are, everything else as JSON."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dosekernel.spec.limits import Limits

from ..face import STATE_BYTES

BYTES = 8


def packed(words: Sequence[int]) -> bytes:
    """Words as little-endian 64-bit integers."""
    return struct.pack(f"<{len(words)}q", *words)


def unpacked(body: bytes) -> tuple[int, ...]:
    """The words of a body; raises `ValueError` if it is not whole words."""
    if len(body) % BYTES:
        raise ValueError(f"{len(body)} bytes: not whole words")
    return struct.unpack(f"<{len(body) // BYTES}q", body)


def as_json(body: Mapping[str, object]) -> bytes:
    """A mapping as a body; raises `ValueError` or `TypeError` for what JSON cannot hold."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()


def from_json(body: bytes) -> dict[str, Any]:
    """The mapping of a body; raises `ValueError` if it is none."""
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("not a mapping")
    return found


@dataclass(frozen=True)
class Kept:
    """All that a pump needs to go on: what a kept state holds.

    `shell` is the shell's own part: the drug's limits by name and unit, settings, the session.
    """

    last_id: int
    kernel: bytes
    shell: dict[str, Any]

    def body(self) -> bytes:
        """As an entry's body."""
        return packed((self.last_id,)) + self.kernel + as_json(self.shell)

    @classmethod
    def of(cls, body: bytes) -> "Kept":
        """From an entry's body; raises `ValueError`."""
        end = BYTES + STATE_BYTES
        (last_id,) = unpacked(body[:BYTES])
        return cls(last_id, body[BYTES:end], from_json(body[end:]))


@dataclass(frozen=True)
class Session:
    """How the clocks stood when a program opened the journal: `at` is the kernel's time."""

    forward: int
    boot: str
    at: int

    def body(self) -> dict[str, object]:
        """For an entry."""
        return {"forward": self.forward, "boot": self.boot, "at": self.at}

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Session":
        """From an entry; raises `ValueError`, `KeyError` or `TypeError`."""
        return cls(int(found["forward"]), str(found["boot"]), int(found["at"]))


def limits_body(limits: Limits, at: int) -> bytes:
    """Limits that are to hold from `at` on: by name and unit, and in the kernel's words."""
    words = limits.to_record().words()
    return as_json({"name": limits.name, "unit": limits.unit, "at": at, "words": words})


def limits_of(body: bytes) -> tuple[Limits, int]:
    """The limits, and from when on."""
    found = from_json(body)
    return Limits.from_words(found["words"], found["name"], found["unit"]), found["at"]
