"""Kernels with one fault each, made in the generated C: what the oracles must see.

A fault in C needs no new build of the kernel's source, so that a test has it in seconds.
"""

from dataclasses import dataclass
from pathlib import Path

import dosekernel
from dosekernel.fuzz import building


@dataclass(frozen=True)
class Fault:
    """A function of the kernel's C that answers something else."""

    function: str
    answer: str  # a C statement at the start of its body
    oracles: tuple[str, ...]  # those that may speak first


FAULTS = (
    Fault("locked_out", "return 0;", ("lockout",)),
    Fault("set_expired", "return 0;", ("mode", "blocked", "guard")),
    Fault("book", "return;", ("window-total", "on-board", "day-total")),
    Fault("memory_sealed", "return 1;", ("corrupt", "sound")),
    Fault("end_raised_temporary", "return;", ("rate", "programme")),
    Fault("source_may", "return 1;", ("source", "outcome", "guard")),
    Fault("repeats", "return 0;", ("repeat",)),
    Fault("on_board", "return 0;", ("on-board",)),
    Fault("busy", "return 0;", ("conservation",)),
    Fault("foretold_low", "return 0;", ("mode", "guard", "rate", "blocked")),
    Fault("change_reason", "return 0;", ("guard", "limits", "unsettled", "mode")),
    Fault("run_extended", "return;", ()),  # less is given than asked: only the model sees it
)


def target(fault: Fault, folder: Path) -> Path:
    """A library with this fault."""
    include = Path(dosekernel.get_include())
    source = (include / "dosekernel.c").read_text(encoding="utf-8")
    name = f"dosekernel_{fault.function}("
    at = source.index(name, source.index("\n}\n"))
    while source[source.index(")", at) :].split("\n", 2)[0].rstrip().endswith(";"):
        at = source.index(name, at + 1)
    body = source.index("{", at) + 1
    (folder / "dosekernel.c").write_text(
        f"{source[:body]}\n  {fault.answer}{source[body:]}", encoding="utf-8"
    )
    (folder / "dosekernel.h").write_bytes((include / "dosekernel.h").read_bytes())
    (folder / building.PRESETS).write_text(building.presets(), encoding="utf-8")
    made = folder / f"{fault.function}.so"
    sources = [str(folder / "dosekernel.c"), str(building.TARGET)]
    includes = [f"-I{folder}", f"-I{building.HARNESS}"]
    words = ["cc", "-O1", "-w", "-fPIC", "-shared", *includes, *sources, "-o", str(made)]
    building.call(words, "gcc libc6-dev")
    return made
