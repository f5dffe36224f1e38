"""`dosekernel simulate`: a virtual patient's days on a pump whose every dose passes the kernel."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from dosekernel.spec.limits import Limits

from .. import Kernel
from ..command.codes import GOOD, INTERNAL
from ..command.limits import load
from ..errors import InputError
from ..replay.account import write_journal
from . import compare, summary
from .compare import Loop
from .day import Days, Progress, Simulation
from .patient import subject

DEFAULT_PATIENT = "adult#001"
DEFAULT_SEED = 5
DAYS_MAX = 28
SEED_MAX = 2**32 - 1
PICTURE = "day.png"
INSULIN = "U"
# Children get the preset that is made for them, unless another is asked for.
PRESETS = (("child", "insulin-u100-child"), ("", "insulin-u100"))


def main(argv: Sequence[str]) -> int:
    """Exit 0 when the days were lived, 2 for bad input, 4 when simglucose is missing."""
    chosen = _parser().parse_args(argv)
    _check(chosen)
    who = subject(chosen.patient)
    limits = load(chosen.limits or _preset(who.name))
    if limits.unit != INSULIN:
        raise InputError(
            f"--limits: {limits.name} is in {limits.unit}, and this patient needs insulin; "
            f"allowed: limits in {INSULIN}"
        )
    if chosen.compare:
        return _compared(chosen, limits)
    loop = Loop(chosen.controller)
    limits = compare.limits_for(loop, limits)
    started = time.perf_counter()
    simulation = Simulation(
        who, limits, chosen.days, chosen.seed, controller=compare.controller_for(loop, who)
    )
    days = simulation.run(_progress(chosen.quiet))
    seconds = time.perf_counter() - started
    kernel_seconds, equal = step_again(days)
    if not equal:
        print("simulate: the same events gave other outcomes", file=sys.stderr)
        return INTERNAL
    speed = summary.Speed(seconds, kernel_seconds)
    told = summary.text(days, speed, chosen.seed)
    found = json.dumps(summary.document(days, speed, chosen.seed), indent=2)
    print(found if chosen.json else told)
    _write(chosen, days, told, found)
    return GOOD


def _compared(chosen: argparse.Namespace, limits: Limits) -> int:
    """The ten patients of one age in the three loops."""
    patients = compare.group_of(chosen.patient)

    def said(done: int, total: int) -> None:
        if not chosen.quiet:
            end = "\n" if done == total else "\r"
            print(f"simulate: {done:>3} of {total}", end=end, file=sys.stderr, flush=True)

    results = compare.compared(patients, limits, chosen.days, chosen.seed, said)
    form = compare.document if chosen.json else compare.table
    found = form(results, chosen.days, chosen.seed, limits.name)
    print(found if isinstance(found, str) else json.dumps(found, indent=2))
    return GOOD


def step_again(days: Days) -> tuple[float, bool]:
    """The seconds that the kernel takes for all its steps again, and if every outcome is equal."""
    events = [step.event for step in days.pump.steps]
    kernel = Kernel(days.limits)
    started = time.perf_counter()
    outcomes = [kernel.step(event) for event in events]
    seconds = time.perf_counter() - started
    return seconds, outcomes == [step.outcome for step in days.pump.steps]


def _preset(patient: str) -> str:
    return next(preset for start, preset in PRESETS if patient.startswith(start))


def _check(chosen: argparse.Namespace) -> None:
    """Everything that can be wrong with the words of the command, before the days begin."""
    if not 1 <= chosen.days <= DAYS_MAX:
        raise InputError(f"--days: {chosen.days}; allowed: 1 to {DAYS_MAX}")
    if not 0 <= chosen.seed <= SEED_MAX:
        raise InputError(f"--seed: {chosen.seed}; allowed: 0 to {SEED_MAX}")
    if chosen.compare and (chosen.plot or chosen.out or chosen.controller != Loop.SUSPEND):
        raise InputError("--compare: allowed without --plot, --out and --controller")
    if chosen.plot is not None:
        formats = import_module("dosekernel.simulate.picture").FORMATS
        if chosen.plot.suffix.lower() not in formats:
            raise InputError(f"--plot: {chosen.plot}; allowed endings: {', '.join(formats)}")
        if not chosen.plot.parent.is_dir():
            raise InputError(f"--plot: {chosen.plot.parent}: there is no such folder")


def _progress(quiet: bool) -> Progress:
    def said(minute: int, total: int) -> None:
        if quiet or (minute % 60 and minute != total):
            return
        end = "\n" if minute == total else "\r"
        print(
            f"simulate: {minute // 60:>3} of {total // 60} h", end=end, file=sys.stderr, flush=True
        )

    return said


def _write(chosen: argparse.Namespace, days: Days, told: str, found: str) -> None:
    pictures = [] if chosen.plot is None else [chosen.plot]
    if chosen.out is not None:
        chosen.out.mkdir(parents=True, exist_ok=True)
        (chosen.out / "summary.txt").write_text(told + "\n", encoding="utf-8")
        (chosen.out / "summary.json").write_text(found + "\n", encoding="utf-8")
        write_journal(days.pump, chosen.out)
        pictures.append(chosen.out / PICTURE)
    for picture in pictures:
        import_module("dosekernel.simulate.picture").draw(days, picture)
    for written in [*pictures, *([chosen.out] if chosen.out else [])]:
        print(f"written: {written}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dosekernel simulate", description=__doc__)
    parser.add_argument(
        "--patient",
        default=DEFAULT_PATIENT,
        metavar="NAME",
        help=f"adult#001 to #010, adolescent#..., child#... (default {DEFAULT_PATIENT})",
    )
    parser.add_argument("--days", type=int, default=1, metavar="N", help="default 1")
    parser.add_argument(
        "--limits", metavar="L", help="a preset or a file; default: the preset for the patient"
    )
    parser.add_argument(
        "--seed", type=int, default=DEFAULT_SEED, metavar="N", help="of sensor noise and appetite"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="a picture: .png, .svg or .pdf")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help=f"a folder for {PICTURE}, summary and journal"
    )
    parser.add_argument(
        "--controller",
        nargs="?",
        choices=list(Loop),
        const=Loop.CONTROLLER,
        default=Loop.SUSPEND,
        metavar="LOOP",
        help="open: no suspension on low glucose; suspend (default); controller (without a word): "
        "an example controller asks the kernel for temporary rates and small boluses",
    )
    parser.add_argument(
        "--compare",
        action="store_true",
        help="the ten patients of the same age in the three loops, on ordinary days: a table",
    )
    parser.add_argument("--json", action="store_true", help="the summary as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    return parser
