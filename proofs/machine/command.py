"""`dosekernel prove --object`: the machine code of the kernel, shown to be its source."""

import argparse
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import dosekernel
from dosekernel.spec.language import LanguageError

from ..command import Ticker, folder, positive, seconds
from ..solvers import SOLVERS, ToolMissingError

if TYPE_CHECKING:
    from .run import ObjectReport

PROVED, REFUTED, USAGE, UNDECIDED, MISSING = range(5)
PACKAGES = {"pypcode": "pypcode", "elftools": "pyelftools"}


def main(argv: Sequence[str]) -> int:
    """Prove an object; returns the exit code, as `dosekernel prove` has them."""
    try:
        options = arguments().parse_args(argv)
    except SystemExit as stop:
        return PROVED if stop.code == 0 else USAGE
    for module, package in PACKAGES.items():
        if find_spec(module) is None:
            return fail(f'{package} is not installed: pip install "dosekernel[machine]"', MISSING)
    from .image import ImageError

    try:
        return run(options)
    except ToolMissingError as error:
        return fail(str(error), MISSING)
    except (ImageError, LanguageError, OSError) as error:
        return fail(str(error), USAGE)


def arguments() -> argparse.ArgumentParser:
    """What the command understands."""
    parser = argparse.ArgumentParser(
        prog="dosekernel prove --object",
        description="Prove, function by function, that machine code is the kernel.",
    )
    add = parser.add_argument
    add(
        "--object",
        nargs="?",
        type=Path,
        default=None,
        metavar="FILE",
        help="an object, an archive or a shared library; none: those that are installed",
    )
    add("--report", type=Path, metavar="FILE", help="write the record of the run, as JSON")
    add("--json", action="store_true", help="the report as JSON on stdout")
    add("--solver", action="append", default=[], choices=SOLVERS, help="only this solver")
    add("--timeout", type=seconds, default=20.0, metavar="S", help="seconds a query may take")
    add("--function", action="append", default=[], metavar="SYMBOL", help="only this; repeatable")
    add(
        "--cotest",
        type=positive,
        default=0,
        metavar="N",
        help="run each function on so many random words, beside what its bytes were lifted to",
    )
    add("--flips", type=positive, default=0, metavar="N", help="flip so many bits: none may pass")
    add(
        "--faults",
        type=positive,
        default=0,
        metavar="N",
        help="compile so many faults of the source into the object alone: none may pass",
    )
    add(
        "--seed",
        type=positive,
        default=1,
        metavar="N",
        help="another choice of flips and faults (1)",
    )
    add("--raw", action="store_true", help="small functions again, without any rewriting of words")
    add("--kernel", type=folder, metavar="DIR", help="against another copy of the kernel's source")
    add("--no-cache", action="store_true", help="prove even what was proved before")
    add("--quiet", action="store_true", help="no progress on stderr")
    return parser


def run(options: argparse.Namespace) -> int:
    """Prove each object that is asked for, or try the prover on the first."""
    from .run import ObjectOptions, prove_object, read_source

    source = read_source(options.kernel)
    progress = None if options.quiet else Ticker()
    paths = [options.object] if options.object is not None else shipped()
    if options.cotest or options.flips or options.faults:
        from .experiments import run_experiments

        wrong = run_experiments(paths[0], source, options, progress)
        return REFUTED if wrong else PROVED
    settings = ObjectOptions(
        solvers=options.solver or SOLVERS,
        timeout=options.timeout,
        cache=not options.no_cache,
        raw=options.raw,
        only=options.function,
        progress=progress,
    )
    return tell([prove_object(path, source, settings) for path in paths], options)


def tell(reports: "list[ObjectReport]", options: argparse.Namespace) -> int:
    """Write and print what became of the objects; the exit code for all of them."""
    from .judge import Standing
    from .summary import closing, lines

    record = json.dumps([each.as_json() for each in reports], indent=1)
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(f"{record}\n", encoding="utf-8")
    if options.json:
        print(record)
    else:
        for at, report in enumerate(reports):
            for line in lines(report) if at == 0 or not report.proved else ():
                print(line)
            print(closing(report))
    codes = [code(report.proved, report.count(Standing.REFUTED)) for report in reports]
    return max(codes, key=lambda each: (each == REFUTED, each))


def shipped() -> list[Path]:
    """The static library, the shared one, and the extension that Python runs."""
    home = Path(dosekernel.get_library_dir())
    found = [home / "libdosekernel.a", home / "libdosekernel.so"]
    extension = find_spec("dosekernel._native")
    if extension is not None and extension.origin is not None:
        found.append(Path(extension.origin))
    return found


def code(proved: bool, refuted: int) -> int:
    """0 only for what is proved."""
    if proved:
        return PROVED
    return REFUTED if refuted else UNDECIDED


def fail(message: str, code: int) -> int:
    """Say why, and return the code."""
    print(f"dosekernel prove: {message}", file=sys.stderr)
    return code
