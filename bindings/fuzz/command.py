"""`dosekernel fuzz`: fire dose requests at the kernel, and say what was found."""

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from ..command.codes import FINDING, GOOD, TOOL_MISSING, UNDECIDED
from ..command.proof_record import subject
from ..command.stopping import terminable
from ..errors import InputError
from .building import ToolMissingError, kernel_sources, target
from .corpus import write_seeds
from .engines import ENGINES, Engine, Progress
from .findings import (
    TRIES,
    TRIES_OUTSIDE,
    Finding,
    fails_outside,
    judged,
    read,
    shows,
    shows_quickly,
    smaller,
    text,
)
from .native import Harness, Verdict

PAUSE = 0.25  # seconds between two looks
TOLD_EVERY = 5.0  # seconds between two lines of progress
UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
UNREPEATED = Verdict(
    "not-repeated",
    "An engine reported it once; the same bytes do not show it again.",
    0,
    0,
    0,
    0,
    0,
)
OUTSIDE = Verdict(
    "sanitizer", "A sanitizer stopped the kernel; the engine's log says where.", 0, 0, 0, 0, 0
)


def main(arguments: Sequence[str]) -> int:
    """Fuzz, or play a finding again; 1 if something was found, 4 if a tool is missing."""
    chosen = _parser().parse_args(arguments)
    try:
        if chosen.replay is not None:
            return replay(chosen.replay, chosen.kernel)
        if chosen.write_seeds is not None:
            print(f"{write_seeds(chosen.write_seeds)} seeds in {chosen.write_seeds}")
            return GOOD
        return campaign(chosen)
    except ToolMissingError as error:
        print(f"dosekernel fuzz: {error}", file=sys.stderr)
        return TOOL_MISSING


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dosekernel fuzz",
        description="Fires dose requests at the kernel, with independent bookkeeping beside it. "
        "Exit codes: 0 nothing found, 1 a finding, 2 usage, 3 an engine failed, 4 a tool missing.",
    )
    titles = "; ".join(f"{name}: {engine.title}" for name, engine in ENGINES.items())
    parser.add_argument("--engine", choices=list(ENGINES), default="libfuzzer", help=titles)
    parser.add_argument(
        "--time", type=_seconds, default=60.0, metavar="T", help="30s, 10m, 2h (default: 60s)"
    )
    parser.add_argument("--jobs", type=_count, default=1, metavar="N", help="processes (default 1)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="default: 1")
    parser.add_argument("--kernel", type=Path, metavar="DIR", help="another copy of the source")
    parser.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR", help="where a finding's file goes"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep corpus and logs there")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="play a finding's file again")
    parser.add_argument(
        "--write-seeds", type=Path, metavar="DIR", help="write the seed corpus as files, and end"
    )
    parser.add_argument("--json", action="store_true", help="the result as one line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    return parser


def _seconds(said: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", said)
    if found is None or float(found.group(1)) == 0:
        raise argparse.ArgumentTypeError(f"{said}: allowed: 30s, 10m, 2h")
    return float(found.group(1)) * UNITS[found.group(2)]


def _count(said: str) -> int:
    if not said.isdigit() or int(said) == 0:
        raise argparse.ArgumentTypeError(f"{said}: allowed: a number from 1")
    return int(said)


# ---- a campaign


def campaign(chosen: argparse.Namespace) -> int:
    """Run one engine for its time, or until it finds something."""
    with ExitStack() as stack, terminable():
        folder: Path = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        if chosen.keep is not None and any(folder.iterdir()):
            raise InputError(f"--keep {folder}: is not empty; allowed: a new or an empty folder")
        engine = ENGINES[chosen.engine](chosen.kernel, folder.resolve(), chosen.time, chosen.seed)
        engine.start(chosen.jobs)
        stack.callback(engine.stop)
        progress = watch(engine, chosen)
        seconds = engine.elapsed
        engine.stop()
        found = engine.findings()
        if not found:
            return ended(engine, progress, seconds, chosen)
        return report(found[0].read_bytes(), engine, progress, seconds, chosen)


def watch(engine: Engine, chosen: argparse.Namespace) -> Progress:
    """Look until the time is over, every job has ended or something is found."""
    told, progress = 0.0, Progress()
    while engine.running and engine.elapsed < chosen.time + 15.0:
        time.sleep(PAUSE)
        progress = engine.look()
        if engine.findings():
            break
        if not chosen.quiet and engine.elapsed - told >= TOLD_EVERY:
            told = engine.elapsed
            print(line(progress, engine.elapsed, len(engine.jobs)), file=sys.stderr, flush=True)
    return engine.look()


def line(progress: Progress, seconds: float, jobs: int) -> str:
    """One line of progress."""
    speed = progress.steps / max(seconds, 0.001)
    return (
        f"{seconds:6.0f} s  {progress.runs:,} lives  {progress.steps:,} steps  "
        f"{speed:,.0f} steps/s in {jobs} job{'s' if jobs > 1 else ''}  "
        f"{progress.coverage:,} {progress.measure}  "
        f"newest {max(seconds - progress.newest, 0):.0f} s ago"
    )


def result(
    engine: Engine,
    progress: Progress,
    seconds: float,
    finding: Finding | None,
    kernel: Path | None,
) -> dict[str, object]:
    """What a campaign came to, for JSON, and the hash of the source that was attacked."""
    return {
        "kernel_source": subject(kernel_sources(kernel)[0]).source,
        "engine": engine.name,
        "jobs": len(engine.jobs),
        "seed": engine.seed,
        "seconds": round(seconds, 2),
        "lives": progress.runs,
        "steps": progress.steps,
        "coverage": progress.coverage,
        "coverage_of": progress.measure,
        "finding": None if finding is None else finding.fields(),
    }


def ended(engine: Engine, progress: Progress, seconds: float, chosen: argparse.Namespace) -> int:
    """Nothing was found: say so, unless an engine failed or did nothing."""
    failed = engine.failure()
    if not failed and progress.steps == 0:
        failed = "no step was made"
    if failed:
        print(f"dosekernel fuzz: {engine.name} failed:\n{failed}", file=sys.stderr)
        return UNDECIDED
    if chosen.json:
        print(json.dumps(result(engine, progress, seconds, None, chosen.kernel)))
    else:
        print(line(progress, seconds, len(engine.jobs)))
        print("nothing was found")
    return GOOD


def report(
    data: bytes,
    engine: Engine,
    progress: Progress,
    seconds: float,
    chosen: argparse.Namespace,
) -> int:
    """A finding: made small, written, shown."""
    harness = Harness(target("library", chosen.kernel))
    finding = minimised(data, harness, engine, seconds, chosen.kernel)
    chosen.out.mkdir(parents=True, exist_ok=True)
    path = chosen.out / f"finding-{finding.oracle.replace(' ', '-')}-{engine.name}.txt"
    written = text(finding, harness)
    path.write_text(written, encoding="utf-8")
    if chosen.json:
        found = result(engine, progress, seconds, finding, chosen.kernel)
        print(json.dumps({**found, "file": str(path)}))
    else:
        print(line(progress, seconds, len(engine.jobs)))
        print(written)
        print(f"written to {path}")
    return FINDING


def minimised(
    data: bytes, harness: Harness, engine: Engine, seconds: float, kernel: Path | None
) -> Finding:
    """The finding with as few bytes as may be, and the oracle that it breaks."""
    verdict = harness.play(data)
    if not verdict.good:
        small = smaller(data, shows_quickly(harness, verdict.oracle), TRIES)
        verdict = harness.play(small)
    else:
        verdict = judged(harness, data)
        if not verdict.good:
            small = smaller(data, shows(harness, verdict.oracle), TRIES_OUTSIDE)
            verdict = judged(harness, small)
        elif outside(data, kernel):
            verdict = OUTSIDE
            small = smaller(data, fails_outside(target("player-sanitized", kernel)), TRIES_OUTSIDE)
        else:
            verdict, small = UNREPEATED, data
    return Finding(
        verdict.oracle,
        verdict.sentence,
        verdict.found,
        verdict.allowed,
        engine.name,
        engine.seed,
        seconds,
        small,
    )


# ---- a finding again


def replay(path: Path, kernel: Path | None) -> int:
    """Play a finding's bytes again; 1 if it still shows."""
    data = read(path)
    harness = Harness(target("library", kernel))
    verdict = judged(harness, data)
    if verdict.good and outside(data, kernel):
        verdict = OUTSIDE
    finding = Finding(
        verdict.oracle, verdict.sentence, verdict.found, verdict.allowed, "replay", 0, 0.0, data
    )
    print(text(finding, harness))
    return GOOD if verdict.good else FINDING


def outside(data: bytes, kernel: Path | None) -> bool:
    """Whether a sanitizer objects, where there is a compiler that has them."""
    try:
        return fails_outside(target("player-sanitized", kernel))(data)
    except ToolMissingError:
        return False
