"""What the proof costs, by theorem: from the record of a run of `dosekernel prove --report`."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dosekernel import _native

FORMAT = "dosekernel-proof/1"


@dataclass(frozen=True)
class Theorem:
    """One theorem: seconds of each solver, over all its obligations."""

    name: str
    family: str
    obligations: int
    seconds: dict[str, float]


@dataclass(frozen=True)
class Proof:
    """A proof of this kernel, and which run it is that the figures are of."""

    record: str
    verdict: str
    wall_seconds: float
    largest_process: int
    theorems: list[Theorem]

    def families(self) -> list[Theorem]:
        """The sum of each family of theorems."""
        found: dict[str, Theorem] = {}
        for each in self.theorems:
            so_far = found.get(each.family, Theorem(each.family, each.family, 0, {}))
            found[each.family] = Theorem(
                each.family,
                each.family,
                so_far.obligations + each.obligations,
                {name: so_far.seconds.get(name, 0) + one for name, one in each.seconds.items()},
            )
        return list(found.values())

    def solver_seconds(self) -> dict[str, float]:
        """What each solver took for all of it."""
        names = self.theorems[0].seconds
        return {name: sum(each.seconds[name] for each in self.theorems) for name in names}


def made(folder: Path) -> Proof:
    """Prove everything afresh, here and now; nothing else is measured meanwhile."""
    record = folder / "proof.json"
    words = [sys.executable, "-m", "dosekernel.proofs", "--no-cache", "--report", str(record)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(
            f"benchmarks: dosekernel prove: exit code {done.returncode}; a proof that failed has "
            f"no time\n{done.stdout}{done.stderr}"
        )
    return read(record, "made in this run")


def given(record: Path) -> Proof:
    """The proof of a record that was made before."""
    return read(record, f"given: {record.name}")


def read(path: Path, which: str) -> Proof:
    """A record as figures; one of another kernel, of no fresh proof or of none is refused."""
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"benchmarks: --proof {path}: {error}") from None
    source = _native.version().rpartition(" ")[2]
    wanted = {"format": FORMAT, "kernel_source": source, "verdict": "proved", "units_from_cache": 0}
    for key, allowed in wanted.items():
        if not isinstance(record, dict) or record.get(key) != allowed:
            said = record.get(key) if isinstance(record, dict) else record
            raise SystemExit(f"benchmarks: --proof {path}: {key} is {said}; allowed: {allowed}")
    theorems = [
        Theorem(
            each["name"],
            each["family"],
            each["obligations"],
            {name: said["seconds"] for name, said in each["solvers"].items()},
        )
        for each in record["theorems"]
    ]
    return Proof(
        f"{which}, started {record['started']}, {record['jobs']} at a time",
        f"{record['headline']}, {len(theorems)} theorems, {record['obligations']} obligations",
        record["wall_seconds"],
        record["peak_memory_bytes"],
        theorems,
    )
