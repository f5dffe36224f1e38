"""The table of line, branch and MC/DC: `python -m tests.mcdc.run`; exit code 1 below the whole.

The whole is what can be reached: what `infeasible.toml` lists is proved to be out of reach.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dosekernel import _native
from tests.vectors.vector_file import read

from . import cases, infeasible
from .infeasible import Infeasible
from .measure import Measured, ToolMissingError, can_matter, measure


@dataclass
class Verdict:
    """What is out of reach by proof, what is missing, and what the list says too much."""

    proved: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """All that can be reached was reached, and the list says nothing else."""
        return not self.missing and not self.needless


def judge(measured: Measured, listed: tuple[Infeasible, ...]) -> Verdict:
    """What was not reached, against the list of what cannot be."""
    found = Verdict({"lines": 0, "branches": 0, "MC/DC": 0})
    sides = {(each.function, side) for each in listed for side in each.sides}
    lines = {(each.function, line) for each in listed for line in each.lines}
    for kind, known, missed in (
        ("branches", sides, measured.missed_sides),
        ("lines", lines, measured.missed_lines),
    ):
        for function, text in missed:
            if (function, text) in known:
                found.proved[kind] += 1
            else:
                found.missing.append(f"{kind}: {function}: {text}")
        found.needless += [f"{function}: {text}" for function, text in sorted(known - set(missed))]
    for decision, number in measured.missed_conditions():
        if can_matter(decision, number, sides):
            text = f"{decision.conditions[number]} in {decision.text}"
            found.missing.append(f"MC/DC: {decision.function}: {text}")
        else:
            found.proved["MC/DC"] += 1
    return found


def table(measured: Measured, verdict: Verdict) -> str:
    """The figures as a table in Markdown."""
    rows = [
        ("lines", measured.lines, len(measured.missed_lines)),
        ("branches", measured.sides, len(measured.missed_sides)),
        ("MC/DC", measured.conditions, len(list(measured.missed_conditions()))),
    ]
    told = [
        "| of | in all | reached | proved out of reach | missing | |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, count, missed in rows:
        out = verdict.proved[name]
        share = 100 * (count - missed) / (count - out)
        told.append(
            f"| {name} | {count} | {count - missed} | {out} | {missed - out} | {share:.2f} % |"
        )
    return "\n".join(told)


def prove_all(listed: tuple[Infeasible, ...], say: Callable[[str], None] = print) -> list[str]:
    """Prove every entry of the list; the functions of those that were not proved."""
    failed = []
    for entry in listed:
        with tempfile.TemporaryDirectory() as folder:
            good = infeasible.shown(infeasible.prove(entry, Path(folder)))
        say(f"{'proved' if good else 'NOT PROVED'}  {entry.function}: {entry.reason}")
        if not good:
            failed.append(entry.function)
    return failed


def record(measured: Measured, verdict: Verdict, failed: list[str]) -> dict[str, object]:
    """What `dosekernel report --record` reads: the figures, and of which kernel they are."""
    missed = {
        "lines": (measured.lines, len(measured.missed_lines)),
        "branches": (measured.sides, len(measured.missed_sides)),
        "MC/DC": (measured.conditions, len(list(measured.missed_conditions()))),
    }
    return {
        "kernel_source": _native.version().rpartition(" ")[2],
        "ok": verdict.good and not failed,
        **{
            name: {"in_all": count, "reached": count - less, "out_of_reach": verdict.proved[name]}
            for name, (count, less) in missed.items()
        },
        "missing": [*verdict.missing, *(f"not proved: {each}" for each in failed)],
    }


def main() -> int:
    """Measure, judge, prove; say all of it."""
    parser = argparse.ArgumentParser(description="Line, branch and MC/DC coverage of the C file.")
    parser.add_argument("--out", type=Path, default=Path("build/mcdc"), help="where the parts go")
    chosen = parser.parse_args()
    listed = infeasible.load()
    try:
        measured = measure([read(), cases.make()], chosen.out)
    except ToolMissingError as error:
        print(error, file=sys.stderr)
        return 4
    verdict = judge(measured, listed)
    print(table(measured, verdict), end="\n\n")
    for each in verdict.missing:
        print(f"not reached  {each}")
    for each in verdict.needless:
        print(f"reached, and listed as out of reach  {each}")
    failed = prove_all(listed)
    told = json.dumps(record(measured, verdict, failed), indent=1)
    (chosen.out / "mcdc.json").write_text(told, encoding="utf-8")
    return 0 if verdict.good and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
