"""`dosekernel report`: the assurance case as one HTML page, from the records of what was run."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dosekernel.spec import hazards

from .. import linking
from ..command.codes import FINDING, GOOD
from ..command.proof_record import subject
from ..errors import InputError
from .cases import By, wanted_tests
from .days import read_day
from .queries import Queries, read_queries
from .records import read_extra, read_findings, read_proof, read_tests

if TYPE_CHECKING:
    from .assembly import Made

DAY = "day"
SHOWN = 20  # problems that are told on the terminal; the page has all
KILOBYTE = 1000


def main(argv: Sequence[str]) -> int:
    """Exit 0 when every row is answered, 1 when one is not, 2 for bad input."""
    arguments = list(argv)
    if arguments[:1] == [DAY]:
        return _day(arguments[1:])
    chosen = _parser().parse_args(arguments)
    if chosen.wanted_tests:
        print(" or ".join(wanted_tests(hazards.load())))
        return GOOD
    if chosen.proof is None or not chosen.tests:
        raise InputError(
            "report: what was run is not given; allowed: --proof FILE (dosekernel prove --report "
            "FILE) and --tests FILE (pytest --junitxml FILE)"
        )
    began = time.perf_counter()
    assembly = import_module("dosekernel.report.assembly")
    about = subject(linking.include_directory() / "dosekernel.c")
    material = assembly.Material(
        about=about,
        hazards=hazards.load(),
        proof=read_proof(chosen.proof, about),
        tests=read_tests(chosen.tests),
        queries=read_queries(chosen.smt2) if chosen.smt2 else Queries(),
        extras=[read_extra(*_titled(each), about) for each in chosen.record],
        broken=read_findings(chosen.broken) if chosen.broken else None,
        days=[read_day(path, chosen.limits) for path in chosen.day],
    )
    made = assembly.make_report(material)
    size = _write(chosen.out, made.html)
    print(json.dumps(_document(made), indent=2) if chosen.json else _told(made))
    print(
        f"written: {chosen.out} ({size} kB, {time.perf_counter() - began:.1f} s)", file=sys.stderr
    )
    return FINDING if made.problems else GOOD


def _document(made: "Made") -> dict[str, Any]:
    """What was found, as plain data."""
    return {
        "hazards": [
            {"id": row.hazard.id, "answered_by": row.by, "problems": row.problems}
            for row in made.rows
        ],
        "answered": {by: count for by, count in made.counts.items() if by is not By.NOTHING},
        "open": made.counts[By.NOTHING],
        "problems": list(made.problems),
    }


def _told(made: "Made") -> str:
    """What was found, in a few lines."""
    counts = ", ".join(f"{count} by {by}" for by, count in made.counts.items() if count)
    counts = counts.replace(f"by {By.OUT_OF_SCOPE}", By.OUT_OF_SCOPE)
    lines = [f"{len(made.rows)} hazards: {counts.replace(f'by {By.NOTHING}', 'OPEN')}"]
    lines += [f"  {problem}" for problem in made.problems[:SHOWN]]
    if len(made.problems) > SHOWN:
        lines.append(f"  and {len(made.problems) - SHOWN} more, all in the page")
    return "\n".join(lines)


def _day(arguments: Sequence[str]) -> int:
    """A page of a pump's days alone."""
    parser = argparse.ArgumentParser(
        prog="dosekernel report day",
        description="A pump's days as an interactive page.",
    )
    _day_arguments(parser)
    parser.add_argument("path", type=Path, metavar="PATH", help="a journal, or a folder (--out)")
    parser.add_argument("--out", type=Path, default=Path("day.html"), metavar="FILE")
    chosen = parser.parse_args(arguments)
    day = read_day(chosen.path, chosen.limits)
    html = import_module("dosekernel.report.assembly").make_day(day)
    size = _write(chosen.out, html)
    print(f"written: {chosen.out} ({size} kB)", file=sys.stderr)
    return GOOD


def _write(path: Path, text: str) -> int:
    """Write a page; returns its size in kB."""
    if not path.parent.is_dir():
        raise InputError(f"--out: {path.parent}: there is no such folder")
    data = text.encode("utf-8")
    path.write_bytes(data)
    return len(data) // KILOBYTE


def _titled(text: str) -> tuple[str, Path]:
    title, equals, path = text.partition("=")
    if not (title and equals and path):
        raise InputError(f"--record: {text!r}; allowed: TITLE=FILE")
    return title, Path(path)


def _day_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--limits",
        default="",
        metavar="L",
        help="a preset or a file, for a folder of events that does not say its own",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dosekernel report",
        description="The assurance case as one HTML page, from the records of what was run. "
        "A hazard without an answer is shown in red and fails the command. "
        "`dosekernel report day PATH` makes a page of a pump's days alone.",
    )
    add = parser.add_argument
    add("--proof", type=Path, metavar="FILE", help="what dosekernel prove --report wrote")
    add(
        "--tests",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="what pytest --junitxml wrote; repeatable",
    )
    add("--smt2", type=Path, metavar="DIR", help="what dosekernel prove --smt2 wrote")
    add(
        "--record",
        action="append",
        default=[],
        metavar="TITLE=FILE",
        help="another tool's record as JSON: fuzzing, MC/DC, mutants; repeatable",
    )
    add(
        "--broken",
        type=Path,
        metavar="FILE",
        help="the proof's record of a kernel broken on purpose: its counterexample is shown",
    )
    add(
        "--day",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a pump's journal, or a folder that simulate or replay --out wrote; repeatable",
    )
    _day_arguments(parser)
    add("--out", type=Path, default=Path("report.html"), metavar="FILE", help="report.html")
    add("--json", action="store_true", help="what was found, as JSON")
    add(
        "--wanted-tests",
        action="store_true",
        help="only name the tests that rows ask for, as an expression for pytest -k",
    )
    return parser
