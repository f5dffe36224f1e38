"""Errors put into a copy of the C file on purpose: an analyser that misses one is of no use."""

from dataclasses import dataclass
from pathlib import Path

from tests.analysers.compilers import CLANG, GCC, sanitized
from tests.analysers.frama_c import BEGINNING, FRAMA_C, run_eva, write
from tests.analysers.results import LOGS, Result, Tool, Verdict, judged, missing


@dataclass(frozen=True)
class Error:
    """A text of the C file, what stands there instead, and what EVA must call it."""

    name: str
    right: str
    wrong: str
    kind: str


ERRORS = (
    Error("one turn too many", "T2 < 24; T2+=1", "T2 < 25; T2+=1", "index_bound"),
    Error(
        "an unguarded product",
        "(limits->pulse * DOSEKERNEL_HOUR) + dosekernel_flow",
        "(limits->pulse * DOSEKERNEL_TIME_MAX) + dosekernel_flow",
        "signed_overflow",
    ),
)


def broken(text: str, error: Error) -> str:
    """The C file with one error; the text that it replaces stands there once or first."""
    if error.right not in text:
        raise ValueError(f"{error.name}: the C file has no {error.right!r}")
    return text.replace(error.right, error.wrong, 1)


def by_eva(include: Path, error: Error) -> Result:
    """EVA on the beginning of a pump, with the error in it."""
    name = f"EVA, {error.name}"
    absent = missing(name, [FRAMA_C])
    if absent:
        return absent
    folder = LOGS / "seeded" / error.kind
    text = (include / "dosekernel.c").read_text(encoding="utf-8")
    write(include, folder, unrolled=False, c_text=broken(text, error))
    evaluated = run_eva(folder, BEGINNING, folder)
    found = [alarm for alarm in evaluated.alarms if alarm.kind == error.kind]
    # A promise that EVA refutes is no fault of this run: it comes of the same error.
    faults = [] if found else [f"not found: {error.wrong}", *evaluated.faults]
    seconds = evaluated.done.seconds
    return judged(FRAMA_C, name, "must be found", f"{len(found)}", seconds, faults)


def by_sanitizers(include: Path, error: Error, tool: Tool) -> Result:
    """The vectors through a kernel with the error in it."""
    name = f"{tool.command} sanitizers, {error.name}"
    folder = LOGS / "seeded" / error.kind
    folder.mkdir(parents=True, exist_ok=True)
    text = (include / "dosekernel.c").read_text(encoding="utf-8")
    source = folder / "broken.c"
    source.write_text(broken(text, error), encoding="utf-8")
    result = sanitized(include, tool, source, folder)
    if result.verdict is Verdict.NOT_RUN:
        return result
    found = [line for line in result.faults if "runtime error" in line]
    faults = [] if found else [f"not found: {error.wrong}", *result.faults]
    return judged(tool, name, "must be found", f"{len(found)}", result.seconds, faults)


def all_of_them(include: Path) -> list[Result]:
    """Each error before each of these analysers."""
    rows = [by_eva(include, error) for error in ERRORS]
    return rows + [by_sanitizers(include, error, tool) for tool in (GCC, CLANG) for error in ERRORS]
