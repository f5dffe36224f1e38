"""`dosekernel replay`: what the kernel would have refused of a real therapy history, and why.

HISTORY is Nightscout treatments (JSON) or a pump's log (CSV with a heading; columns time, kind,
amount, rate, duration, source, glucose, id, issued, code).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path

from dosekernel.kernel.records import DAY
from dosekernel.spec.limits import Limits
from dosekernel.spec.reasons import Kind, Status

from ..command.codes import FINDING, GOOD
from ..command.limits import load
from ..errors import InputError
from . import summary
from .account import write_journal
from .history import RATE_MAX, History, Programme, Request
from .nightscout import read_nightscout
from .player import Played, Player
from .profile import flat
from .table import read_table

SHIPPED = "dosekernel.histories"
SIZE_MAX = 1 << 26  # bytes
DAYS_MAX = 92  # a pump ticks at least once a minute, and every step is kept for the summary
READERS = {".json": read_nightscout, ".csv": read_table}


def main(argv: Sequence[str]) -> int:
    """Exit 0 if the kernel accepts all of a history, 1 if it refuses something, 2 for bad input."""
    chosen = _parser().parse_args(argv)
    limits = load(chosen.limits)
    history = read_history(chosen.history)
    played = replay(history, limits, _programme(history, chosen.basal, limits.unit), chosen.quiet)
    name = chosen.history
    if chosen.json:
        print(json.dumps(summary.document(played, name, limits.name, limits.unit), indent=2))
    else:
        print(summary.text(played, name, limits.name, limits.unit))
    if chosen.out is not None:
        _write(played, chosen.out, name, limits)
    return FINDING if played.of(Status.REFUSED) else GOOD


def read_history(name: str) -> History:
    """The history in a file, or one of those that ship with the package, by its name."""
    path = Path(name)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        allowed = ", ".join([*(f"*{suffix}" for suffix in READERS), *shipped()])
        raise InputError(f"{name}: not a kind of history; allowed: {allowed}")
    history = reader(path, _text(name, path))
    times = [entry.at for entry in history.entries]
    days = (max(times) - min(times)) // DAY
    if days > DAYS_MAX:
        raise InputError(f"{name}: it spans {days} days; allowed: at most {DAYS_MAX}, in parts")
    return history


def shipped() -> list[str]:
    """The histories that ship with the package."""
    return sorted(
        entry.name
        for entry in resources.files(SHIPPED).iterdir()
        if Path(entry.name).suffix in READERS
    )


def replay(history: History, limits: Limits, programme: Programme, quiet: bool) -> Played:
    """Play a history to a fresh pump, with progress on standard error unless quiet."""

    def progress(done: int, total: int) -> None:
        if not quiet and (done % 100 == 0 or done == total):
            end = "\n" if done == total else "\r"
            print(f"replay: {done} of {total} records", end=end, file=sys.stderr, flush=True)

    return Player(history, limits, programme).play(progress)


def _text(name: str, path: Path) -> str:
    if not path.exists() and path.parent == Path() and name in shipped():
        return resources.files(SHIPPED).joinpath(name).read_text(encoding="utf-8")
    try:
        if path.stat().st_size > SIZE_MAX:
            raise InputError(f"{name}: larger than {SIZE_MAX >> 20} MiB")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: byte {error.start} is not UTF-8 text") from None
    except OSError as error:
        raise InputError(
            f"{name}: {error.strerror}; histories that ship: {', '.join(shipped())}"
        ) from None


def _programme(history: History, basal: str | None, unit: str) -> Programme:
    """The basal programme, and in the history's assumptions where it comes from."""
    if basal is not None:
        rate = _rate(basal)
        history.assumptions.append(
            f"the basal programme is {rate} {unit}/h all day, as --basal says"
        )
        return flat(rate)
    if history.programme is not None:
        return history.programme
    if any(isinstance(one, Request) and one.kind is Kind.SET_BASAL for one in history.entries):
        history.assumptions.append("the programmed basal is what the history's set_basal say")
    else:
        history.assumptions.append(
            "the history holds no basal programme and --basal is not given: programmed basal 0"
        )
    return Programme(())


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        raise InputError(f"--basal: {text!r} is not a number; allowed: a rate per hour") from None
    if not rate.is_finite() or not 0 <= rate <= RATE_MAX:
        raise InputError(f"--basal: {text}; allowed: 0 to {RATE_MAX} per hour")
    return rate


def _write(played: Played, folder: Path, name: str, limits: Limits) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = summary.text(played, name, limits.name, limits.unit)
    found = summary.document(played, name, limits.name, limits.unit)
    (folder / "replay.txt").write_text(told + "\n", encoding="utf-8")
    (folder / "replay.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    write_journal(played.pump, folder)
    print(f"written: {folder}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dosekernel replay",
        description=__doc__,
        epilog=f"Histories that ship with the package: {', '.join(shipped())}.",
    )
    parser.add_argument("history", metavar="HISTORY", help="a .json or .csv file")
    parser.add_argument("--limits", required=True, metavar="L", help="a preset or a limits file")
    parser.add_argument("--basal", metavar="RATE", help="per hour, instead of the profile's")
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    parser.add_argument("--out", type=Path, metavar="DIR", help="a folder for findings and journal")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    return parser
