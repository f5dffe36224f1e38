"""What an analyser said: a verdict that is never `passed` by default, and the table of them."""

import enum
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOGS = ROOT / "build" / "analysers"
VERSION = re.compile(r"\d+\.\d+[\w.+-]*( \([A-Z]\w+\))?")


class Verdict(enum.Enum):
    """How an analysis ended."""

    PASSED = "passed"
    FAILED = "FAILED"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Tool:
    """A program that an analysis needs, and the Debian package that has it."""

    command: str
    package: str

    def version(self) -> str:
        """What it calls itself; empty if it is not there."""
        if shutil.which(self.command) is None:
            return ""
        flag = "-version" if self.command == "frama-c" else "--version"
        done = subprocess.run([self.command, flag], capture_output=True, text=True, check=False)
        found = VERSION.search(done.stdout)
        return found[0] if found else done.stdout.strip()


@dataclass(frozen=True)
class Result:
    """One row of the table; `faults` are the lines that made it fail."""

    analyser: str
    version: str
    subject: str
    verdict: Verdict
    figures: str
    seconds: float
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """A program's end: its code (124 if its time was over), all it printed, and its time."""

    code: int
    text: str
    seconds: float


def run(name: str, command: Sequence[str | Path], timeout: int, logs: Path = LOGS) -> Run:
    """Run a program to its end or its time's end; what it printed is kept in a log."""
    logs.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    try:
        done = subprocess.run(
            [str(each) for each in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            cwd=logs,
        )
        code, text = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        code, text = 124, (late.stdout or b"").decode(errors="replace")
    (logs / f"{name}.log").write_text(text, encoding="utf-8")
    return Run(code, text, time.monotonic() - start)


def missing(analyser: str, tools: Sequence[Tool]) -> Result | None:
    """The row of an analysis whose tools are not all there."""
    absent = [tool.package for tool in tools if shutil.which(tool.command) is None]
    if not absent:
        return None
    how = f"apt-get install {' '.join(absent)}"
    return Result(analyser, "-", "-", Verdict.NOT_RUN, how, 0.0)


def judged(
    tool: Tool, analyser: str, subject: str, figures: str, seconds: float, faults: Sequence[str]
) -> Result:
    """A row of an analysis that came to its end: passed only if there is no fault."""
    verdict = Verdict.FAILED if faults else Verdict.PASSED
    return Result(analyser, tool.version(), subject, verdict, figures, seconds, tuple(faults))


def table(results: Sequence[Result]) -> str:
    """The rows as Markdown, then every fault."""
    lines = [
        "| analyser | version | what was run | verdict | alarms | s |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.analyser} | {each.version} | {each.subject} | {each.verdict.value} "
        f"| {each.figures} | {each.seconds:.0f} |"
        for each in results
    ]
    lines += ["", *(f"{each.analyser}: {fault}" for each in results for fault in each.faults)]
    return "\n".join(lines).rstrip()
