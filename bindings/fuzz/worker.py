"""One job of an engine in Python: `python -m dosekernel.fuzz.worker ENGINE ...`.

It plays lives through the harness, asks the exact model and the properties about them, says how
far it is in `status.json`, and leaves the bytes of what it found in `finding-...`.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from dosekernel.kernel.records import ACKNOWLEDGE, TICK

from .corpus import DICTIONARY, LONGEST_LIFE, seeds, write_seeds
from .judging import EVENT_WORDS, Judge, ObjectionError
from .native import STEP, Harness, Told

TOLD_EVERY = 0.5  # seconds
# One life in so many is judged by the model, too.
MODEL_EVERY = {"atheris": 8, "hypothesis": 1, "outsider": 8}
SORT = (
    0,
    EVENT_WORDS,
    EVENT_WORDS + 1,
    EVENT_WORDS + 8,
)  # of a told step: the event's kind, the outcome's status, reason, mode
KINDS = range(TICK, ACKNOWLEDGE + 1)
FOUND = 77  # the exit code of a worker that found something


class Player:
    """Plays lives and counts them."""

    def __init__(self, library: Path, folder: Path, seed: int, every: int) -> None:
        self.harness, self.folder, self.every = Harness(library), folder, every
        self.judge = Judge(seed)
        self.runs = self.steps = 0
        self.reached: set[tuple[int, int, int, int]] = set()
        self.told = 0.0

    def play(self, data: bytes) -> bool:
        """One life; False if something was found, and then its bytes are kept."""
        self.runs += 1
        objections: list[ObjectionError] = []

        def hear(told: Told) -> None:
            if told.tag == STEP:
                kind, status, reason, mode = (told.words[place] for place in SORT)
                self.reached.add((kind if kind in KINDS else 0, status, reason, mode))
            if not objections:
                try:
                    self.judge.hear(told)
                except ObjectionError as error:
                    objections.append(error)

        if self.runs % self.every == 0:
            self.judge.begin()
            verdict = self.harness.watch(data, hear)
        else:
            verdict = self.harness.play(data)
        self.steps += verdict.asked
        if verdict.good and not objections:
            self.say()
            return True
        kept = self.folder / f"finding-{self.runs}"
        kept.write_bytes(data)
        self.say(at_once=True)
        return False

    def say(self, at_once: bool = False) -> None:
        """How far it is, now and then."""
        now = time.monotonic()
        if not at_once and now - self.told < TOLD_EVERY:
            return
        self.told = now
        status = {
            "runs": self.runs,
            "steps": self.steps,
            "coverage": len(self.reached),
            "measure": "sorts of steps",
        }
        fresh = self.folder / "status.fresh"
        fresh.write_text(json.dumps(status), encoding="utf-8")
        fresh.replace(self.folder / "status.json")


# ---- Hypothesis


def with_hypothesis(player: Player, seconds: float, seed: int) -> bool:
    """Lives drawn by Hypothesis until the time is over; False if something was found."""
    import hypothesis

    from .lives import lives

    end, turn, good = time.monotonic() + seconds, 0, [True]
    for each in seeds():
        if time.monotonic() > end:
            return True
        if not player.play(each):
            return False

    def one(data: bytes) -> None:
        if good[0] and time.monotonic() < end:
            good[0] = player.play(data)

    while good[0] and time.monotonic() < end:
        settings = hypothesis.settings(
            max_examples=500,
            database=None,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        hypothesis.seed(seed * 1_000_003 + turn)(settings(hypothesis.given(lives())(one)))()
        turn += 1
    return good[0]


# ---- atheris


def with_atheris(library: Path, folder: Path, seconds: float, seed: int) -> bool:
    """libFuzzer inside Python; it ends the process by itself."""
    import atheris

    corpus = folder / "corpus"
    write_seeds(corpus)
    players: list[Player] = []

    def one(data: bytes) -> None:
        if not players[0].play(data):
            os._exit(FOUND)

    words = [
        "dosekernel",
        f"-max_len={LONGEST_LIFE}",
        f"-max_total_time={max(int(seconds), 1)}",
        f"-seed={seed}",
        f"-dict={DICTIONARY}",
        f"-artifact_prefix={folder}/crash-",
        "-len_control=0",
        str(corpus),
    ]
    atheris.Setup(words, one)
    players.append(Player(library, folder, seed, MODEL_EVERY["atheris"]))
    atheris.Fuzz()
    return True


# ---- the outsider's days


def with_outsider(player: Player, seconds: float, seed: int) -> bool:
    """Days of people on a pump until the time is over; False if something was found."""
    from dosekernel.strategies.outsider import day_of

    end, number = time.monotonic() + seconds, seed * 1_000_003
    while time.monotonic() < end:
        if not player.play(day_of(number).bytes()):
            return False
        number += 1
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one engine; exit code 77 if it found something."""
    parser = argparse.ArgumentParser(prog="dosekernel.fuzz.worker")
    parser.add_argument("engine", choices=sorted(MODEL_EVERY))
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    chosen = parser.parse_args(arguments)
    if chosen.engine == "atheris":
        good = with_atheris(chosen.library, chosen.folder, chosen.seconds, chosen.seed)
    else:
        player = Player(chosen.library, chosen.folder, chosen.seed, MODEL_EVERY[chosen.engine])
        lead = with_outsider if chosen.engine == "outsider" else with_hypothesis
        good = lead(player, chosen.seconds, chosen.seed)
        player.say(at_once=True)
    return 0 if good else FOUND


if __name__ == "__main__":
    sys.exit(main())
