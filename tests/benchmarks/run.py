"""Benchmarks as a command: `make benchmarks`, or `python tests/benchmarks/run.py [--json FILE]`.

Everything is measured in one run, in turn (A B C A B C ...), so that what loads the machine loads
all alike; times are the thread's own processor time, a ratio is taken within each turn, and what is
shown is the median, the least and the greatest. Beside the kernel stands a gate written by hand, as
a careful engineer would write it without a proof. Before anything is timed both must give the same
outcome, word for word, to every event of the stream; so the ratio compares like with like.

Two streams: two days of a closed loop (ticks, confirmations, readings, temporary rates, boluses,
what must be refused), and ticks of an idle pump. Python is measured on the first.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import numpy as np

import dosekernel.checked
from dosekernel import Interpreted, Kernel, step_many
from tests.benchmarks import native, oref0, sizes
from tests.benchmarks.stream import Call, Stream, make_stream, make_ticks

NANOSECONDS = 1e9
AIM_STEPS = 3_000_000  # a second and a core, from C, both copies of the state checked
LEAST_STEPS = 1_500_000
AIM_CALL = 1000.0  # ns, a call from Python
AIM_CHECKED = 300  # times as fast as under run-time contracts

QUANTITIES = {"amount", "rate"}

Measured = Callable[[], float]
AnyKernel = Kernel | Interpreted | dosekernel.checked.Kernel


@dataclass(frozen=True)
class Row:
    """One thing that was timed: nanoseconds for an event, and its time over the reference's."""

    name: str
    median: float
    best: float
    worst: float
    ratio: float
    ratio_least: float
    ratio_greatest: float


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    c_turns: int
    turns: int
    hours: float
    rounds: int
    ticks: int
    slow_events: int


FULL = Effort(c_turns=61, turns=21, hours=48, rounds=2, ticks=8000, slow_events=60)
QUICK = Effort(c_turns=2, turns=2, hours=2, rounds=1, ticks=200, slow_events=4)


def in_turn(contenders: dict[str, Measured], turns: int) -> list[Row]:
    """Each contender in each turn; the first is the reference of the ratios."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for measure in contenders.values():
        measure()  # caches and clocks warm up
    for _ in range(turns):
        for name, measure in contenders.items():
            times[name].append(measure() * NANOSECONDS)
    reference = times[next(iter(times))]
    return [row(name, taken, reference) for name, taken in times.items()]


def row(name: str, taken: list[float], reference: list[float]) -> Row:
    """The figures of one contender, ratios turn by turn."""
    ratios = [one / other for one, other in zip(taken, reference, strict=True)]
    middle = statistics.median
    return Row(
        name, middle(taken), min(taken), max(taken), middle(ratios), min(ratios), max(ratios)
    )


# ---- C


def measure_c(machines: dict[str, native.Native], stream: Stream, effort: Effort) -> list[Row]:
    """Nanoseconds a step from C, the kernel as it ships first."""
    words = native.words_of(stream)
    agree(machines, words)

    def timed(machine: native.Native) -> Measured:
        return lambda: machine.seconds(words, effort.rounds)

    return in_turn({name: timed(machine) for name, machine in machines.items()}, effort.c_turns)


def measure_oref0(
    machine: native.Native, stream: Stream, effort: Effort, folder: Path
) -> list[Row]:
    """The kernel from C, then oref0's safety path in node."""
    words = native.words_of(stream)
    other = oref0.Oref0(folder, min(effort.turns / FULL.turns, 1))

    def called(name: str) -> Measured:
        return lambda: other.seconds(name)

    contenders: dict[str, Measured] = {
        "the kernel from C": lambda: machine.seconds(words, effort.rounds)
    }
    try:
        return in_turn(contenders | {name: called(name) for name in oref0.CALLS}, effort.turns)
    finally:
        other.close()


def agree(machines: dict[str, native.Native], words: native.Words) -> None:
    """Every machine decides every event alike, or there is nothing to compare."""
    expected = machines[native.KERNEL].outcomes(words)
    for machine in machines.values():
        told = machine.outcomes(words)
        wrong = np.flatnonzero(told != expected)
        if len(wrong):
            first = int(wrong[0])
            raise SystemExit(
                f"benchmarks: {machine.name}: event {first} {words.events[first]}: outcome "
                f"{told[first]}; the kernel's is {expected[first]}"
            )


# ---- Python


def measure_python(stream: Stream, effort: Effort) -> list[Row]:
    """Nanoseconds an event from Python, the compiled kernel's `step` first."""
    events = stream.events
    rows = native.words_of(stream).events

    def step() -> float:
        kernel = Kernel.from_state(None, stream.state)
        return each(kernel.step, events)

    def called(calls: list[Call]) -> Measured:
        def call() -> float:
            kernel = Kernel.from_state(None, stream.state)
            bound = [(getattr(kernel, name), fields) for name, fields in calls]
            start = time.thread_time()
            for method, fields in bound:
                method(**fields)
            return (time.thread_time() - start) / len(bound)

        return call

    def many() -> float:
        kernel = Kernel.from_state(None, stream.state)
        start = time.thread_time()
        step_many(kernel, rows)
        return (time.thread_time() - start) / len(rows)

    # Asked without the ticks between, most are refused: what differs is the cost of the call.
    quantities = [one for one in stream.calls if set(one[1]) & QUANTITIES]
    contenders = {
        "Kernel.step(event)": step,
        "kernel.tick(at=...) and all other calls, amounts as int": called(stream.calls),
        "of these, those with an amount or a rate, as int": called(quantities),
        "the same, as Decimal": called([in_decimals(one) for one in quantities]),
        "step_many, numpy": many,
    }
    return in_turn(contenders, effort.turns)


def in_decimals(call: Call) -> Call:
    """A call with its amount or rate in the drug's own unit."""
    name, fields = call
    return name, {
        field: Decimal(str(value)).scaleb(-6) if field in QUANTITIES else value
        for field, value in fields.items()
    }


def measure_slow(stream: Stream, effort: Effort) -> list[Row]:
    """The same few events compiled, interpreted, and interpreted with every contract checked."""
    busiest = busiest_part(stream, effort.slow_events)

    def stepped(face: type[AnyKernel]) -> Measured:
        def measure() -> float:
            kernel = face.from_state(None, busiest.state)
            return each(kernel.step, busiest.events)

        return measure

    faces: dict[str, type[AnyKernel]] = {
        "compiled": Kernel,
        "interpreted": Interpreted,
        "dosekernel.checked": dosekernel.checked.Kernel,
    }
    return in_turn({name: stepped(face) for name, face in faces.items()}, min(effort.turns, 5))


def busiest_part(stream: Stream, count: int) -> Stream:
    """The `count` events with the most kinds among them, and the state before them."""
    kinds = [event.kind for event in stream.events]
    starts = range(len(kinds) - count + 1)
    begin = max(starts, key=lambda start: len(set(kinds[start : start + count])))
    kernel = Kernel.from_state(None, stream.state)
    for event in stream.events[:begin]:
        kernel.step(event)
    return Stream(kernel.state, stream.events[begin : begin + count])


def each(step: Callable[..., object], events: list[dosekernel.Event]) -> float:
    """The time of one step, the loop included."""
    start = time.thread_time()
    for event in events:
        step(event)
    return (time.thread_time() - start) / len(events)


# ---- what it is measured on, and how large it is


def machine_facts() -> dict[str, str]:
    """The processor, the compiler and the versions of this run."""
    told = subprocess.run(
        [native.compiler(), "--version"], capture_output=True, text=True, check=True
    )
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores, {platform.machine()}",
        "system": f"{platform.system()} {platform.release()}, load {load}",
        "C compiler": told.stdout.splitlines()[0],
        "C flags": " ".join(native.shipped_flags()),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": np.__version__,
        "dosekernel": dosekernel.__version__,
    }


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def measure_sizes(machines: dict[str, native.Native], folder: Path) -> dict[str, int]:
    """Bytes and lines."""
    flags = native.shipped_flags()
    kernel_c = native.INCLUDE / "dosekernel.c"
    parts = [(native.HERE / name).read_text(encoding="utf-8") for name in native.HAND_WRITTEN_PARTS]
    hand_written = sum(sizes.c_lines(part) for part in parts)
    lines, code, bare = sizes.python_lines(native.ROOT / "kernel")
    return {
        "state, both copies (bytes)": machines[native.KERNEL].size(),
        "machine code, as shipped (bytes)": native.text_bytes(folder, kernel_c, flags),
        "machine code, -Os (bytes)": native.text_bytes(folder, kernel_c, [*flags, "-Os"]),
        "dosekernel.c (lines of code)": sizes.c_lines(kernel_c.read_text(encoding="utf-8")),
        "hand-written gate (lines of code)": hand_written,
        "kernel/*.py (all lines)": lines,
        "kernel/*.py (code with contracts)": code,
        "kernel/*.py (code without contracts)": bare,
    }


# ---- the tables


def table(title: str, rows: list[Row], *, per_second: bool) -> str:
    """Rows as Markdown; `times` is the time over that of the first row, turn by turn."""
    last = "steps a second (best)" if per_second else "ns (best)"
    lines = [
        f"### {title}",
        "",
        f"| | ns, median | min .. max | times the first row's | min .. max | {last} |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for one in rows:
        best = f"{NANOSECONDS / one.best:,.0f}" if per_second else f"{one.best:,.0f}"
        lines.append(
            f"| {one.name} | {one.median:,.0f} | {one.best:,.0f} .. {one.worst:,.0f} "
            f"| {one.ratio:,.2f} | {one.ratio_least:,.2f} .. {one.ratio_greatest:,.2f} | {best} |"
        )
    return "\n".join(lines) + "\n"


def two_columns(title: str, facts: dict[str, str] | dict[str, int]) -> str:
    """Names and values as Markdown."""
    lines = [f"### {title}", "", "| | |", "|---|---|"]
    for name, value in facts.items():
        lines.append(
            f"| {name} | {value:,} |" if isinstance(value, int) else f"| {name} | {value} |"
        )
    return "\n".join(lines) + "\n"


def aims(stream: list[Row], python: list[Row], slow: list[Row]) -> dict[str, str]:
    """What the product aims at, and what this run shows."""
    steps = NANOSECONDS / stream[0].best
    reached = "missed"
    if steps >= LEAST_STEPS:
        reached = "reached" if steps >= AIM_STEPS else "above the least"
    slowest = max(one.best for one in python)
    faster = slow[2].ratio
    return {
        f"{AIM_STEPS:,} steps a second from C, {LEAST_STEPS:,} at least": (
            f"{steps:,.0f}: {reached}"
        ),
        f"{AIM_CALL:,.0f} ns for any call from Python": (
            f"{slowest:,.0f}: {met(slowest <= AIM_CALL)}"
        ),
        f"{AIM_CHECKED} times as fast as under run-time contracts": (
            f"{faster:,.0f}: {met(faster >= AIM_CHECKED)}"
        ),
    }


def met(aim: bool) -> str:
    """Whether an aim is reached, in a word."""
    return "reached" if aim else "missed"


def measure(effort: Effort, folder: Path, package: Path | None = None) -> dict[str, object]:
    """Everything, as it goes into the JSON; oref0 only if its `package` is at hand."""
    say("compiling the kernel and the hand-written gate")
    machines = native.build(folder)
    stream = make_stream(effort.hours)
    ticks = make_ticks(effort.ticks)
    say(f"C: {len(stream.events)} events of {effort.hours:g} hours, then {effort.ticks} ticks")
    c_stream = measure_c(machines, stream, effort)
    c_ticks = measure_c(machines, ticks, effort)
    say("Python: compiled, then interpreted and with contracts")
    python = measure_python(stream, effort)
    slow = measure_slow(stream, effort)
    beside: dict[str, object] = {}
    if package is not None:
        say("oref0 in node")
        beside["oref0"] = measure_oref0(machines[native.KERNEL], stream, effort, package)
    return {
        "machine": machine_facts(),
        "c_stream": c_stream,
        "c_ticks": c_ticks,
        "python": python,
        "python_slow": slow,
        **beside,
        "size": measure_sizes(machines, folder),
        "aims": aims(c_stream, python, slow),
    }


def say(text: str) -> None:
    """Progress goes to stderr, so that stdout is the tables alone."""
    print(f"benchmarks: {text}", file=sys.stderr)


def main() -> int:
    """Measure, print the tables, write the JSON."""
    parser = argparse.ArgumentParser(description="Times the kernel from C and from Python.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--quick", action="store_true", help="very little of everything: a test")
    parser.add_argument("--oref0", type=Path, metavar="DIR", help="node_modules/oref0, to compare")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(QUICK if options.quick else FULL, Path(folder), options.oref0)
    titles = {
        "machine": "Measured on",
        "c_stream": "From C: a closed loop",
        "c_ticks": "From C: ticks of an idle pump",
        "python": "From Python: the same closed loop",
        "python_slow": "From Python: its busiest minutes",
        "oref0": "Beside oref0's safety path",
        "size": "Size",
        "aims": "Aims, and the best of this run",
    }
    for key, title in titles.items():
        if key in found:
            print(shown(title, found[key], key.startswith("c_")))
    if options.json:
        plain = {key: plainly(value) for key, value in found.items()}
        options.json.write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    return 0


def shown(title: str, value: object, per_second: bool) -> str:
    """One table."""
    if isinstance(value, dict):
        return two_columns(title, value)
    assert isinstance(value, list)
    return table(title, value, per_second=per_second)


def plainly(value: object) -> object:
    """A table for JSON."""
    return [asdict(one) for one in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.exit(main())
