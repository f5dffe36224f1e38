"""A finding: made small, written so that a person can read it and a machine can play it again."""

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .judging import Judge, ObjectionError
from .native import Harness, Told, Verdict
from .reading import story

HEADING = "dosekernel fuzz: a finding"
BYTES = "bytes: "
BEGINNING, ENDING = 20, 60  # lines of a long story; what decides is at the end
TRIES = 4000
TRIES_OUTSIDE = 300  # each starts a process
MODEL_SEED = 0

# Whether bytes still show the same finding.
Shows = Callable[[bytes], bool]


@dataclass(frozen=True)
class Finding:
    """What was found, by whom, and the bytes that show it."""

    oracle: str
    sentence: str
    found: int
    allowed: int
    engine: str
    seed: int
    seconds: float
    data: bytes

    def fields(self) -> dict[str, object]:
        """As JSON says it."""
        return {**self.__dict__, "data": self.data.hex(), "seconds": round(self.seconds, 2)}


def judged(harness: Harness, data: bytes) -> Verdict:
    """A life played with all oracles: those in C, the exact model, the properties."""
    judge = Judge(MODEL_SEED, every=4, longest=1000)
    objections: list[ObjectionError] = []

    def hear(told: Told) -> None:
        if not objections:
            try:
                judge.hear(told)
            except ObjectionError as error:
                objections.append(error)

    verdict = harness.watch(data, hear)
    if verdict.good and objections:
        first = objections[0]
        return Verdict(first.oracle, first.sentence, 0, 0, 0, verdict.asked, verdict.steps)
    return verdict


def shows(harness: Harness, oracle: str) -> Shows:
    """Whether bytes break the same oracle in the library."""
    return lambda data: judged(harness, data).oracle == oracle


def shows_quickly(harness: Harness, oracle: str) -> Shows:
    """The same for an oracle in C, without the model."""
    return lambda data: harness.play(data).oracle == oracle


def fails_outside(player: Path) -> Shows:
    """Whether a program that plays files fails on bytes: for what sanitizers find."""

    def fails(data: bytes) -> bool:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            done = subprocess.run([str(player), file.name], capture_output=True, check=False)
        return done.returncode != 0

    return fails


def smaller(data: bytes, still: Shows, tries: int = TRIES) -> bytes:
    """The same finding with fewer bytes, then with plainer ones."""
    left = [tries]

    def holds(candidate: bytes) -> bool:
        left[0] -= 1
        return left[0] >= 0 and still(candidate)

    size = max(len(data) // 2, 1)
    while size >= 1 and left[0] > 0:
        at, cut = 0, False
        while at < len(data) and left[0] > 0:
            candidate = data[:at] + data[at + size :]
            if holds(candidate):
                data, cut = candidate, True
            else:
                at += size
        size = size if cut and size == 1 else size // 2
    for at in range(len(data)):
        for plain in (b"\0", bytes([data[at] % 32])):
            candidate = data[:at] + plain + data[at + 1 :]
            if candidate != data and holds(candidate):
                data = candidate
                break
    return data


def text(finding: Finding, harness: Harness) -> str:
    """The finding's file: what was found, then the life, line by line."""
    told = story(harness, finding.data)
    if len(told) > BEGINNING + ENDING:
        told = [*told[:BEGINNING], "      ...", *told[-ENDING:]]
    return "\n".join(
        [
            HEADING,
            f"oracle: {finding.oracle}",
            f"says: {finding.sentence}",
            f"found: {finding.found}",
            f"allowed: {finding.allowed}",
            f"engine: {finding.engine}, seed {finding.seed}, after {finding.seconds:.1f} s",
            "again: dosekernel fuzz --replay FILE",
            f"{BYTES}{finding.data.hex()}",
            "",
            *told,
            "",
        ]
    )


def read(path: Path) -> bytes:
    """The bytes of a finding's file; raises `InputError`."""
    try:
        content = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    if not content or content[0] != HEADING:
        raise InputError(f"{path}: line 1: not a finding of dosekernel fuzz")
    for number, line in enumerate(content, 1):
        if line.startswith(BYTES):
            try:
                return bytes.fromhex(line.removeprefix(BYTES))
            except ValueError:
                raise InputError(f"{path}: line {number}: the bytes are not in hex") from None
    raise InputError(f"{path}: no line that begins with '{BYTES.strip()}'")
