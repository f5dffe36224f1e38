"""The Arm compiler and the emulator: build the firmware, look at it, run it."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dosekernel.command.export_c import export

from .stack import Depth, compiled_frames, deepest, listed_frames

HERE = Path(__file__).parent
VECTORS = HERE.parent / "vectors"
PREFIX = "arm-none-eabi-"
EMULATOR = "qemu-system-arm"
PACKAGES = {f"{PREFIX}gcc": "gcc-arm-none-eabi", EMULATOR: "qemu-system-arm"}
BOARD = "mps2-an386"
CORE = ["-mcpu=cortex-m4", "-mthumb"]
KERNEL_FLAGS = [*CORE, "-std=c99", "-ffreestanding", "-fwrapv", "-ffunction-sections"]
STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
# A loop that paints the stack must not become a call of memset, which is not there.
BOARD_FLAGS = ["-O2", "-fno-tree-loop-distribute-patterns"]
OWN = (
    *(HERE / name for name in ("start.c", "board.c", "main.c")),
    VECTORS / "runner.c",
)
ENTRIES = ("init", "adopt", "step")
# One instruction takes 2^5 ns of the emulator's time, so that the counter resolves single ones.
COUNTED = ["-icount", "shift=5"]
LONGEST = 120  # s


class ToolError(Exception):
    """A tool that failed, with what it said."""


@dataclass(frozen=True)
class Sizes:
    """Bytes of machine code and data: of the kernel, and of what it needs of libgcc."""

    text: int
    rodata: int
    data: int
    library: int


@dataclass(frozen=True)
class Firmware:
    """What was built: the program, its sizes, the deepest stack below each entry."""

    program: Path
    sizes: Sizes
    bounds: dict[str, Depth]


def missing() -> list[str]:
    """Each tool that is not there, with the Debian package that has it."""
    return [
        f"missing: {tool} (Debian: apt-get install {package})"
        for tool, package in PACKAGES.items()
        if shutil.which(tool) is None
    ]


def run(*words: str | Path, folder: Path) -> str:
    """What a tool printed; raises ToolError if it failed."""
    command = [str(word) for word in words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST)
    if done.returncode != 0:
        raise ToolError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(level: str, words: bytes, folder: Path) -> Firmware:
    """The exported kernel and the vectors, as a program for the board."""
    shutil.rmtree(folder, ignore_errors=True)
    export(folder)
    (folder / "vectors.bin").write_bytes(words)
    gcc = f"{PREFIX}gcc"
    kernel = [*KERNEL_FLAGS, *STRICT, level, "-fcallgraph-info=su"]
    run(gcc, *kernel, "-c", "dosekernel.c", folder=folder)
    board = [*KERNEL_FLAGS, *STRICT, *BOARD_FLAGS, "-I.", f"-I{VECTORS}"]
    run(gcc, *board, "-c", *OWN, HERE / "vectors.s", folder=folder)
    objects = [f"{path.stem}.o" for path in (*OWN, Path("vectors.s"), Path("dosekernel.c"))]
    program = folder / "firmware.elf"
    script = str(HERE / "cortex-m4.ld")
    link = [*CORE, "-nostdlib", "-T", script, *objects, "-lgcc", "-o", str(program)]
    run(gcc, *link, folder=folder)
    return look_at(program, folder)


def look_at(program: Path, folder: Path) -> Firmware:
    """Sizes and stack bounds of what was built."""
    listing = run(f"{PREFIX}objdump", "-d", "--no-show-raw-insn", program, folder=folder)
    frames = compiled_frames((folder / "dosekernel.ci").read_text(encoding="utf-8"))
    foreign = {name for frame in frames.values() for name in frame.calls} - set(frames)
    library = listed_frames(listing, foreign)
    every = frames | library
    bounds = {entry: deepest(every, f"dosekernel_{entry}") for entry in ENTRIES}
    return Firmware(program, sizes(program, set(library), folder), bounds)


def sizes(program: Path, library: set[str], folder: Path) -> Sizes:
    """Bytes of each kind."""
    found = {"text": 0, "rodata": 0, "data": 0, "bss": 0}
    for line in run(f"{PREFIX}size", "-A", "dosekernel.o", folder=folder).splitlines():
        kind = line.split(".")[1].split()[0] if line.startswith(".") else ""
        if kind in found:
            found[kind] += int(line.split()[1])
    linked = library_bytes(run(f"{PREFIX}nm", "-n", program, folder=folder), library)
    return Sizes(found["text"], found["rodata"], found["data"] + found["bss"], linked)


def library_bytes(symbols: str, library: set[str]) -> int:
    """From each function's address to the next symbol's: libgcc's own tell no size."""
    rows = [line.split() for line in symbols.splitlines()]
    places = [(int(row[0], 16), row[-1]) for row in rows if len(row) == 3]
    starts = {address for address, name in places if name in library}
    later = sorted({address for address, _ in places})
    return sum(min(each for each in later if each > start) - start for start in starts)


def emulate(program: Path, folder: Path) -> tuple[int, str]:
    """Run a program on the emulated board: the status that it left with, and what it printed."""
    machine = [EMULATOR, "-M", BOARD, "-nographic", "-monitor", "none", "-serial", "none"]
    target = ["-semihosting-config", "enable=on,target=native", *COUNTED, "-kernel", str(program)]
    try:
        done = subprocess.run(
            [*machine, *target], cwd=folder, capture_output=True, text=True, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{EMULATOR}: the program did not end within {LONGEST} s") from None
    return done.returncode, done.stdout + done.stderr
