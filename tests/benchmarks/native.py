"""The kernel's C and the hand-written gate, compiled side by side and stepped from one driver."""

import ast
import ctypes
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import dosekernel
from dosekernel.batch import EVENT, OUTCOME, WORD

from .stream import Stream

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
INCLUDE = Path(dosekernel.get_include())
HAND_WRITTEN = HERE / "hand_written_gate.c"
HAND_WRITTEN_PARTS = ("hand_written_gate.c", "hand_written_gate.h", "hand_written_delivery.h")

KERNEL = "kernel"
KERNEL_FAST = "kernel, fast build"
KERNEL_O3 = "kernel, fast build, -O3"
CHECKED_GATE = "hand-written gate, two copies"
CHECKED_GATE_O3 = "hand-written gate, two copies, -O3"
CHECKED_GATE_UNROLLED = "hand-written gate, two copies, -funroll-loops"
BARE_GATE = "hand-written gate, one copy"


def shipped_flags(name: str = "KERNEL_FLAGS") -> list[str]:
    """The flags of `setup.py`: those of the proved build, which ships, or `FAST_FLAGS`."""
    for node in ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            flags: list[str] = ast.literal_eval(node.value)
            return flags
    raise SystemExit(f"benchmarks: setup.py: no {name}")


def compiler() -> str:
    """The C compiler: `CC`, or `cc`."""
    found = shutil.which(os.environ.get("CC", "cc"))
    if found is None:
        raise SystemExit("benchmarks: missing: a C compiler (Debian: apt-get install gcc)")
    return found


def compile_c(arguments: list[str]) -> None:
    """Run the compiler, and say what it said if it fails."""
    done = subprocess.run([compiler(), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"benchmarks: {compiler()} failed:\n{done.stderr}")


@dataclass(frozen=True)
class Native:
    """One machine in C, loaded."""

    name: str
    library: ctypes.CDLL

    def size(self) -> int:
        """The bytes of its state."""
        return int(self.library.benchmark_size())

    def outcomes(self, stream: "Words") -> NDArray[np.void]:
        """What it decides."""
        told = np.zeros(len(stream.events), OUTCOME)
        self.library.benchmark_outcomes(*stream.pointers(), _pointer(told), len(told))
        return told

    def seconds(self, stream: "Words", rounds: int) -> float:
        """The time of one event."""
        count = len(stream.events)
        taken = self.library.benchmark_seconds(*stream.pointers(), count, rounds)
        return float(taken) / (count * rounds)


@dataclass(frozen=True)
class Words:
    """A stream in the layout of C."""

    state: NDArray[np.int64]
    events: NDArray[np.void]

    def pointers(self) -> tuple[int, int]:
        """Where C finds them."""
        return _pointer(self.state), _pointer(self.events)


def words_of(stream: Stream) -> Words:
    """A stream as arrays."""
    rows = np.array([event.words for event in stream.events], dtype=WORD)
    state = np.frombuffer(stream.state, dtype="<i8").astype(WORD)
    return Words(state, np.ascontiguousarray(rows).view(EVENT).reshape(-1))


def build(folder: Path) -> dict[str, Native]:
    """Every machine, each a shared library of its own."""
    flags = shipped_flags("FAST_FLAGS")
    unroll = "-funroll-loops"
    gate = ["-DHAND_WRITTEN", "-DGATE_INTEGRITY"]
    kernel = INCLUDE / "dosekernel.c"
    hosted = [flag for flag in flags if flag not in ("-ffreestanding", unroll)]
    built = [
        _library(folder, KERNEL, kernel, shipped_flags(), []),
        _library(folder, KERNEL_FAST, kernel, flags, []),
        _library(folder, KERNEL_O3, kernel, [*flags, "-O3"], []),
        _library(folder, CHECKED_GATE, HAND_WRITTEN, hosted, gate),
        _library(folder, CHECKED_GATE_O3, HAND_WRITTEN, [*hosted, "-O3"], gate),
        _library(folder, CHECKED_GATE_UNROLLED, HAND_WRITTEN, [*hosted, unroll], gate),
        _library(folder, BARE_GATE, HAND_WRITTEN, hosted, ["-DHAND_WRITTEN"]),
    ]
    return {native.name: native for native in built}


def text_bytes(folder: Path, source: Path, flags: list[str]) -> int:
    """The machine code of a source: the executable sections of its object."""
    object_file = folder / "text.o"
    compile_c([*flags, f"-I{INCLUDE}", "-c", str(source), "-o", str(object_file)])
    tool = shutil.which("size")
    if tool is None:
        raise SystemExit("benchmarks: missing: size (Debian: apt-get install binutils)")
    told = subprocess.run(
        [tool, "-A", str(object_file)], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in told.stdout.splitlines() if line.startswith(".text")]
    return sum(int(row[1]) for row in rows)


def _library(folder: Path, name: str, source: Path, flags: list[str], defines: list[str]) -> Native:
    stem = "".join(letter if letter.isalnum() else "_" for letter in name)
    made = folder / f"{stem}.o"
    shared = folder / f"{stem}.so"
    include = f"-I{INCLUDE}"
    compile_c([*flags, *defines, include, "-c", str(source), "-o", str(made)])
    driver = [
        "-std=c99",
        "-O2",
        "-fPIC",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-shared",
        "-Wl,-Bsymbolic",
    ]
    compile_c([*driver, *defines, include, str(HERE / "driver.c"), str(made), "-o", str(shared)])
    library = ctypes.CDLL(str(shared))
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    library.benchmark_size.restype = count
    library.benchmark_outcomes.argtypes = [pointer, pointer, pointer, count]
    library.benchmark_outcomes.restype = None
    library.benchmark_seconds.argtypes = [pointer, pointer, count, count]
    library.benchmark_seconds.restype = ctypes.c_double
    return Native(name, library)


def _pointer(array: NDArray[np.void] | NDArray[np.int64]) -> int:
    return int(array.ctypes.data)
