"""Hundreds of commands in any order, sensible and not: each ends well, and the kernel decided all.

`seed` alone makes a run; a failure prints the command and its number.
"""

import json
import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dosekernel.command import main
from dosekernel.command.codes import BAD_INPUT, FINDING, GOOD
from dosekernel.pump import accounts, exports
from dosekernel.pump.journal import Journal
from dosekernel.pump.opening import VARIABLE
from dosekernel.spec.reasons import Path as Way
from tests.pump.prepared import HOUR, UNIT

COMMANDS = 300
AMOUNTS = (
    "0", "0.05", "0.1", "1", "2.5", "5", "17", "17.05", "30", "200", "0.03", "-1", "x", "", "1e3",
    "nan", "inf", "99999999999999999999999", "0.0000001",
)  # fmt: skip
TIMES = ("0s", "1ms", "30m", "1h", "2h", "8h", "9h", "13h", "-1h", "x", "", "1", "99999d")
RATES = (*AMOUNTS, "50%", "150%", "0%", "1000%", "-5%", "33.333%", "1e9%")
SITES = ("1", "72", "73", "abdomen left 3", "0", "hip", "", "upper-arm right 6", "²")
READINGS = ("40", "65", "100", "250", "400", "19", "1001", "5.5", "x", "1e2")
PROGRAMMES = ("00:00=1", "00:00=0.5", "01:00=1", "00:00=9", "x")
SETTINGS = (
    ("ratios", "00:00=10"), ("correction", "50"), ("target", "110"), ("target", "6", "mmol/L"),
    ("timezone", "Asia/Tokyo"), ("timezone", "../../etc/passwd"), ("glucose_unit", "mmol/L"),
    ("glucose_unit", "mg/dL"), ("set", "x"), ("concentration", "100"), ("clinic", "call", "me"),
    ("clinic", "\0"), ("clinic", "\ud800"), ("reminders", "high=200"), ("reminders", "high=²"), (),
)  # fmt: skip
PLAIN = (
    "suspend", "resume", "cancel", "cancel-temp", "acknowledge", "disconnect", "connect", "limits",
    "status", "alarms", "history", "totals", "time", "sites", "basal", "change-set",
)  # fmt: skip
ALL = ("--all", "--amount", "100", "--prime", "1", "--site", "4", "--fill", "0.3")
Word = Callable[[random.Random], list[str]]
MAKERS: tuple[Word, ...] = (
    lambda r: ["bolus", r.choice(AMOUNTS), "--yes"],
    lambda r: ["bolus", r.choice(AMOUNTS), "--preview"],
    lambda r: ["extended", r.choice(AMOUNTS), r.choice(TIMES), "--yes"],
    lambda r: ["dual", r.choice(AMOUNTS), r.choice(AMOUNTS), r.choice(TIMES), "--yes"],
    lambda r: ["temp", r.choice(RATES), r.choice(TIMES), "--yes"],
    lambda r: ["wait", r.choice(("0s", "1s", "3m", "20m", "1h", "x"))],
    lambda r: [r.choice(PLAIN)],
    lambda r: [r.choice(("resume", "connect", "acknowledge"))],
    lambda r: [r.choice(("resume", "connect"))],
    lambda r: ["wait", r.choice(("20m", "40m"))],
    lambda r: [r.choice(("load", "prime", "fill")), r.choice(AMOUNTS), "--yes"],
    lambda r: ["insert", r.choice(SITES)],
    lambda r: ["change-set", r.choice(("--begin", "--begin-set", "--abandon"))],
    lambda r: ["change-set", *ALL, "--yes"],
    lambda r: ["glucose", r.choice(READINGS)],
    lambda r: ["calculator", r.choice(("0", "45", "600", "x", "-1"))],
    lambda r: ["basal", "set", r.choice("ab"), r.choice(PROGRAMMES), "--yes"],
    lambda r: ["basal", r.choice(("activate", "remove")), r.choice("abc"), "--yes"],
    lambda r: ["settings", *r.choice(SETTINGS), "--yes"],
    lambda r: ["adopt", r.choice(("insulin-u100", "insulin-u100-child", "none")), "--yes"],
    lambda r: ["export", "--format", r.choice(("csv", "json", "nightscout"))],
)


def most_within(released: list[tuple[int, int]], length: int) -> int:
    """The most that was released in any time of this length, counted afresh."""
    most = total = first = 0
    for at, amount in released:
        total += amount
        while released[first][0] <= at - length:
            total -= released[first][1]
            first += 1
        most = max(most, total)
    return most


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_any_commands_in_any_order(
    seed: int, journal: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, str(journal))
    chance = random.Random(seed)
    codes = []
    for number in range(COMMANDS):
        words = chance.choice(MAKERS)(chance)
        words += ["--json"] if chance.random() < 0.3 else []
        codes.append(main(["pump", *words]))
        caught = capsys.readouterr()
        told = (number, words, caught)
        assert codes[-1] in (GOOD, FINDING, BAD_INPUT), told
        assert "Traceback" not in caught.err, told
        assert bool(caught.err) or codes[-1] != BAD_INPUT, told
        if "--json" in words and codes[-1] != BAD_INPUT and words[0] != "export":
            json.loads(caught.out)
    assert set(codes) == {GOOD, FINDING, BAD_INPUT}
    with closing(Journal.open(journal)) as book:
        accounts.verify(book, lambda done, of: None)
        released = [
            (step.event.at, step.outcome.amount)
            for step in exports.steps(book)
            if step.outcome.pulses and step.outcome.path is Way.PATIENT
        ]
    assert most_within(released, HOUR) <= 25 * UNIT
    assert most_within(released, 24 * HOUR) <= 180 * UNIT
    assert len(released) > 20
