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
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import numpy as np

import dosekernel.checked
from dosekernel import Interpreted, Kernel, step_many
from tests.benchmarks import front_page, memory, native, oref0, picture, proving, sizes
from tests.benchmarks.figures import Figures
from tests.benchmarks.stream import Call, Stream, make_stream, make_ticks
from tests.benchmarks.timing import FULL, NANOSECONDS, QUICK, Effort, Measured, Row, in_turn

AIM_STEPS = 3_000_000  # a second and a core, from C, both copies of the state checked
LEAST_STEPS = 1_500_000
AIM_CALL = 1000.0  # ns, a call from Python
AIM_CHECKED = 300  # times as fast as under run-time contracts

QUANTITIES = {"amount", "rate"}
OREF0_PLACES = (
    "node_modules/oref0",
    "/usr/local/lib/node_modules/oref0",
    "/usr/lib/node_modules/oref0",
)

AnyKernel = Kernel | Interpreted | dosekernel.checked.Kernel
Faces = dict[str, type[AnyKernel]]
FACES: Faces = {
    "compiled": Kernel,
    "interpreted": Interpreted,
    "dosekernel.checked": dosekernel.checked.Kernel,
}
CONTRACTS: Faces = {"contracts off": Interpreted, "contracts on": dosekernel.checked.Kernel}
STATE, CODE = "state, both copies (bytes)", "machine code, as shipped (bytes)"


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


def measure_slow(stream: Stream, effort: Effort, faces: Faces) -> list[Row]:
    """The same few events by faces of which some are slow."""
    busiest = busiest_part(stream, effort.slow_events)

    def stepped(face: type[AnyKernel]) -> Measured:
        def measure() -> float:
            kernel = face.from_state(None, busiest.state)
            return each(kernel.step, busiest.events)

        return measure

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
        STATE: machines[native.KERNEL].size(),
        CODE: native.text_bytes(folder, kernel_c, flags),
        "machine code, -Os (bytes)": native.text_bytes(folder, kernel_c, [*flags, "-Os"]),
        "dosekernel.c (lines of code)": sizes.c_lines(kernel_c.read_text(encoding="utf-8")),
        "hand-written gate (lines of code)": hand_written,
        "kernel/*.py (all lines)": lines,
        "kernel/*.py (code with contracts)": code,
        "kernel/*.py (code without contracts)": bare,
    }


# ---- all of it


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


def find_oref0(given: Path | None) -> tuple[Path | None, str]:
    """Where oref0 is, given or found; and if it is nowhere, what would be needed."""
    if given is not None:
        return given, ""
    named = [os.environ["OREF0"]] if os.environ.get("OREF0") else []
    for place in (*named, *OREF0_PLACES):
        if oref0.is_package(Path(place)) and shutil.which("node"):
            return Path(place), ""
    return None, "it needs node and node_modules/oref0 (npm install --ignore-scripts oref0@0.7.1)"


def measure(effort: Effort, folder: Path, options: argparse.Namespace) -> Figures:
    """Everything; oref0 and the proof only if they are at hand or asked for."""
    # What may be wrong with the call is known before minutes are spent.
    package, missing = find_oref0(options.oref0)
    proof = proving.given(options.proof) if options.proof else None
    say("compiling the kernel and the hand-written gate")
    machines = native.build(folder)
    stream = make_stream(effort.hours)
    ticks = make_ticks(effort.ticks)
    left_out = {}
    say(f"C: {len(stream.events)} events of {effort.hours:g} hours, then {effort.ticks} ticks")
    c_stream = measure_c(machines, stream, effort)
    c_ticks = measure_c(machines, ticks, effort)
    say("Python: compiled, then interpreted and with contracts")
    python = measure_python(stream, effort)
    slow = measure_slow(stream, effort, FACES)
    contracts = measure_slow(stream, effort, CONTRACTS)
    beside: list[Row] = []
    if package is None:
        left_out["oref0 in node"] = missing
    else:
        say("oref0 in node")
        beside = measure_oref0(machines[native.KERNEL], stream, effort, package)
    if options.prove:
        say("the proof, afresh: some minutes")
        proof = proving.made(folder)
    if proof is None:
        left_out["the proof"] = "--prove proves everything afresh, --proof FILE reads a record"
    size = measure_sizes(machines, folder)
    return Figures(
        machine=machine_facts(),
        c_stream=c_stream,
        c_ticks=c_ticks,
        python=python,
        python_slow=slow,
        contracts=contracts,
        oref0=beside,
        proof=proof,
        memory=measure_memory(size, proof),
        size=size,
        aims=aims(c_stream, python, slow),
        left_out=left_out,
    )


def measure_memory(size: dict[str, int], proof: proving.Proof | None) -> dict[str, int]:
    """Bytes: of a pump, of its code, of Python processes, of the prover."""
    found = {"the state of a pump": size[STATE], "the kernel's machine code": size[CODE]}
    found |= memory.processes()
    if proof is not None:
        found["the prover's largest process"] = proof.largest_process
    return found


def say(text: str) -> None:
    """Progress goes to stderr, so that stdout is the tables alone."""
    print(f"benchmarks: {text}", file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    made = argparse.ArgumentParser(description="What the kernel costs: time, memory, proof.")
    add = made.add_argument
    add("--json", type=Path, metavar="FILE", help="write the figures there, too")
    add("--svg", type=Path, metavar="FILE", help="draw them there")
    add("--write", type=Path, metavar="PAGE", help="put them into that page, between its markers")
    add("--quick", action="store_true", help="very little of everything: a test")
    add("--oref0", type=Path, metavar="DIR", help="node_modules/oref0, where it is not found")
    proved = made.add_mutually_exclusive_group()
    proved.add_argument("--prove", action="store_true", help="prove everything afresh, timed")
    proved.add_argument("--proof", type=Path, metavar="RECORD", help="times of prove --report")
    return made


def main() -> int:
    """Measure, print the tables, write what was asked for."""
    options = parser().parse_args()
    if options.write:
        front_page.check(options.write)  # before minutes are spent
    with tempfile.TemporaryDirectory() as folder:
        found = measure(QUICK if options.quick else FULL, Path(folder), options)
    print(found.page())
    if options.json:
        text = json.dumps(found.plain(), indent=2) + "\n"
        options.json.write_text(text, encoding="utf-8")
    if options.svg:
        picture.draw(found, options.svg)
    if options.write:
        front_page.write(found, options.write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
