"""The record of a proof, taken beside an exported C file only if it is about that very file.

A record is what `dosekernel prove --report FILE` wrote. It is refused unless every theorem that
there is was proved in it, from the source and to the C file at hand; there is no half of it.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dosekernel.proofs.origin import spec_hash
from dosekernel.proofs.report import FORMAT
from dosekernel.proofs.runner import listed
from dosekernel.proofs.solvers import SOLVERS, Verdict
from dosekernel.proofs.work import TOTALITY

from ..errors import InputError

VERSION_LINE = re.compile(r'return "dosekernel (\S+) layout (\d+) source ([0-9a-f]{64})";')


@dataclass(frozen=True)
class Subject:
    """What a record must be about: a C file, by its hash, and the source that it was made from."""

    version: str
    layout: str
    source: str
    c_hash: str


def subject(c_file: Path) -> Subject:
    """What a `dosekernel.c` says of itself, and its hash."""
    data = c_file.read_bytes()
    found = VERSION_LINE.search(data.decode("utf-8"))
    if found is None:
        raise InputError(
            f"{c_file}: it does not say its version; allowed: a generated dosekernel.c"
        )
    return Subject(found[1], found[2], found[3], hashlib.sha256(data).hexdigest())


def checked_record(path: Path, about: Subject) -> dict[str, Any]:
    """A record in which everything was proved about this file; `InputError` says what is wrong."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        problems = problems_of(record, about)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        problems = [f"not a whole record of a proof ({type(error).__name__}: {error})"]
    if problems:
        raise InputError(
            f"{path}: {'; '.join(problems)}; allowed: a file that dosekernel prove --report wrote "
            "when it proved this very kernel"
        )
    found: dict[str, Any] = record
    return found


def told(record: dict[str, Any]) -> str:
    """A record in a sentence."""
    solvers = " and ".join(f"{name} {version}" for name, version in record["solvers"].items())
    return (
        f"{len(record['theorems'])} theorems, {record['obligations']} obligations, all proved by "
        f"{solvers} on {record['started']}."
    )


def problems_of(record: Any, about: Subject) -> list[str]:
    """Everything that keeps a record from being evidence about this very kernel."""
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        return [f"not of the format {FORMAT}"]
    found: list[str] = []
    if record["kernel_source"] != about.source:
        found.append(f"it is about the source {record['kernel_source']}, not {about.source}")
    if record["c_file"].get("sha256") != about.c_hash:
        found.append(f"it is not about the C file {about.c_hash}")
    if record["spec_source"] != spec_hash():
        found.append("it is about other theorems than those of this version")
    proved = Verdict.PROVED.value
    theorems = {each["name"]: each["verdict"] for each in record["theorems"]}
    unproved = sorted(name for name, verdict in theorems.items() if verdict != proved)
    if record["verdict"] != proved or record["problems"] or unproved:
        found.append(f"its verdict is {record['verdict']}, not {proved}: {', '.join(unproved)}")
    missing = sorted({TOTALITY, *(each.name for each in listed()[0])} - set(theorems))
    if missing:
        found.append(f"it lacks theorems, among them {missing[0]}")
    if set(record["solvers"]) != set(SOLVERS):
        found.append(f"it is of {', '.join(record['solvers'])}, not of {', '.join(SOLVERS)}")
    return found
