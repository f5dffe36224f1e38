"""The plain commands: what they print, what they change, and what they refuse to take."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dosekernel.command import main
from dosekernel.command.codes import BAD_INPUT, FINDING, GOOD, TOOL_MISSING
from dosekernel.pump import commands
from dosekernel.pump.commands import frame
from dosekernel.pump.journal import Journal, What
from dosekernel.pump.opening import VARIABLE
from dosekernel.spec.reasons import Reason
from tests.pump.prepared import UNIT


@dataclass
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its JSON."""
        return json.loads(self.out)


Pump = Callable[..., Said]


@pytest.fixture
def pump(
    journal: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Pump:
    """`dosekernel pump ...` on a journal of a pump that is ready."""
    monkeypatch.setenv(VARIABLE, str(journal))

    def run(*words: str) -> Said:
        code = main(["pump", *words])
        caught = capsys.readouterr()
        return Said(code, caught.out, caught.err)

    return run


def entries(path: Path) -> int:
    """How many entries a journal has."""
    with closing(Journal.open(path)) as opened:
        return opened.seq


def asked(path: Path) -> list[bytes]:
    """All that a journal's pump was asked or told, ticks apart."""
    with closing(Journal.open(path)) as opened:
        told = [*opened.asked(opened.seq + 1, 1000), *opened.rare(What.SETTING)]
        return [entry.body for entry in [*told, *opened.rare(What.LIMITS)]]


# ---- a day by commands


def test_a_new_pump_becomes_ready_by_commands_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "new.journal")

    def run(verb: str, *words: str) -> str:
        assert main(["pump", verb, *words, "--journal", path]) == GOOD, capsys.readouterr()
        return capsys.readouterr().out

    told = run("new", "--limits", "insulin-u100", "--simulated", "--timezone", "Europe/Berlin")
    assert "A new simulated pump with the limits insulin-u100 (U)" in told
    assert "[ ] load" in run("change-set")
    assert "[>] load" in run("change-set", "--begin")
    run("load", "180", "--yes")
    assert "[>] prime" in run("change-set")
    run("prime", "1", "--yes", "--wait")
    run("insert", "abdomen left 3")
    run("connect")
    assert "Next: dosekernel pump fill" in run("change-set")
    run("fill", "0.3", "--yes", "--wait")
    assert "The change is complete." in run("change-set")
    assert "delivering" in run("status")
    assert "3: 0" in run("sites")


def test_a_whole_set_change_in_one_go(pump: Pump) -> None:
    words = ["--amount", "150", "--prime", "1", "--site", "thigh right 2", "--fill", "0.3"]
    told = pump("change-set", "--all", *words, "--yes", "--json")
    assert told.code == GOOD
    assert told.document == {
        "under_way": False,
        "done": ["disconnect", "load", "prime", "insert", "connect", "fill"],
        "next": None,
    }
    assert "thigh right 2" in pump("status").out
    status = pump("status", "--json").document
    assert status["reservoir"] == (150 - 1) * UNIT - 300_000
    assert status["set_age"] < 60_000


def test_a_refused_step_ends_a_whole_set_change(pump: Pump) -> None:
    words = ["--amount", "150", "--prime", "29.01", "--site", "2", "--fill", "0.3"]
    told = pump("change-set", "--all", *words, "--yes")
    assert told.code == FINDING
    assert Reason.AMOUNT.sentence in told.out
    assert "[>] prime" in pump("change-set").out


def test_a_bolus_is_confirmed_given_and_told(pump: Pump) -> None:
    shown = pump("bolus", "2.5", "--preview")
    assert shown.code == GOOD
    assert "on board at most 2.8 U of 30 U" in shown.out
    given = pump("bolus", "2.5", "--yes", "--wait", "--json")
    assert given.code == GOOD
    assert given.document["status"] == "ACCEPTED"
    status = pump("status", "--json").document
    assert (status["owed"], status["last_bolus"]["amount"]) == (0, 2_500_000)
    assert "2.5 U" in pump("status").out


def test_without_a_terminal_nothing_is_given_unless_it_is_confirmed(pump: Pump) -> None:
    told = pump("bolus", "2.5")
    assert told.code == BAD_INPUT
    assert "add --yes to confirm, or --preview only to look" in told.err
    assert pump("status", "--json").document["owed"] == 0
    assert "bolus" not in pump("history", "--kind", "bolus").out


def test_at_a_terminal_only_yes_confirms(pump: Pump, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def __init__(self, answer: str) -> None:
            self.answer = answer

        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return self.answer

    for answer in ("n\n", "\n", "", "yes please\n"):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        told = pump("bolus", "1")
        assert told.code == FINDING
        assert "Not confirmed, nothing was done." in told.err
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    assert pump("bolus", "1").code == GOOD
    assert pump("status", "--json").document["last_bolus"]["amount"] == UNIT


def test_a_yes_that_comes_too_late_gives_nothing(
    pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(session: frame.Session, _: object) -> bool:
        session.pump.clock.sleep(60_001)
        return True

    with monkeypatch.context() as patched:
        patched.setattr(frame.Session, "confirmed", late)
        told = pump("bolus", "1")
    assert told.code == BAD_INPUT
    assert "more than 1 min ago and nothing was asked" in told.err
    assert pump("status", "--json").document["last_bolus"] is None


def test_a_refusal_is_a_finding_with_reason_and_what_is_allowed(pump: Pump) -> None:
    told = pump("bolus", "50", "--yes", "--json")
    assert told.code == FINDING
    assert told.document["reason"] == "BOLUS_CAP"
    assert told.document["allowable"] == 17 * UNIT
    assert Reason.BOLUS_CAP.sentence in told.document["sentence"]
    assert "At most 17 U would be accepted now." in told.document["sentence"]


def test_extended_dual_and_cancel(pump: Pump) -> None:
    assert pump("extended", "2", "2h", "--yes").code == GOOD
    assert pump("dual", "1", "2", "1h", "--yes").code == FINDING  # one extended at a time
    cancelled = pump("cancel", "--json")
    assert (cancelled.code, cancelled.document["not_given"]) == (GOOD, 2 * UNIT)
    dual = pump("dual", "1", "2", "1h", "--yes")
    assert "Extended bolus 2 U over 1 h. Bolus 1 U." in dual.out
    assert "it is given while the pump runs" in dual.err
    doses = pump("status", "--json").document["day"]["boluses"]
    assert [(dose["kind"], dose["amount"], dose["not_given"]) for dose in doses] == [
        ("EXTENDED_BOLUS", 2 * UNIT, 2 * UNIT),
        ("EXTENDED_BOLUS", 2 * UNIT, 0),
        ("BOLUS", UNIT, 0),
    ]


def test_temporary_rates(pump: Pump) -> None:
    assert pump("temp", "150%", "30m", "--yes").code == GOOD
    now = pump("status", "--json").document
    assert (now["temporary_rate"], now["temporary_left"]) == (1_500_000, 1_800_000)
    assert pump("temp", "0.5", "1h", "--yes").code == GOOD
    assert pump("status", "--json").document["rate"] == 500_000
    assert pump("cancel-temp").code == GOOD
    assert pump("cancel-temp").code == FINDING
    assert pump("status", "--json").document["rate"] == UNIT


def test_a_suspension_needs_no_confirmation_and_ends_by_a_resume(pump: Pump) -> None:
    pump("bolus", "3", "--yes")
    stopped = pump("suspend", "--json").document
    assert stopped["not_given"] == 3 * UNIT  # not a pulse left before the stop was asked
    assert pump("status", "--json").document["mode"] == "SUSPENDED"
    refused = pump("bolus", "1", "--yes")
    assert refused.code == FINDING
    assert Reason.SUSPENDED.sentence in refused.out
    assert pump("resume").code == GOOD
    assert pump("resume").code == FINDING
    assert pump("status", "--json").document["owed"] == 0


def test_time_passes_only_when_it_is_let(pump: Pump) -> None:
    before = pump("time", "--json").document
    assert pump("status").code == GOOD
    assert pump("time", "--json").document == before
    waited = pump("wait", "2h", "--json").document
    assert waited["passed"] == 7_200_000
    assert abs(waited["released"] - 2 * UNIT) <= 50_000
    assert pump("time", "--json").document["kernel_time"] == before["kernel_time"] + 7_200_000


def test_travel_is_confirmed_and_moves_no_dose(pump: Pump) -> None:
    before = pump("status", "--json").document
    told = pump("time", "--timezone", "Asia/Tokyo", "--yes", "--json").document
    assert told["timezone"] == "Asia/Tokyo"
    after = pump("status", "--json").document
    assert after["local_time"].endswith("+09:00")
    assert after["now"] == before["now"]
    assert pump("time", "--timezone", "Mars/Base", "--yes").code == BAD_INPUT


def test_glucose_comes_with_its_unit(pump: Pump) -> None:
    assert pump("glucose", "120").code == GOOD
    pump("wait", "5m")
    assert pump("glucose", "6.5", "--unit", "mmol/L").code == GOOD
    assert pump("status", "--json").document["glucose"] == 117
    wrong = pump("glucose", "6.5")
    assert wrong.code == BAD_INPUT
    assert "is it in mmol/L?" in wrong.err


def test_the_calculator_only_proposes(pump: Pump) -> None:
    assert "not set: ratios, correction, target" in pump("calculator", "45").err
    pump("settings", "ratios", "00:00=10", "--yes")
    pump("settings", "correction", "50", "--yes")
    pump("settings", "target", "110", "--yes")
    told = pump("calculator", "45", "--glucose", "210", "--json").document
    assert told["amount"] == 6_500_000
    assert pump("status", "--json").document["owed"] == 0


def test_programmes_are_kept_confirmed_and_followed(pump: Pump) -> None:
    kept = pump("basal", "set", "weekday", "00:00=0.8", "06:30=1.2", "--yes")
    assert "25.6 U" not in kept.out
    assert "a day (new)" in kept.out
    assert pump("basal", "activate", "weekday").code == BAD_INPUT  # not confirmed
    assert pump("basal", "activate", "weekday", "--yes").code == GOOD
    assert pump("status", "--json").document["programmed_rate"] == 800_000
    pump("wait", "30m")
    assert pump("status", "--json").document["programmed_rate"] == 1_200_000
    assert pump("basal", "show", "weekday", "--json").document["segments"] == [
        [0, 800_000],
        [390, 1_200_000],
    ]
    assert pump("basal", "remove", "weekday", "--yes").code == BAD_INPUT  # it is followed
    pump("basal", "set", "spare", "00:00=1", "--yes")
    assert pump("basal", "--json").document["active"] == "weekday"
    assert pump("basal", "remove", "spare", "--yes").code == GOOD
    assert list(pump("basal", "--json").document["programmes"]) == ["weekday"]


def test_limits_change_only_by_a_confirmed_adoption(pump: Pump, root: Path, tmp_path: Path) -> None:
    text = (root / "spec/presets/insulin-u100.toml").read_text()
    mine = tmp_path / "mine.toml"
    mine.write_text(text.replace("bolus_max = 17 ", "bolus_max = 5 "))
    shown = pump("adopt", str(mine), "--preview", "--json").document
    assert shown["changes"] == [{"name": "bolus_max", "before": "17 U", "after": "5 U"}]
    assert pump("adopt", str(mine)).code == BAD_INPUT
    assert pump("limits", "--json").document["bolus_max"] == 17 * UNIT
    assert pump("adopt", str(mine), "--yes").code == GOOD
    assert pump("limits", "--json").document["bolus_max"] == 5 * UNIT
    refused = pump("adopt", "insulin-u100-child", "--yes")
    assert refused.code == FINDING
    assert Reason.LIMITS_PULSE.sentence in refused.out
    assert pump("limits", "--json").document["bolus_max"] == 5 * UNIT


def test_an_alarm_is_told_and_acknowledged(pump: Pump) -> None:
    assert pump("alarms").out == "No alarm.\n"
    assert pump("acknowledge").code == FINDING
    pump("disconnect")
    assert pump("status", "--json").document["mode"] == "DISCONNECTED"
    assert pump("connect").code == GOOD
    pump("suspend")
    waited = pump("wait", "40m")
    assert "ALARM SUSPENDED: Delivery has been suspended for longer" in waited.err
    assert [each["name"] for each in pump("alarms", "--json").document["alarms"]] == ["SUSPENDED"]


def test_settings_are_listed_and_reminders_told(pump: Pump) -> None:
    assert pump("settings").code == GOOD
    assert pump("settings", "glucose_unit", "mmol/L", "--yes").code == GOOD
    assert pump("settings", "reminders", "high=200", "missed_bolus=05:00-06:10", "--yes").code == 0
    kept = pump("settings", "--json").document
    assert kept["glucose_unit"] == "mmol/L"
    assert kept["reminders"]["high"] == 200
    assert kept["reminders"]["missed_bolus"] == [["05:00", "06:10"]]
    assert "missed" in pump("wait", "30m").err.lower() + pump("history").out.lower()


def test_the_catalogue_needs_no_pump(pump: Pump, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere/at/all")
    assert len(pump("sets", "--json").document) > 3


# ---- bad input


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["bolus", "two", "--yes"], "AMOUNT: 'two'; allowed: a decimal number such as 2.5"),
        (["bolus", "-1", "--yes"], "AMOUNT: -1; allowed: 0 or more"),
        (["bolus", "NaN", "--yes"], "AMOUNT: 'NaN'; allowed: a decimal number"),
        (["bolus", "1e30", "--yes"], "more than any pump holds"),
        (["bolus", "0.0000001", "--yes"], "not a whole number of micro-units"),
        (["extended", "2", "soon", "--yes"], 'TIME: value "soon" is no time'),
        (["extended", "x", "2h", "--yes"], "AMOUNT: 'x'"),
        (["dual", "1", "2", "1", "--yes"], 'TIME: value "1" is no time'),
        (["temp", "lots", "1h", "--yes"], "RATE: 'lots'"),
        (["temp", "2000%", "1h", "--yes"], "percent: 2000; allowed: 0 to 1000"),
        (["temp", "1", "-1h", "--yes"], "TIME"),
        (["wait", "long"], 'TIME: value "long" is no time'),
        (["run", "--speed", "0"], "--speed: 0; allowed: 1 to 86400"),
        (["time", "--timezone", "Nowhere", "--yes"], "timezone: 'Nowhere'"),
        (["glucose", "high"], "glucose: 'high'; allowed: a figure in mg/dL"),
        (["glucose", "5000"], "allowed: 20 mg/dL to 1000 mg/dL"),
        (["glucose", "100", "--unit", "g"], "glucose unit: 'g'; allowed: mg/dL or mmol/L"),
        (["calculator", "-5"], "GRAMS: -5; allowed: 0 or more"),
        (["load", "full", "--yes"], "AMOUNT: 'full'"),
        (["prime", "", "--yes"], "AMOUNT: ''"),
        (["fill", "x", "--yes"], "AMOUNT: 'x'"),
        (["insert", "moon left 1"], "site: 'moon left 1'; allowed: one of abdomen"),
        (["insert", "0"], "SITE: 0; allowed: 1 to"),
        (["change-set", "--all", "--yes"], "--amount: missing"),
        (["basal", "activate", "nobody", "--yes"], "no programme 'nobody'"),
        (["basal", "set", "day", "--yes"], "allowed: 1 to 48 segments"),
        (["basal", "set", "day", "00:00=9", "--yes"], "allowed: 0 to 3"),
        (["basal", "set"], "basal set: NAME is missing"),
        (["settings", "colour", "red", "--yes"], "settings: 'colour'; allowed: timezone, ratios"),
        (["settings", "target", "5", "--yes"], "target: 5"),
        (["settings", "ratios", "08:00=10", "--yes"], "ratios: allowed: from 00:00 on"),
        (["settings", "set", "none", "--yes"], "set: 'none'; allowed:"),
        (["settings", "reminders", "high=much", "--yes"], "reminders: 'high=much'"),
        (["settings", "clinic", "x" * 300, "--yes"], "clinic: 300 characters"),
        (["adopt", "no-such-limits", "--yes"], "no-such-limits"),
        (["history", "--last", "yesterday"], '--last: value "yesterday" is no time'),
        (["history", "--from", "spring"], "--from: 'spring'; allowed: a time such as"),
        (["history", "--from", "2026-03-01", "--last", "1h"], "allowed: one of them"),
        (["status", "--off-for", "ages"], '--off-for: value "ages" is no time'),
        (["new", "--limits", "insulin-u100"], "exists already"),
        (["new", "--limits", "insulin-u100", "--starts", "2026-01-01"], "--simulated"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_bad_input_says_what_and_where_and_changes_nothing(
    pump: Pump, words: list[str], told: str, journal: Path, ready_journal: Path
) -> None:
    answer = pump(*words)
    assert answer.code == BAD_INPUT
    assert told in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""
    assert asked(journal) == asked(ready_journal)


@pytest.mark.parametrize("words", [["fly"], ["bolus"], ["export"], ["wait", "1h", "2h"]])
def test_a_wrong_use_shows_how(pump: Pump, words: list[str]) -> None:
    answer = pump(*words)
    assert answer.code == BAD_INPUT
    assert "usage: dosekernel pump" in answer.err


def test_every_verb_has_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    for verb, (_, purpose) in commands.VERBS.items():
        assert main(["pump", verb, "--help"]) == GOOD
        told = " ".join(capsys.readouterr().out.split())
        assert purpose[1:].split(":")[0] in told
        assert "--journal FILE" in told
        assert "--json" in told
    assert main(["pump", "--help"]) == GOOD
    assert "Not a medical device" in capsys.readouterr().out


def test_a_missing_journal_says_how_one_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pump", "status", "--journal", str(tmp_path / "none")]) == BAD_INPUT
    assert "dosekernel pump new makes one" in capsys.readouterr().err


# ---- real processes


def dosekernel(journal: Path, *words: str) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "dosekernel", "pump", *words],
        env={**os.environ, VARIABLE: str(journal)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def test_a_pump_runs_headless_and_ends_cleanly(journal: Path) -> None:
    seq = entries(journal)
    running = dosekernel(journal, "run", "--speed", "600")
    wal = journal.with_name(journal.name + "-wal")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (wal.exists() and wal.stat().st_size > 20_000):
        time.sleep(0.05)
    busy = dosekernel(journal, "status")
    _, told = busy.communicate(timeout=30)
    assert busy.returncode == BAD_INPUT
    assert "another program has this journal open" in told
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=30)
    assert running.returncode == GOOD, err
    assert "The pump ended" in out
    assert entries(journal) > seq
    assert main(["pump", "verify", str(journal)]) == GOOD


def test_a_missing_package_is_named_with_how_it_is_installed(journal: Path) -> None:
    script = "import sys; sys.modules['apsw'] = None; from dosekernel.command import main; "
    done = subprocess.run(
        [sys.executable, "-c", script + "sys.exit(main(['pump', 'status']))"],
        env={**os.environ, VARIABLE: str(journal)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == TOOL_MISSING
    assert 'pip install "dosekernel[pump]"' in done.stderr
    assert done.stdout == ""


def test_a_pipe_that_closes_is_no_error_of_the_pump(journal: Path) -> None:
    export = dosekernel(journal, "export", "--format", "json")
    assert export.stdout is not None
    export.stdout.close()
    export.stdout = None
    _, err = export.communicate(timeout=30)
    assert "Traceback" not in err
    assert "internal error" not in err
