"""`dosekernel prove`: the theorems of a kernel, proved from its source."""

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from dosekernel import __version__
from dosekernel.spec.language import LanguageError

from .ci_files import junit, sarif
from .failing_test import test_name
from .flows import MeaningError
from .mutants.command import judge_mutants
from .mutants.run import NoMutantError
from .report import family
from .runner import TIMEOUT, TOTALITY_TITLE, Options, UnknownTheoremError, listed, prove
from .solvers import SOLVERS, ToolMissingError, Verdict
from .summary import (
    Record,
    closing,
    every_finding,
    exceptions,
    findings,
    markdown,
    markdown_table,
    table,
)
from .theorems import StatementError
from .work import TOTALITY

PROVED, REFUTED, USAGE, UNDECIDED, MISSING = range(5)
# With it the machine code is proved, not the source.
OBJECT = "--object"


def main(argv: Sequence[str] | None = None) -> int:
    """Prove; returns the exit code: 0 proved, 1 refuted, 2 usage, 3 undecided, 4 a tool missing."""
    words = list(sys.argv[1:] if argv is None else argv)
    if any(word.partition("=")[0] == OBJECT for word in words):
        from .machine.command import main as prove_object

        return prove_object(words)
    parser = arguments()
    try:
        options = parser.parse_args(words)
    except SystemExit as stop:
        return PROVED if stop.code == 0 else USAGE
    if options.list:
        return show_list(options.json)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stopped)
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
            options.kernel,
            Options(
                properties=options.property,
                solvers=options.solver or SOLVERS,
                jobs=options.jobs,
                timeout=options.timeout,
                cache=not options.no_cache,
                progress=None if options.quiet else Ticker(),
                smt2=options.smt2,
            ),
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
    record = report.as_json()
    try:
        write_files(record, options)
    except OSError as error:
        return fail(str(error), USAGE)
    if options.json:
        print(json.dumps(record, indent=2))
    elif options.table:
        print(markdown_table(record))
    else:
        show(record)
    return exit_code(report.verdict)


def write_files(record: Record, options: argparse.Namespace) -> None:
    """The files that were asked for; the summary is added to what its file holds already."""
    if options.report:
        write(options.report, json.dumps(record, indent=1))
    if options.junit:
        write(options.junit, junit(record))
    if options.sarif:
        write(options.sarif, json.dumps(sarif(record, __version__), indent=1))
    if options.tests:
        write_tests(record, options.tests)
    if options.summary:
        options.summary.parent.mkdir(parents=True, exist_ok=True)
        with options.summary.open("a", encoding="utf-8") as file:
            file.write(markdown(record))


def write_tests(record: Record, directory: Path) -> None:
    """A failing test for each obligation that was refuted, in a folder made if there is none."""
    directory.mkdir(parents=True, exist_ok=True)
    for theorem, finding in every_finding(record):
        if finding["test"]:
            name = test_name(theorem["name"], finding["function"], finding["place"])
            write(directory / name, finding["test"])


def write(path: Path, text: str) -> None:
    """One file, in a folder that is made if there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def stopped(number: int, _: object) -> None:
    """Asked to end: leave as an error does, so that no unit of proof runs on by itself."""
    raise SystemExit(128 + number)


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
    add("--table", action="store_true", help="the table of theorems alone, as Markdown")
    add("--report", type=Path, metavar="FILE", help="write the record of the run, as JSON")
    add("--junit", type=Path, metavar="FILE", help="write the theorems as JUnit test cases")
    add("--sarif", type=Path, metavar="FILE", help="write what was not shown as SARIF 2.1.0")
    add("--summary", type=Path, metavar="FILE", help="add a Markdown page to this file")
    add("--tests", type=Path, metavar="DIR", help="write a failing pytest for each counterexample")
    add("--smt2", type=Path, metavar="DIR", help="write every query to this folder")
    add("--timeout", type=seconds, default=TIMEOUT, metavar="S", help="seconds a query may take")
    add("--no-cache", action="store_true", help="ask the solvers even what they answered before")
    add("--kernel", type=folder, metavar="DIR", help="prove another copy of the kernel's source")
    add(OBJECT, nargs="?", metavar="FILE", help="prove the machine code: --object --help says how")
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


def show(record: Record) -> None:
    """The table, what was not shown, what one solver shows alone, and one last line."""
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(table(record))
    for finding in findings(record):
        print(f"\n{finding}")
    for exception in exceptions(record):
        print(f"\n{exception}")
    print(f"\n{closing(record)}")


def show_list(as_json: bool) -> int:
    """The theorems that there are, by family."""
    theorems, _ = listed()
    named = [(each.name, each.title) for each in theorems]
    named = sorted([*named, (TOTALITY, TOTALITY_TITLE)])
    if as_json:
        found = [{"name": n, "family": family(n), "title": title} for n, title in named]
        print(json.dumps(found, indent=2))
        return PROVED
    width = max(len(name) for name, _ in named)
    last = ""
    for name, title in named:
        if "/" in name and family(name) != last:
            print(f"{family(name)}:")
        last = family(name)
        print(f"{'  ' if '/' in name else ''}{name:{width}}  {title}")
    return PROVED


def fail(message: str, code: int) -> int:
    """Say why, and return the code."""
    print(f"dosekernel prove: {message}", file=sys.stderr)
    return code


def exit_code(verdict: Verdict) -> int:
    """0 only for what is proved."""
    return {Verdict.PROVED: PROVED, Verdict.REFUTED: REFUTED}.get(verdict, UNDECIDED)
