"""Makes the vector file: `python -m tests.vectors.make` from the root of the source tree."""

import argparse
from collections import Counter
from pathlib import Path
from random import Random
from types import ModuleType

from dosekernel import Event, Limits
from dosekernel.kernel import records as k
from dosekernel.spec import hazards
from dosekernel.spec.limits import preset_names
from dosekernel.strategies.walk import Walk

from . import (
    at_the_edges,
    clock_and_glucose,
    exact_room,
    other_histories,
    over_delivery,
    set_and_commands,
    under_delivery,
)
from .recorder import Book
from .vector_file import (
    EVENT_FIELDS,
    FILE,
    OUTCOME_FIELDS,
    Adopt,
    Step,
    Vectors,
    binary_of,
    read,
    text_of,
)

SECTIONS = (over_delivery, under_delivery, set_and_commands, clock_and_glucose)
WALK_STEPS = 160
# The seeds of walks that meet many different answers; found by trying.
SEEDS = (36, 15, 16, 25, 25, 15)


def make() -> Vectors:
    """The vectors, each told afresh."""
    book = Book()
    for module in (*SECTIONS, other_histories, at_the_edges, exact_room):
        tell(book, module)
    for name, seed in zip(preset_names(), SEEDS, strict=True):
        walk(book, name, seed)
    return book.vectors()


def tell(book: Book, module: ModuleType) -> None:
    """Every history of a module; one for a hazard begins with the name of its row."""
    for name, function in vars(module).items():
        own = getattr(function, "__module__", None) == module.__name__
        if own and not name.startswith("_"):
            row = f"{name.upper()}: " if name[1:].isdigit() else ""
            book.title = f"{row}{function.__doc__}"
            function(book)


def walk(book: Book, preset: str, seed: int) -> None:
    """A random life under a preset."""
    book.title = f"random walk {seed}, {preset}"
    recorder = book.begin(Limits.load(preset))
    steps = Walk(Random(seed))
    for _ in range(WALK_STEPS):
        recorder.step(Event.from_words(steps.event(recorder.memory.state).words()))


def unreached(vectors: Vectors) -> list[str]:
    """Every reason, mode, alarm, path, status, kind, source and kernel's hazard that is missing."""
    seen = reached(vectors)
    families = {
        "REASON_": "reason",
        "MODE_": "mode",
        "PATH_": "path",
        "ALARM_": "alarms",
    }
    missing = []
    for prefix, field in families.items():
        for name, value in vars(k).items():
            if name.startswith(prefix) and not seen[field, value]:
                missing.append(name)
    ranges = {"status": (k.ACCEPTED, k.CORRUPT), "kind": (k.TICK, k.ACKNOWLEDGE)}
    ranges["source"] = (k.USER, k.REMOTE)
    for field, (first, last) in ranges.items():
        missing += [f"{field} {each}" for each in range(first, last + 1) if not seen[field, each]]
    rows = {history.start.name.partition(":")[0] for history in vectors.histories}
    missing += [row.id for row in hazards.load() if row.owner == "kernel" and row.id not in rows]
    return missing


def reached(vectors: Vectors) -> Counter[tuple[str, int]]:
    """How often each value of each field comes; alarms one by one, kinds that were accepted."""
    seen: Counter[tuple[str, int]] = Counter()
    for history in vectors.histories:
        seen["reason", history.start.reason] += 1
        for move in history.moves:
            if isinstance(move, Adopt):
                seen["reason", move.reason] += 1
            elif isinstance(move, Step):
                _count(seen, move)
    return seen


def _count(seen: Counter[tuple[str, int]], step: Step) -> None:
    asked = dict(zip(EVENT_FIELDS, step.event, strict=True))
    told = dict(zip(OUTCOME_FIELDS, step.outcome, strict=True))
    for field in ("reason", "mode", "path", "status"):
        seen[field, told[field]] += 1
    for bit in range(told["alarms"].bit_length()):
        seen["alarms", told["alarms"] & 1 << bit] += 1
    if told["status"] == k.ACCEPTED:
        seen["kind", asked["kind"]] += 1
        seen["source", asked["source"]] += 1


def main() -> None:
    """Write the file, or its form of words."""
    parser = argparse.ArgumentParser(description="Make the vector file.")
    parser.add_argument("--binary", type=Path, metavar="FILE", help="its words, for programs in C")
    chosen = parser.parse_args()
    if chosen.binary:
        chosen.binary.write_bytes(binary_of(read()))
        return
    vectors = make()
    missing = unreached(vectors)
    if missing:
        raise SystemExit(f"vectors: not reached by any history: {', '.join(missing)}")
    FILE.write_text(text_of(vectors), encoding="utf-8")
    size = FILE.stat().st_size
    print(f"{FILE.name}: {len(vectors.histories)} histories, {vectors.steps} events, {size} bytes")


if __name__ == "__main__":
    main()
