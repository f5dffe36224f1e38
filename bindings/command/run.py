"""`dosekernel run`: lines of events in, lines of outcomes out, one kernel between."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Source, Status
from dosekernel.spec.reasons import Path as Way

from .._native import Event, Outcome
from ..compiled import Kernel
from ..errors import InputError
from ..json_lines import outcome_fields, read_event
from .codes import BAD_INPUT, GOOD
from .limits import load
from .state_file import read_state, write_state
from .stopping import terminable

LINE_LONGEST = 65536  # bytes; the longest event has about three hundred


def main(arguments: Sequence[str]) -> int:
    """Events from a file or stdin through one kernel; exit 2 at the first bad line."""
    chosen = _parser().parse_args(arguments)
    limits = load(chosen.limits)
    state: Path | None = chosen.state
    saved = read_state(state) if state else None
    kernel = Kernel(limits, at=chosen.at) if saved is None else _resumed(limits, saved, state)
    with terminable(), _opened(chosen.file) as lines:
        try:
            return _run(kernel, lines, sys.stdout, chosen.auto_confirm, flush=chosen.file is None)
        finally:
            if state:
                write_state(state, kernel.state)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dosekernel run",
        description="Events in, outcomes out, as JSON Lines. Integers are in kernel units: "
        "micro-units, micro-units per hour, milliseconds, mg/dL. A refusal is an outcome, not an "
        "error. Fields left out are 0; source is USER; issued_at is at.",
    )
    parser.add_argument("--limits", required=True, metavar="L", help="a limits file or a preset")
    parser.add_argument("--state", type=Path, metavar="FILE", help="go on from it, and save to it")
    parser.add_argument(
        "--at", type=int, default=0, metavar="MS", help="the time at which a new state begins"
    )
    parser.add_argument(
        "--auto-confirm", action="store_true", help="confirm each release in full at once"
    )
    parser.add_argument("--json", action="store_true", help="as it is anyway")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: stdin")
    return parser


def _resumed(limits: Limits, saved: bytes, path: Path | None) -> Kernel:
    try:
        return Kernel.from_state(limits, saved)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _run(kernel: Kernel, lines: BinaryIO, told: TextIO, confirm: bool, flush: bool) -> int:
    for number, line in _numbered(lines):
        try:
            event = read_event(_decoded(line))
            outcome = kernel.step(event)
            if confirm and outcome.path != Way.NONE:
                _confirm(kernel, event, outcome)
        except InputError as error:
            print(f"line {number}: {error}", file=sys.stderr)
            return BAD_INPUT
        told.write(json.dumps(outcome_fields(outcome)) + "\n")
        if flush:
            told.flush()
    told.flush()
    return GOOD


def _confirm(kernel: Kernel, event: Event, outcome: Outcome) -> None:
    confirmed = kernel.confirm(
        sequence=outcome.sequence, amount=outcome.amount, at=event.at, source=Source.USER
    )
    if confirmed.status != Status.ACCEPTED:
        raise InputError(
            f"the kernel did not take the {Kind.CONFIRM.name} of release {outcome.sequence}: "
            f"{confirmed.reason.sentence}"
        )


def _numbered(lines: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines that say something, with their numbers from 1."""
    number = 0
    while line := lines.readline(LINE_LONGEST + 1):
        number += 1
        if line.strip() or len(line) > LINE_LONGEST:
            yield number, line


def _decoded(line: bytes) -> str:
    if len(line) > LINE_LONGEST:
        raise InputError(f"longer than {LINE_LONGEST} bytes; allowed: one event")
    try:
        return line.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 text: byte {error.start + 1} of the line") from None


@contextmanager
def _opened(file: Path | None) -> Iterator[BinaryIO]:
    if file is None:
        yield sys.stdin.buffer
        return
    with file.open("rb") as lines:
        yield lines
