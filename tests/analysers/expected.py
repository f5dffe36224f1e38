"""What analysers are known to say: `expected.toml`, held against what they said, both ways."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "expected.toml"
KEYS = {"analyser", "texts", "count", "reason"}
OUT_OF_TIME = "out_of_time"


@dataclass(frozen=True)
class Expected:
    """So many lines with this text are said, for this reason."""

    analyser: str
    text: str
    count: int
    reason: str
    # What a prover did not find in the time of a goal, it may find on a quicker machine.
    out_of_time: bool = False


def read(path: Path = FILE) -> list[Expected]:
    """Every text of every entry; each has all keys, a count of at least one and a reason."""
    found: list[Expected] = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["said"]:
        if set(entry) - {OUT_OF_TIME} != KEYS or entry["count"] < 1 or not entry["reason"].strip():
            raise ValueError(f"{path.name}: an entry needs {', '.join(sorted(KEYS))}: {entry}")
        found += [
            Expected(
                entry["analyser"],
                text,
                entry["count"],
                entry["reason"],
                entry.get(OUT_OF_TIME, False),
            )
            for text in entry["texts"]
        ]
    return found


def compared(analyser: str, said: Sequence[str], expected: Sequence[Expected]) -> list[str]:
    """What is a fault: lines that no entry speaks of, and entries that are said otherwise."""
    mine = [each for each in expected if each.analyser == analyser]
    faults = [line for line in said if not any(each.text in line for each in mine)]
    for each in mine:
        found = sum(each.text in line for line in said)
        shown_in_time = each.out_of_time and found < each.count
        if found != each.count and not shown_in_time:
            faults.append(f"expected.toml has {each.count} of {each.text!r}; there are {found}")
    return faults
