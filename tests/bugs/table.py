"""Who finds the published bugs, and when: `python -m tests.bugs.table`; 1 if one is missed.

Each bug is refuted by the prover, then given to each engine for its time. What was found is kept
in a folder of this kernel's, a file for each bug and engine, so that a run that was stopped goes on
where it was. `bugs.json` beside it is what `dosekernel report --record` reads.
"""

import argparse
import contextlib
import io
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dosekernel import _native
from dosekernel.fuzz.building import kernel_sources
from dosekernel.fuzz.command import main as fuzz
from dosekernel.proofs.mutants.judge import Fate
from dosekernel.proofs.mutants.reach import Reach
from dosekernel.proofs.mutants.run import subject_of
from dosekernel.proofs.units import RECURSION

from .bugs import Bug, load, refuted

FINDING, GOOD = 1, 0
PROVER = "prover"
ENGINES = ("libfuzzer", "hypothesis")


class EngineFailedError(Exception):
    """An engine ended without an answer; the message is what it said."""


@dataclass(frozen=True)
class Row:
    """A bug, and what each of those who looked for it says; nothing found is an empty answer."""

    bug: Bug
    found: dict[str, dict[str, Any]]

    @property
    def missed(self) -> bool:
        """The prover does not refute it, or no engine finds it."""
        engines = [said for name, said in self.found.items() if name != PROVER]
        return not self.found[PROVER]["by"] or not any(said["by"] for said in engines)


def prove(bugs: Sequence[Bug], folder: Path) -> None:
    """Put every bug that is not yet judged to the prover."""
    left = [bug for bug in bugs if not answer(folder, bug, PROVER).exists()]
    if not left:
        return
    sys.setrecursionlimit(RECURSION)
    subject = subject_of(None)
    reach = Reach(subject)
    for bug in left:
        told = refuted(bug, subject, reach)
        by = told.by if told.fate is Fate.REFUTED else ""
        keep(folder, bug, PROVER, {"by": by, "seconds": told.seconds})


def hunt(bug: Bug, engine: str, seconds: float, folder: Path) -> None:
    """Let an engine look for a bug; its time begins when the target is built."""
    if answer(folder, bug, engine).exists():
        return
    with tempfile.TemporaryDirectory() as scratch:
        kernel = bug.write(Path(scratch))
        kernel_sources(kernel)
        words = ["--engine", engine, "--time", f"{seconds:g}s", "--kernel", str(kernel)]
        words += ["--out", scratch, "--quiet", "--json"]
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = fuzz(words)
    if code not in (FINDING, GOOD):
        raise EngineFailedError(f"{engine} on {bug.name}: ended with {code}")
    told = json.loads(said.getvalue())
    by = told["finding"]["oracle"] if code == FINDING else ""
    keep(folder, bug, engine, {"by": by, "seconds": told["seconds"], "steps": told["steps"]})


def answer(folder: Path, bug: Bug, name: str) -> Path:
    """Where an answer is kept."""
    return folder / f"{bug.name}.{name}.json"


def keep(folder: Path, bug: Bug, name: str, said: dict[str, Any]) -> None:
    """Keep an answer, whole or not at all."""
    path = answer(folder, bug, name)
    fresh = path.with_suffix(".fresh")
    fresh.write_text(json.dumps(said), encoding="utf-8")
    fresh.replace(path)
    print(f"{bug.name}: {name}: {said['by'] or 'NOT FOUND'}, {said['seconds']} s", flush=True)


def rows(bugs: Sequence[Bug], engines: Sequence[str], folder: Path) -> list[Row]:
    """All answers."""
    return [
        Row(
            bug,
            {
                name: json.loads(answer(folder, bug, name).read_text(encoding="utf-8"))
                for name in (PROVER, *engines)
            },
        )
        for bug in bugs
    ]


def table(found: Sequence[Row], engines: Sequence[str], seconds: float) -> str:
    """The answers as a page in Markdown."""
    lines = [
        "# Kernel bugs and who finds them",
        "",
        f"{len(found)} faults, each put into the kernel's source alone; the texts are in",
        "`tests/bugs/bugs.toml`. The prover names what is false of a call that it shows. An engine",
        f"has {seconds:g} s in one process, and the seed corpus; its time is from its start on.",
        "",
        "| bug | row | refuted by | " + " | ".join(engines) + " |",
        "|---|---|---|" + "--:|" * len(engines),
    ]
    for row in found:
        cells = [row.bug.name, row.bug.hazard, row.found[PROVER]["by"].partition(":")[0] or "—"]
        for engine in engines:
            said = row.found[engine]
            cells.append(f"{said['seconds']:.1f} s ({said['by']})" if said["by"] else "—")
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "| | found | median | longest |", "|---|--:|--:|--:|"]
    for name in (PROVER, *engines):
        times = [row.found[name]["seconds"] for row in found if row.found[name]["by"]]
        middle, longest = (statistics.median(times), max(times)) if times else (0.0, 0.0)
        lines.append(f"| {name} | {len(times)} | {middle:.1f} s | {longest:.1f} s |")
    return "\n".join(lines) + "\n"


def record(found: Sequence[Row], source: str) -> dict[str, Any]:
    """The figures, whose kernel they are, and a sentence at the hazard that each bug is after."""
    told: dict[str, list[str]] = {}
    for row in found:
        answers = [
            f"{name} {said['seconds']:.1f} s" if said["by"] else f"not {name}"
            for name, said in row.found.items()
        ]
        told.setdefault(row.bug.hazard, []).append(f"{row.bug.name} ({', '.join(answers)})")
    times = {
        name: [row.found[name]["seconds"] for row in found if row.found[name]["by"]]
        for name in found[0].found
    }
    return {
        "kernel_source": source,
        "ok": not any(row.missed for row in found),
        "bugs": len(found),
        "found by": {name: len(taken) for name, taken in times.items()},
        "median seconds": {
            name: statistics.median(taken or [0.0]) for name, taken in times.items()
        },
        "hazards": {
            hazard: f"A kernel with the fault is found out: {'; '.join(bugs)}."
            for hazard, bugs in told.items()
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the table."""
    parser = argparse.ArgumentParser(description="Who finds the published bugs, and when.")
    parser.add_argument("--engines", nargs="+", default=list(ENGINES))
    parser.add_argument("--seconds", type=float, default=20.0, help="for each bug and engine")
    parser.add_argument("--folder", type=Path, default=Path("build/bugs"), help="kept answers")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page there")
    chosen = parser.parse_args(arguments)
    source = _native.version().rpartition(" ")[2]
    answers = chosen.folder / source[:16]
    answers.mkdir(parents=True, exist_ok=True)
    bugs = load()
    prove(bugs, answers)
    for engine in chosen.engines:
        for bug in bugs:
            hunt(bug, engine, chosen.seconds, answers)
    found = rows(bugs, chosen.engines, answers)
    told = json.dumps(record(found, source), indent=1)
    (chosen.folder / "bugs.json").write_text(told + "\n", encoding="utf-8")
    page = table(found, chosen.engines, chosen.seconds)
    if chosen.write is not None:
        chosen.write.write_text(page, encoding="utf-8")
    missed = [row.bug.name for row in found if row.missed]
    print(page + (f"\nmissed: {', '.join(missed)}" if missed else "\nnone is missed"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
