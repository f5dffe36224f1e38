"""`dosekernel campaign`: fuzzing, simulated populations, mutants or the proof, in shards."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..command.codes import FINDING, GOOD, UNDECIDED
from .places import here, on_cluster
from .shards import KINDS, Plan, ShardError, shards
from .store import Store


def main(arguments: Sequence[str]) -> int:
    """Do what is left of a campaign; 1 if a shard found something, 3 if one has no answer."""
    chosen = _parser().parse_args(arguments)
    kernel = "" if chosen.kernel is None else str(chosen.kernel.resolve())
    plan = Plan(
        chosen.kind,
        chosen.shards,
        chosen.seed,
        chosen.engine,
        chosen.seconds,
        chosen.days,
        kernel,
        tuple(chosen.only),
    )
    wanted = shards(plan)
    store = Store(chosen.out, plan)
    left = store.left(wanted)
    begin, numbered = time.monotonic(), {shard.number: shard for shard in wanted}
    places = on_cluster(left, chosen.scheduler) if chosen.scheduler else here(left, chosen.jobs)
    failed = ""
    try:
        for count, answer in enumerate(places, len(wanted) - len(left) + 1):
            store.keep(numbered[answer["number"]], answer)
            if not chosen.quiet:
                words = f"{answer['title']}: {'a finding' if answer['code'] else 'good'}"
                print(f"{count} of {len(wanted)}  {words}", file=sys.stderr, flush=True)
    except ShardError as error:
        failed = str(error)
    summary = summed(plan, store.answers(wanted), len(wanted), time.monotonic() - begin)
    print(json.dumps(summary) if chosen.json else as_text(summary))
    if failed:
        print(f"dosekernel campaign: {failed}; the same command goes on", file=sys.stderr)
    return int(summary["code"])


def summed(plan: Plan, answers: Sequence[dict[str, Any]], wanted: int, seconds: float) -> Any:
    """A campaign's answer: a finding if a shard has one, undecided if a shard has no answer."""
    codes = [answer["code"] for answer in answers]
    if FINDING in codes:
        code = FINDING
    elif UNDECIDED in codes or len(answers) < wanted:
        code = UNDECIDED
    else:
        code = GOOD
    return {
        "kind": plan.kind,
        "seed": plan.seed,
        "shards": wanted,
        "done": len(answers),
        "code": code,
        "seconds": round(seconds, 1),
        "steps": sum(answer["said"].get("steps", 0) for answer in answers),
        "findings": [answer["title"] for answer in answers if answer["code"] == FINDING],
        "undecided": [answer["title"] for answer in answers if answer["code"] == UNDECIDED],
    }


def as_text(summary: dict[str, Any]) -> str:
    """The summary for people."""
    lines = [f"{summary['done']} of {summary['shards']} shards in {summary['seconds']} s"]
    if summary["steps"]:
        lines.append(f"{summary['steps']:,} steps")
    for name in ("findings", "undecided"):
        lines.append(f"{name}: {', '.join(summary[name]) or 'none'}")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dosekernel campaign",
        description="Many shards of one kind, on this machine or on a Dask cluster. The same seed "
        "makes the same shards; a stopped campaign goes on with the same command.",
        epilog="Exit codes: 0 good, 1 a finding, 2 usage, 3 a shard has no answer, 4 no such tool.",
    )
    add = parser.add_argument
    add("kind", choices=KINDS, help="mutants: a shard a kernel module; prove: a theorem")
    add("--out", type=Path, required=True, metavar="DIR", help="the answers, one file a shard")
    add("--scheduler", metavar="ADDRESS", help="a Dask scheduler, such as tcp://host:8786")
    add("--jobs", type=_count, default=2, metavar="N", help="processes here (default 2)")
    add("--shards", type=_count, default=8, metavar="N", help="fuzz, population (default 8)")
    add("--seed", type=int, default=1, metavar="S", help="of the first shard (default 1)")
    add("--engine", default="outsider", metavar="E", help="fuzz: the engine (default outsider)")
    add("--seconds", type=float, default=60.0, metavar="T", help="fuzz: for each shard")
    add("--days", type=_count, default=1, metavar="N", help="population: for each patient")
    add("--only", action="append", default=[], metavar="NAME", help="this module or theorem")
    add("--kernel", type=Path, metavar="DIR", help="another copy of the kernel's source")
    add("--json", action="store_true", help="the summary as JSON")
    add("--quiet", action="store_true", help="no progress")
    return parser


def _count(said: str) -> int:
    if not said.isdigit() or int(said) == 0:
        raise argparse.ArgumentTypeError(f"{said}: allowed: a number from 1")
    return int(said)
