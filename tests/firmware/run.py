"""The vectors on an emulated Cortex-M4: `python -m tests.firmware.run`, or `make firmware`.

Exit codes: 0 all as expected, 1 a difference or a bound that does not hold, 4 a tool is missing.
"""

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from dosekernel.kernel import records as k
from dosekernel.spec.hazards import load
from tests.vectors import report, vector_file
from tests.vectors.vector_file import OUTCOME_FIELDS, History, Step, Vectors

from . import toolchain
from .stack import StackError
from .toolchain import Firmware, ToolError

LEVELS = ("-O2", "-Os")
SHOWN = 10  # differences; one in a history mostly brings others behind it
GOOD, FINDING, MISSING = 0, 1, 4


@dataclass(frozen=True)
class Measure:
    """An entry's calls on the board: how many, instructions on average and at most, stack."""

    calls: int
    mean: float
    most: float
    stack: int


@dataclass(frozen=True)
class Run:
    """What a run on the board told."""

    status: int
    report: report.Report
    measures: dict[str, Measure]

    def findings(self, firmware: Firmware, vectors: Vectors) -> list[str]:
        """Everything that is not as it must be."""
        found = list(self.report.differences[:SHOWN])
        if len(self.report.differences) > SHOWN:
            found.append(f"and {len(self.report.differences) - SHOWN} more differences")
        if self.status != 0 or not self.report.complete(vectors):
            found.append(
                f"the board left with status {self.status}, {self.report.passed} passed, "
                f"sum {self.report.sum:016x}, expected {report.sum_of_given(vectors):016x}"
            )
        for entry, measure in self.measures.items():
            bound = firmware.bounds[entry].size
            if not 0 < measure.stack <= bound:
                found.append(f"{entry}: {measure.stack} bytes of stack, the bound is {bound}")
        return found


def execute(firmware: Firmware, vectors: Vectors, folder: Path) -> Run:
    """Run the firmware and read what it printed."""
    status, printed = toolchain.emulate(firmware.program, folder)
    told = report.read(printed, vectors)
    return Run(status, told, measures(printed))


def measures(printed: str) -> dict[str, Measure]:
    """Calls, instructions and stack of each entry; ticks become instructions by a known loop."""
    rows = [line.split() for line in printed.splitlines()]
    counters = [[int(word) for word in row[1:]] for row in rows if row and row[0] == "counter"]
    if len(counters) != 1:
        raise ValueError(f"the program told no counter; it printed:\n{printed}")
    nothing, ticks, instructions = counters[0]
    if not 0 <= nothing < ticks:
        raise ValueError(f"the counter stands still: {ticks} ticks for {instructions} instructions")
    each = instructions / (ticks - nothing)
    found = {}
    for row in rows:
        if row and row[0] == "measured":
            calls, total, most, stack = (int(word) for word in row[2:])
            if calls < 1:
                raise ValueError(f"{row[1]} was never called")
            mean = (total / calls - nothing) * each
            found[row[1]] = Measure(calls, mean, (most - nothing) * each, stack)
    if set(found) != set(toolchain.ENTRIES):
        raise ValueError(f"the program told of {sorted(found)}; it printed:\n{printed}")
    return found


def one_word_wrong(vectors: Vectors) -> tuple[Vectors, str]:
    """The vectors with one expected word changed, and what a run of them must say."""
    row = next(row for row in load() if row.owner == "kernel")
    place, history = next(
        (place, each)
        for place, each in enumerate(vectors.histories)
        if each.start.name.startswith(row.id)
    )
    steps = [move for move in history.moves if isinstance(move, Step)]
    number = len(steps) // 2
    step = steps[number - 1]
    field = OUTCOME_FIELDS.index("reservoir")
    expected, found = step.outcome[field] + 1, step.outcome[field]
    outcome = (*step.outcome[:field], expected, *step.outcome[field + 1 :])
    moves = tuple(
        replace(step, outcome=outcome) if each is step else each for each in history.moves
    )
    histories = list(vectors.histories)
    histories[place] = History(history.start, moves)
    sentence = (
        f'line {step.line}, history "{history.start.name}", event {number}, outcome.reservoir: '
        f"expected {expected}, found {found}"
    )
    return replace(vectors, histories=tuple(histories)), sentence


def notices_a_wrong_word(vectors: Vectors, folder: Path) -> str:
    """Run vectors with one wrong word: "" if the board says just that, else what it says."""
    wrong, sentence = one_word_wrong(vectors)
    firmware = toolchain.build(LEVELS[0], vector_file.binary_of(wrong), folder)
    told = execute(firmware, wrong, folder)
    if told.status == 1 and told.report.failed == 1 and told.report.differences == (sentence,):
        print(f"one expected word changed on purpose, and found:\n  {sentence}")
        return ""
    return f"one expected word was changed; the board left with {told.status}: {told.report}"


def table(results: dict[str, tuple[Firmware, Run]]) -> str:
    """The figures, a column for each optimisation."""
    state = 8 * len(k.Memory().words())
    rows: list[tuple[str, list[str]]] = [("", list(results))]

    def row(name: str, texts: list[str]) -> None:
        rows.append((name, texts))

    both = list(results.values())
    row("vectors passed", [f"{r.report.passed} ({r.report.events} events)" for _, r in both])
    row("vectors failed", [str(r.report.failed) for _, r in both])
    row("kernel code, bytes", [str(f.sizes.text) for f, _ in both])
    row("kernel constants, bytes", [str(f.sizes.rodata) for f, _ in both])
    row("kernel data, bytes", [str(f.sizes.data) for f, _ in both])
    row("libgcc division, bytes", [str(f.sizes.library) for f, _ in both])
    row("state, bytes", [str(state)] * len(both))
    for entry in toolchain.ENTRIES:
        pairs = [(f.bounds[entry].size, r.measures[entry].stack) for f, r in both]
        row(f"stack of {entry}, bound / seen", [f"{bound} / {seen}" for bound, seen in pairs])
    for entry in toolchain.ENTRIES:
        told = [r.measures[entry] for _, r in both]
        row(f"instructions of {entry}, mean / most", [f"{m.mean:.0f} / {m.most:.0f}" for m in told])
    widths = [max(len(texts[i]) for _, texts in rows) for i in range(len(results))]
    return "\n".join(
        f"  {name:<36}" + "  ".join(text.rjust(widths[i]) for i, text in enumerate(texts))
        for name, texts in rows
    )


def run_all(folder: Path) -> list[str]:
    """Build and run at every level, then with a wrong word; prints, returns the findings."""
    vectors = vector_file.read()
    words = vector_file.binary_of(vectors)
    results: dict[str, tuple[Firmware, Run]] = {}
    findings: list[str] = []
    for level in LEVELS:
        print(f"building dosekernel.c with {level} and running it on {toolchain.BOARD}", flush=True)
        place = folder / level.lstrip("-")
        firmware = toolchain.build(level, words, place)
        told = execute(firmware, vectors, place)
        results[level] = firmware, told
        findings += [f"{level}: {each}" for each in told.findings(firmware, vectors)]
    print(table(results))
    deepest = results[LEVELS[0]][0].bounds["step"]
    print(f"deepest calls: {' > '.join(deepest.path)}")
    if findings:
        return findings
    wrong = notices_a_wrong_word(vectors, folder / "wrong")
    return [wrong] if wrong else []


def main(arguments: list[str]) -> int:
    """Run everything; the exit code."""
    parser = argparse.ArgumentParser(description="The vectors on an emulated Cortex-M4.")
    parser.add_argument("--folder", type=Path, default=Path("build/firmware"), metavar="DIR")
    folder = parser.parse_args(arguments).folder.resolve()
    if absent := toolchain.missing():
        print("\n".join(absent), file=sys.stderr)
        return MISSING
    try:
        findings = run_all(folder)
    except (StackError, ToolError, ValueError) as error:
        print(f"firmware: {error}", file=sys.stderr)
        return FINDING
    for finding in findings:
        print(f"firmware: {finding}", file=sys.stderr)
    return FINDING if findings else GOOD


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
