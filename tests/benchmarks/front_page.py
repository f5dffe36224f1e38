"""The figures of one run on a page that people read: between two markers, with their picture.

make benchmarks WRITE=README.md
"""

import textwrap
from pathlib import Path

from . import native, picture
from .figures import Figures, duration, times, told
from .oref0 import CAPS, DECISION
from .proving import Proof
from .timing import NANOSECONDS, Row

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
PICTURE = "docs/benchmarks.svg"
LINE = 115  # letters
LONGEST = 4  # families of theorems that are named

# What is shown of each table, the first of it is what the others are measured by.
FROM_C = {
    native.KERNEL: "the proved build (the default), both copies of the state checked at entry",
    native.KERNEL_FAST: "the same C, the fast build (`DOSEKERNEL_BUILD=fast`), bytes not proved",
    native.CHECKED_GATE: "a hand-written C gate of the same kind, two copies, nothing proved",
    native.BARE_GATE: "the same without integrity check",
}
FROM_PYTHON = {
    "Kernel.step(event)": "`Kernel.step(event)`",
    "kernel.tick(at=...) and all other calls, amounts as int": "`kernel.tick(at=...)` and its like",
    "of these, those with an amount or a rate, as int": "of these, those with an amount",
    "the same, as Decimal": "the same, the amount as `Decimal`",
    "step_many, numpy": "`step_many` over numpy",
}
SLOW = {
    "compiled": "`Kernel`",
    "interpreted": "`Interpreted`: the same kernel from its Python source",
    "dosekernel.checked": "`dosekernel.checked.Kernel`: that with every contract checked",
}
CONTRACTS = {
    "contracts off": "interpreted, contracts off",
    "contracts on": "interpreted, contracts on (icontract)",
}
OREF0 = {
    "the kernel from C": "the kernel from C",
    CAPS: "its caps of a rate alone",
    DECISION: "its whole decision with insulin on board, which is a controller too",
}


def check(page: Path) -> None:
    """Refuse a page that has no place for figures."""
    try:
        parts(page.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"benchmarks: --write {page}: {error}") from None


def write(found: Figures, page: Path) -> None:
    """The figures into a page, and their picture beside it."""
    before, after = parts(page.read_text(encoding="utf-8"))
    drawn = page.parent / PICTURE
    drawn.parent.mkdir(exist_ok=True)
    picture.draw(found, drawn)
    text = f"{before}{BEGIN}\n\n{block(found)}\n{END}{after}"
    page.write_text(text, encoding="utf-8")


def parts(text: str) -> tuple[str, str]:
    """What stands before the first marker and after the second; ValueError if they do not stand."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs the two lines {BEGIN} and {END}")
    return before, after


def block(found: Figures) -> str:
    """The figures that people ask for."""
    best = NANOSECONDS / found.c_stream[0].best / 1e6
    groups = {
        "a step from C, a closed loop": (FROM_C, found.c_stream),
        "a call from Python, the same events": (FROM_PYTHON, found.python),
        "the busiest minutes of it, from Python": (SLOW, found.python_slow),
        "contracts off and on, from source": (CONTRACTS, found.contracts),
        "beside `oref0` in node": (OREF0, found.oref0),
    }
    lines = ["| | median | times the first |", "|---|---:|---:|"]
    for title, (names, rows) in groups.items():
        lines += rows_of(title, names, rows)
    machine = found.machine
    paragraphs = [
        f"![Time of a step, memory, and the proof by theorem]({PICTURE})",
        "\n".join(lines),
        f"The best step of the proved build: {best:.1f} million a second. One run on "
        f"{machine['processor']}; {machine['C compiler']}; Python {machine['Python'].split()[-1]}.",
        "Memory: " + "; ".join(f"{name} {told(size)}" for name, size in found.memory.items()) + ".",
        *([proof_line(found.proof)] if found.proof else []),
        *[f"Not measured in this run: {name}." for name in found.left_out],
    ]
    return "\n\n".join(wrapped(each) for each in paragraphs) + "\n"


def wrapped(paragraph: str) -> str:
    """A paragraph in lines of a page; tables and pictures as they are."""
    if paragraph.startswith(("|", "!")):
        return paragraph
    return textwrap.fill(paragraph, LINE, break_long_words=False, break_on_hyphens=False)


def rows_of(title: str, names: dict[str, str], rows: list[Row]) -> list[str]:
    """A group of the table; nothing if nothing of it was measured."""
    shown = [one for one in rows if one.name in names]
    lines = [f"| **{title}** | | |"] if shown else []
    for one in shown:
        lines.append(f"| {names[one.name]} | {duration(one.median)} | {times(one.ratio)} |")
    return lines


def proof_line(proof: Proof) -> str:
    """The proof in a sentence."""
    solvers = proof.solver_seconds()
    taken = ", ".join(f"{name} {seconds:,.0f} s" for name, seconds in solvers.items())
    families = sorted(proof.families(), key=lambda each: -sum(each.seconds.values()))
    longest = ", ".join(
        f"{each.name} {sum(each.seconds.values()):,.0f} s" for each in families[:LONGEST]
    )
    return (
        f"The proof: {proof.verdict}, {proof.wall_seconds:,.0f} s in all; {taken}; longest (both "
        f"solvers together): {longest}. The record: {proof.record}."
    )
