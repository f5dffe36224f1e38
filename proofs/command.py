"""`dosekernel prove`: the theorems of a kernel, proved from its source."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from dosekernel.spec.language import LanguageError

from .flows import MeaningError
from .mutants.command import judge_mutants
from .mutants.run import NoMutantError
from .report import Report, findings, table
from .runner import TIMEOUT, UnknownTheoremError, listed, prove
from .solvers import SOLVERS, ToolMissingError, Verdict
from .theorems import StatementError
from .units import TOTALITY

PROVED, REFUTED, USAGE, UNDECIDED, MISSING = range(5)


def main(argv: Sequence[str] | None = None) -> int:
    """Prove; returns the exit code: 0 proved, 1 refuted, 2 usage, 3 undecided, 4 a tool missing."""
    parser = arguments()
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:
        return PROVED if stop.code == 0 else USAGE
    if options.list:
        return show_list(options.json)
    try:
        if options.mutants:
            return judge_mutants(
                kernel_directory=options.kernel,
                modules=options.only,
                sample=options.sample,
                jobs=options.jobs,
                cache=not options.no_cache,
                as_json=options.json,
                progress=None if options.quiet else Ticker(),
            )
        report = prove(
            kernel_directory=options.kernel,
            properties=options.property,
            solvers=options.solver or SOLVERS,
            jobs=options.jobs,
            timeout=options.timeout,
            cache=not options.no_cache,
            progress=None if options.quiet else Ticker(),
            smt2=options.smt2,
        )
    except ToolMissingError as error:
        return fail(str(error), MISSING)
    except (
        LanguageError,
        NoMutantError,
        UnknownTheoremError,
        StatementError,
        MeaningError,
        OSError,
    ) as error:
        return fail(str(error), USAGE)
    if options.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        show(report)
    return exit_code(report.verdict)


def arguments() -> argparse.ArgumentParser:
    """What the command understands."""
    parser = argparse.ArgumentParser(
        prog="dosekernel prove",
        description="Prove the theorems of a kernel from its source, with Z3 and cvc5.",
    )
    add = parser.add_argument
    add("--json", action="store_true", help="the report as JSON on stdout")
    add("--jobs", type=positive, default=2, metavar="N", help="processes at a time (2)")
    add(
        "--property", action="append", default=[], metavar="P", help="only this theorem; repeatable"
    )
    add("--solver", action="append", default=[], choices=SOLVERS, help="only this solver")
    add("--smt2", type=Path, metavar="DIR", help="write every query to this folder")
    add("--timeout", type=seconds, default=TIMEOUT, metavar="S", help="seconds a query may take")
    add("--no-cache", action="store_true", help="ask the solvers even what they answered before")
    add("--kernel", type=folder, metavar="DIR", help="prove another copy of the kernel's source")
    add("--list", action="store_true", help="name the theorems and prove nothing")
    add("--mutants", action="store_true", help="what becomes of every small fault of the kernel")
    add("--only", action="append", default=[], metavar="MODULE", help="mutants of this module")
    add("--sample", type=positive, default=0, metavar="N", help="only so many of the mutants")
    add("--quiet", action="store_true", help="no progress on stderr")
    return parser


def positive(text: str) -> int:
    """A number of processes."""
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number of at least 1")
    return value


def seconds(text: str) -> float:
    """A time limit."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r}: seconds, more than 0")
    return value


def folder(text: str) -> Path:
    """A folder with a kernel's source."""
    path = Path(text)
    if not (path / "step.py").is_file():
        raise argparse.ArgumentTypeError(f"{text}: no kernel there (no step.py)")
    return path


class Ticker:
    """Progress on stderr: one line that rewrites itself on a terminal, else one every few."""

    EVERY = 5.0

    def __init__(self) -> None:
        self.begin = self.last = time.monotonic()
        self.live = sys.stderr.isatty()

    def __call__(self, text: str) -> None:
        """One unit is done."""
        now = time.monotonic()
        line = f"{now - self.begin:6.1f} s  {text}"
        if self.live:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        elif now - self.last >= self.EVERY:
            self.last = now
            print(line, file=sys.stderr, flush=True)


def show(report: Report) -> None:
    """The table, what was not shown, and one last line."""
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(table(report))
    for finding in findings(report):
        print(f"\n{finding}")
    proved = sum(1 for each in report.theorems if each.verdict is Verdict.PROVED)
    print(
        f"\n{report.verdict.value.upper()}: {proved} of {len(report.theorems)} theorems, "
        f"{report.obligations} obligations, {report.wall:.1f} s"
    )


def show_list(as_json: bool) -> int:
    """The theorems that there are."""
    theorems, _ = listed()
    if as_json:
        print(json.dumps([{"name": each.name, "title": each.title} for each in theorems], indent=2))
        return PROVED
    print(f"{TOTALITY:16}  every function keeps its contract, with no overflow")
    for each in theorems:
        print(f"{each.name:16}  {each.title}")
    return PROVED


def fail(message: str, code: int) -> int:
    """Say why, and return the code."""
    print(f"dosekernel prove: {message}", file=sys.stderr)
    return code


def exit_code(verdict: Verdict) -> int:
    """0 only for what is proved."""
    return {Verdict.PROVED: PROVED, Verdict.REFUTED: REFUTED}.get(verdict, UNDECIDED)
