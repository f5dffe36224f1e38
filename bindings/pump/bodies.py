"""What an entry's body holds: words as they are, everything else as JSON."""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from dosekernel.spec.limits import Limits

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
    """A mapping as a body."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False).encode()


def from_json(body: bytes) -> dict[str, Any]:
    """The mapping of a body; raises `ValueError` if it is none."""
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("not a mapping")
    return found


def state_body(last_id: int, state: bytes) -> bytes:
    """A kernel's state, and the last id that the pump gave away."""
    return packed((last_id,)) + state


def state_of(body: bytes) -> tuple[int, bytes]:
    """The last id, and the state."""
    (last_id,) = unpacked(body[:BYTES])
    return last_id, body[BYTES:]


def limits_body(limits: Limits, at: int) -> bytes:
    """Limits that are to hold from `at` on: by name and unit, and in the kernel's words."""
    words = limits.to_record().words()
    return as_json({"name": limits.name, "unit": limits.unit, "at": at, "words": words})


def limits_of(body: bytes) -> tuple[Limits, int]:
    """The limits, and from when on."""
    found = from_json(body)
    return Limits.from_words(found["words"], found["name"], found["unit"]), found["at"]
