"""The queries that solvers were asked, to be carried in a page: as many as its size allows.

`dosekernel prove --smt2 DIR` writes each with its subject in the first line. They are packed, and
go in by rounds: first the smallest of every theorem, then the next of each, while there is room.
"""

import base64
import gzip
from dataclasses import dataclass, field
from pathlib import Path

from dosekernel.proofs.work import TOTALITY

from ..errors import InputError

ENDING = ": unsatisfiable if it holds"
BUDGET = 4_000_000  # characters of all packed texts in a page
SUFFIX = ".smt2"


@dataclass(frozen=True)
class Query:
    """One query's text."""

    name: str
    subject: str
    theorems: tuple[str, ...]
    packed: str
    size: int  # of the text, in bytes


@dataclass
class Queries:
    """The queries that a page carries, and how many there are of each theorem."""

    carried: dict[str, list[Query]] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    characters: int = 0


def pack(text: bytes) -> str:
    """A text as a page carries it: the same bytes for the same text."""
    return base64.b64encode(gzip.compress(text, 9, mtime=0)).decode("ascii")


def subject(first_line: str) -> tuple[str, tuple[str, ...]]:
    """What a query is about, and the theorems: `blocked [case]` or `step [case]: blocked, stop`."""
    said = first_line.removeprefix(";").strip().removesuffix(ENDING)
    about, colon, names = said.partition(": ")
    if colon:
        return about, tuple(names.split(", "))
    name = about.partition(" [")[0]
    # The contract of a function: one of the many that totality is made of.
    return about, (TOTALITY if name.startswith(f"{TOTALITY}/") else name,)


def read_queries(folder: Path, budget: int = BUDGET) -> Queries:
    """The queries of a folder, within a budget; `InputError` if there are none."""
    files = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: (path.stat().st_size, path.name))
    if not files:
        raise InputError(
            f"{folder}: no {SUFFIX} file there; allowed: what dosekernel prove --smt2 wrote"
        )
    found = Queries()
    waiting: dict[str, list[Path]] = {}
    for path in files:
        with path.open(encoding="utf-8") as file:
            _, names = subject(file.readline())
        for name in names:
            waiting.setdefault(name, []).append(path)
            found.written[name] = found.written.get(name, 0) + 1
    packed: dict[Path, Query] = {}
    for turn in range(max(map(len, waiting.values()))):
        for name in sorted(waiting):
            if turn < len(waiting[name]):
                _carry(found, name, waiting[name][turn], packed, budget)
    return found


def _carry(found: Queries, name: str, path: Path, packed: dict[Path, Query], budget: int) -> None:
    if found.characters >= budget:
        return
    if path not in packed:
        query = _query(path)
        if found.characters + len(query.packed) > budget:
            return
        packed[path] = query
        found.characters += len(query.packed)
    found.carried.setdefault(name, []).append(packed[path])


def _query(path: Path) -> Query:
    text = path.read_bytes()
    about, names = subject(text.partition(b"\n")[0].decode("utf-8"))
    return Query(path.name, about, names, pack(text), len(text))
