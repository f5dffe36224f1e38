"""What compilers say: every warning, their own static analysis, and sanitizers over the vectors."""

from collections.abc import Sequence
from pathlib import Path

from tests.analysers import expected
from tests.analysers.results import LOGS, ROOT, Result, Run, Tool, judged, missing, run
from tests.vectors import vector_file

VECTORS = ROOT / "tests" / "vectors"
GCC, CLANG = Tool("gcc", "gcc"), Tool("clang", "clang")
CPPCHECK = Tool("cppcheck", "cppcheck")
WARNINGS = [
    *("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion"),
    *("-Wshadow", "-Wundef", "-Wcast-qual", "-Wcast-align", "-Wstrict-prototypes"),
    *("-Wmissing-prototypes", "-Wvla", "-Wformat=2", "-Wlogical-op", "-Wduplicated-cond"),
]
# What no option of Clang should leave unsaid of this file, but for what is no fault:
# it is C99 and newer, structs have the layout they have, and unused macros are the header's.
EVERYTHING = [
    *("-std=c99", "-Weverything", "-Wno-declaration-after-statement", "-Wno-padded"),
    *("-Wno-unused-macros", "-Wno-unknown-warning-option", "-Wno-unsafe-buffer-usage"),
]
SANITIZE = "address,undefined"
# An unsigned sum that wraps has a meaning; in the kernel there is not even one of these.
SANITIZE_INTEGER = "integer,implicit-conversion"
BUILT = ["-O1", "-g", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]
TIMEOUT = 300


def complaints(done: Run) -> list[str]:
    """The lines with a diagnosis; a run that failed without one is a fault too."""
    found = [line for line in done.text.split("\n") if ": warning:" in line or ": error:" in line]
    if not found and done.code != 0:
        found = [f"exit code {done.code}: {done.text.strip()[-300:]}"]
    return found


def warnings(include: Path, tool: Tool, flags: Sequence[str], words: str) -> Result:
    """The kernel alone, with every warning."""
    name = f"{tool.command} warnings"
    absent = missing(name, [tool])
    if absent:
        return absent
    command: list[str | Path] = [
        tool.command,
        *flags,
        "-O2",
        f"-I{include}",
        "-c",
        include / "dosekernel.c",
    ]
    done = run(name.replace(" ", "-"), [*command, "-o", LOGS / "warnings.o"], TIMEOUT)
    faults = complaints(done)
    return judged(tool, name, words, f"{len(faults)}", done.seconds, faults)


def gcc_analyzer(include: Path) -> Result:
    """`gcc -fanalyzer`: paths through the whole file."""
    name = "gcc -fanalyzer"
    absent = missing(name, [GCC])
    if absent:
        return absent
    flags = ["-std=c11", "-O2", "-fanalyzer", "-Wno-analyzer-too-complex", f"-I{include}"]
    command: list[str | Path] = [
        "gcc",
        *flags,
        "-c",
        include / "dosekernel.c",
        "-o",
        LOGS / "analyzer.o",
    ]
    done = run("gcc-analyzer", command, TIMEOUT)
    faults = complaints(done)
    return judged(GCC, name, "dosekernel.c", f"{len(faults)}", done.seconds, faults)


def clang_analyze(include: Path) -> Result:
    """`clang --analyze` with the checkers for security and unreachable values."""
    name = "clang --analyze"
    absent = missing(name, [CLANG])
    if absent:
        return absent
    checkers = "core,deadcode,security,unix,nullability,optin.portability"
    command = ["clang", "--analyze", "-std=c11", f"-I{include}", "-Xclang"]
    command += [f"-analyzer-checker={checkers}", "-Xclang", "-analyzer-output=text"]
    done = run("clang-analyze", [*command, include / "dosekernel.c"], TIMEOUT)
    said = complaints(done)
    faults = expected.compared(name, said, expected.read())
    figures = f"{len(said)}, {len(faults)} not expected"
    return judged(CLANG, name, "dosekernel.c", figures, done.seconds, faults)


def cppcheck(include: Path) -> Result:
    """cppcheck, all of its kinds but style."""
    name = "cppcheck"
    absent = missing(name, [CPPCHECK])
    if absent:
        return absent
    kinds = "--enable=warning,performance,portability"
    shape = "--template={file}:{line}: warning: {id} {message}"
    command: list[str | Path] = [
        "cppcheck",
        kinds,
        "--inconclusive",
        "--std=c11",
        "--error-exitcode=3",
    ]
    command += ["--max-ctu-depth=10", shape, f"-I{include}", include / "dosekernel.c"]
    done = run("cppcheck", command, TIMEOUT)
    faults = complaints(done)
    return judged(CPPCHECK, name, "dosekernel.c", f"{len(faults)}", done.seconds, faults)


def sanitized(include: Path, tool: Tool, c_file: Path | None = None, logs: Path = LOGS) -> Result:
    """The vectors through a kernel that watches itself: memory, undefined and integers."""
    name = f"{tool.command} sanitizers"
    absent = missing(name, [tool])
    if absent:
        return absent
    logs.mkdir(parents=True, exist_ok=True)
    kinds = SANITIZE + (f",{SANITIZE_INTEGER}" if tool == CLANG else "")
    kernel, program = logs / f"{tool.command}-kernel.o", logs / f"{tool.command}-sanitized"
    flags = [*BUILT, "-std=c11", f"-I{include}"]
    source = c_file or include / "dosekernel.c"
    compiled = run(
        f"{tool.command}-sanitized-kernel",
        [tool.command, *flags, f"-fsanitize={kinds}", "-c", source, "-o", kernel],
        TIMEOUT,
        logs,
    )
    sources = [VECTORS / "host.c", VECTORS / "runner.c", kernel]
    linked = run(
        f"{tool.command}-sanitized-program",
        [tool.command, *flags, f"-fsanitize={SANITIZE}", *sources, "-o", program],
        TIMEOUT,
        logs,
    )
    if compiled.code or linked.code:
        faults = complaints(compiled) + complaints(linked)
        return judged(tool, name, kinds, "not built", compiled.seconds, faults)
    vectors = vector_file.read()
    words = logs / "vectors.bin"
    words.write_bytes(vector_file.binary_of(vectors))
    done = run(f"{tool.command}-sanitizers", [program, words], TIMEOUT, logs)
    faults = [line for line in done.text.split("\n") if "error:" in line or "ERROR:" in line]
    if done.code != 0 and not faults:
        faults = [f"exit code {done.code}: {done.text.strip()[-300:]}"]
    told = [line.split()[1:] for line in done.text.split("\n") if line.startswith("tally ")]
    if not faults and not (told and int(told[0][1]) > 0):
        faults = ["the vectors were not run"]
    events = told[0][1] if told else "no"
    subject = f"{kinds}; {events} events of the vector file"
    return judged(tool, name, subject, f"{len(faults)}", done.seconds, faults)


def all_of_them(include: Path) -> list[Result]:
    """Every analysis of this file."""
    strict = "-Wall -Wextra -Wpedantic -Wconversion and more"
    return [
        warnings(include, GCC, WARNINGS, strict),
        warnings(include, CLANG, EVERYTHING, "-Weverything"),
        gcc_analyzer(include),
        clang_analyze(include),
        cppcheck(include),
        sanitized(include, GCC),
        sanitized(include, CLANG),
    ]
