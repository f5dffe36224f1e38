"""What a campaign is made of: shards, each a command of dosekernel, the same for the same seed."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from dosekernel.spec.obligations import OBLIGATIONS

from ..command.codes import FINDING, GOOD, UNDECIDED
from ..errors import InputError
from ..fuzz.engines import ENGINES

KINDS = ("fuzz", "population", "mutants", "prove")
MODULES = (
    "adoption",
    "arithmetic",
    "basal",
    "bolus",
    "clock",
    "decide",
    "delivery",
    "faults",
    "glucose",
    "infusion_set",
    "integrity",
    "limits",
    "on_board",
    "rates",
    "readout",
    "requests",
    "state",
    "step",
    "window",
)
AGES = ("adult", "adolescent", "child")
PATIENTS = 10  # of each age
ANSWERS = (GOOD, FINDING, UNDECIDED)  # exit codes with which a shard is done
LAST_WORDS = 400


class ShardError(Exception):
    """A shard ended without an answer: its process was lost, or its command failed."""


class LostError(ShardError):
    """The process of a shard was ended by somebody else: it can be done again."""


@dataclass(frozen=True)
class Plan:
    """What is asked of a campaign; two campaigns of one plan have the same shards."""

    kind: str
    shards: int
    seed: int = 1
    engine: str = "outsider"
    seconds: float = 60.0
    days: int = 1
    kernel: str = ""
    only: tuple[str, ...] = field(default=())

    def data(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {**asdict(self), "only": list(self.only)}


@dataclass(frozen=True)
class Shard:
    """One command."""

    number: int
    title: str
    words: tuple[str, ...]


def shards(plan: Plan) -> list[Shard]:
    """Every shard of a plan, in order."""
    found = MAKERS[plan.kind](plan)
    kernel = ("--kernel", plan.kernel) if plan.kernel else ()
    if kernel and plan.kind == "population":
        raise InputError("--kernel: a population is simulated with the installed kernel")
    return [
        Shard(number, title, (*words, *kernel, "--json", "--quiet"))
        for number, (title, words) in enumerate(found)
    ]


Words = list[tuple[str, tuple[str, ...]]]


def _fuzz(plan: Plan) -> Words:
    if plan.engine not in ENGINES:
        raise InputError(f"--engine {plan.engine}: allowed: {', '.join(ENGINES)}")
    time = f"{plan.seconds:g}s"
    return [
        (f"seed {seed}", ("fuzz", "--engine", plan.engine, "--time", time, "--seed", str(seed)))
        for seed in range(plan.seed, plan.seed + plan.shards)
    ]


def _population(plan: Plan) -> Words:
    found: Words = []
    for number in range(plan.shards):
        age, patient = AGES[number % len(AGES)], number // len(AGES)
        name = f"{age}#{patient % PATIENTS + 1:03}"
        seed = plan.seed + number // (len(AGES) * PATIENTS)
        words = ("simulate", "--patient", name, "--days", str(plan.days), "--seed", str(seed))
        found.append((f"{name}, seed {seed}", words))
    return found


def _mutants(plan: Plan) -> Words:
    modules = _chosen(plan, MODULES)
    return [(name, ("prove", "--mutants", "--jobs", "1", "--only", name)) for name in modules]


def _prove(plan: Plan) -> Words:
    names = _chosen(plan, OBLIGATIONS)
    return [(name, ("prove", "--jobs", "1", "--property", name)) for name in names]


def _chosen(plan: Plan, names: tuple[str, ...]) -> list[str]:
    unknown = sorted(set(plan.only) - set(names))
    if unknown:
        raise InputError(f"--only {unknown[0]}: allowed: {', '.join(names)}")
    return [name for name in names if not plan.only or name in plan.only]


MAKERS: dict[str, Callable[[Plan], Words]] = {
    "fuzz": _fuzz,
    "population": _population,
    "mutants": _mutants,
    "prove": _prove,
}


def perform(shard: Shard, begun: Callable[[int], None] | None = None) -> dict[str, Any]:
    """Run a shard's command in a process of its own; its exit code and what it said.

    Raises `LostError` if the process was killed, `ShardError` if it failed.
    """
    words = [sys.executable, "-m", "dosekernel", *shard.words]
    with subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        if begun is not None:
            begun(process.pid)
        said, wrong = process.communicate()
    if process.returncode < 0:
        raise LostError(f"{shard.title}: its process was ended by signal {-process.returncode}")
    if process.returncode not in ANSWERS:
        end = wrong.strip()[-LAST_WORDS:]
        raise ShardError(f"{shard.title}: ended with {process.returncode}: {end}")
    try:
        told = json.loads(said)
    except ValueError:
        raise ShardError(f"{shard.title}: said no JSON: {said[:LAST_WORDS]!r}") from None
    return {"number": shard.number, "title": shard.title, "code": process.returncode, "said": told}
