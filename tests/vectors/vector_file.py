"""The vector file: what is written on each of its lines, read back, and the same as words for C.

README.md describes the lines. A `Move` is one line of a history: an event, other limits, or a word
that was damaged.
"""

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dosekernel.kernel import records as k
from dosekernel.strategies.damage import names

FILE = Path(__file__).parent / "dosing.jsonl"
FORMAT = 1
EVENT_FIELDS = tuple(names(k.Event()))
OUTCOME_FIELDS = tuple(names(k.Outcome()))
LIMITS_FIELDS = tuple(names(k.Limits()))
FEW = 8  # words; limits that differ from earlier ones in no more are written as these
LINES = "limits, a history, an adoption, a changed word, or an event with its outcome"

# The sum over the words of a state: `sum = (sum ^ word) * SUM_FACTOR`, modulo 2^64, from SUM_START.
# Each step is one-to-one in the sum and in the word, so one changed word always changes the sum.
SUM_START = 0xCBF29CE484222325
SUM_FACTOR = 0x100000001B3
SUM_MASK = 2**64 - 1

# The binary form: little-endian words; README.md lists what follows each of these.
MAGIC = 0x564B4C454E5244  # "DRNELKV" read as bytes
END, START, EVENT, ADOPT, WORD = range(5)


class VectorError(ValueError):
    """A line of the file that is not as the README says."""


@dataclass(frozen=True)
class Start:
    """A pump is made: memory of zeros, then `initialise` with these limits at this time."""

    line: int
    name: str
    limits: str
    at: int
    reason: int
    state: int


@dataclass(frozen=True)
class Step:
    """An event, and the outcome that it must have."""

    line: int
    event: tuple[int, ...]
    outcome: tuple[int, ...]
    state: int


@dataclass(frozen=True)
class Adopt:
    """Other limits are offered at a time, and the reason with which they are answered."""

    line: int
    limits: str
    at: int
    reason: int
    state: int


@dataclass(frozen=True)
class Damage:
    """One word of the memory is changed from outside."""

    line: int
    word: int
    value: int
    state: int


Move = Step | Adopt | Damage


@dataclass(frozen=True)
class History:
    """One pump's life: how it begins, and what follows."""

    start: Start
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class Vectors:
    """The whole file: limits by name, and histories."""

    limits: dict[str, tuple[int, ...]]
    histories: tuple[History, ...]

    @property
    def steps(self) -> int:
        """How many events it holds."""
        return sum(isinstance(move, Step) for each in self.histories for move in each.moves)


def sum_of(words: Iterable[int]) -> int:
    """The sum over a state's words."""
    found = SUM_START
    for word in words:
        found = ((found ^ (word & SUM_MASK)) * SUM_FACTOR) & SUM_MASK
    return found


# ---- text


def header() -> dict[str, Any]:
    """The first line."""
    fields = {"event": EVENT_FIELDS, "outcome": OUTCOME_FIELDS, "limits": LIMITS_FIELDS}
    return {
        "format": FORMAT,
        "layout": k.LAYOUT,
        "fields": {name: list(each) for name, each in fields.items()},
    }


def text_of(vectors: Vectors) -> str:
    """The file's text; lines are numbered anew."""
    rows: list[Any] = [header()]
    rows.extend(_limits_rows(vectors.limits))
    for history in vectors.histories:
        rows.append(_start_row(history.start))
        rows.extend(_move_row(move) for move in history.moves)
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)


def _limits_rows(limits: dict[str, tuple[int, ...]]) -> Iterator[dict[str, Any]]:
    """Limits in full, or as the earlier ones that they are like, and the few words that differ."""
    earlier: dict[str, tuple[int, ...]] = {}
    for name, words in limits.items():
        different = {
            other: [place for place in range(len(words)) if words[place] != theirs[place]]
            for other, theirs in earlier.items()
        }
        like = min(different, key=lambda other: len(different[other]), default="")
        if like and len(different[like]) <= FEW:
            but = {LIMITS_FIELDS[place]: words[place] for place in different[like]}
            yield {"limits": name, "like": like, "but": but}
        else:
            yield {"limits": name, "words": words}
        earlier[name] = words


def _start_row(start: Start) -> dict[str, Any]:
    row = {"history": start.name, "limits": start.limits, "at": start.at}
    return {**row, "reason": start.reason, "state": _hex(start.state)}


def _move_row(move: Move) -> dict[str, Any] | list[Any]:
    if isinstance(move, Step):
        return [*move.event, *move.outcome, _hex(move.state)]
    if isinstance(move, Adopt):
        row = {"adopt": move.limits, "at": move.at, "reason": move.reason}
        return {**row, "state": _hex(move.state)}
    return {"word": move.word, "value": move.value, "state": _hex(move.state)}


def _hex(state: int) -> str:
    return f"{state:016x}"


def read(path: Path = FILE) -> Vectors:
    """The file, checked line by line; raises VectorError with the line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [_parsed(line, number) for number, line in enumerate(lines, 1)]
    if not rows or rows[0] != header():
        raise VectorError(f"{path.name} line 1: not the header of format {FORMAT}")
    limits: dict[str, tuple[int, ...]] = {}
    histories: list[tuple[Start, list[Move]]] = []
    for number, row in enumerate(rows[1:], 2):
        try:
            if isinstance(row, dict) and "limits" in row and "history" not in row:
                limits[row["limits"]] = _limits(row, limits)
            elif isinstance(row, dict) and "history" in row:
                histories.append((_start(number, row), []))
            else:
                move = _move(number, row)
                if not histories:
                    raise ValueError("before the first history")
                histories[-1][1].append(move)
        except (KeyError, TypeError, ValueError) as error:
            message = f"{path.name} line {number}: {error!r}; allowed: {LINES}"
            raise VectorError(message) from None
    made = tuple(History(start, tuple(moves)) for start, moves in histories)
    return Vectors(limits, made)


def _parsed(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise VectorError(f"line {number}: {error}; allowed: one JSON value") from None


def _limits(row: dict[str, Any], earlier: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    if "words" in row:
        return _words(row["words"], len(LIMITS_FIELDS))
    words = list(earlier[row["like"]])
    for field, word in row["but"].items():
        words[LIMITS_FIELDS.index(field)] = word
    return _words(words, len(LIMITS_FIELDS))


def _words(values: Sequence[Any], length: int) -> tuple[int, ...]:
    if len(values) != length or any(type(value) is not int for value in values):
        raise ValueError(f"{len(values)} words; allowed: {length} whole numbers")
    return tuple(values)


def _start(line: int, row: dict[str, Any]) -> Start:
    state = int(row["state"], 16)
    return Start(line, row["history"], row["limits"], row["at"], row["reason"], state)


def _move(line: int, row: Any) -> Move:
    if isinstance(row, list):
        words = _words(row[:-1], len(EVENT_FIELDS) + len(OUTCOME_FIELDS))
        event, outcome = words[: len(EVENT_FIELDS)], words[len(EVENT_FIELDS) :]
        return Step(line, event, outcome, int(row[-1], 16))
    state = int(row["state"], 16)
    if "adopt" in row:
        return Adopt(line, row["adopt"], row["at"], row["reason"], state)
    return Damage(line, row["word"], row["value"], state)


# ---- words for C


def binary_of(vectors: Vectors) -> bytes:
    """The same as little-endian 64-bit words, for programs that cannot read text."""
    places = {name: place for place, name in enumerate(vectors.limits)}
    words: list[int] = [MAGIC, FORMAT, k.LAYOUT, len(places)]
    for each in vectors.limits.values():
        words.extend(each)
    for number, history in enumerate(vectors.histories, 1):
        start = history.start
        words += [START, start.line, number, places[start.limits], start.at, start.reason]
        words.append(start.state)
        for move in history.moves:
            words += _move_words(move, places)
    words.append(END)
    return struct.pack(f"<{len(words)}Q", *(word & SUM_MASK for word in words))


def _move_words(move: Move, places: dict[str, int]) -> list[int]:
    if isinstance(move, Step):
        return [EVENT, move.line, *move.event, *move.outcome, move.state]
    if isinstance(move, Adopt):
        return [ADOPT, move.line, places[move.limits], move.at, move.reason, move.state]
    return [WORD, move.line, move.word, move.value, move.state]
