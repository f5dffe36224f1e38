"""One report that all tests of the page look at: every part is in it, and all is well."""

import json
from pathlib import Path

import pytest

from dosekernel import Limits
from dosekernel.command import main
from dosekernel.replay.account import write_journal
from dosekernel.replay.driver import SimulatedPump
from dosekernel.spec.reasons import Kind
from tests.report import records

QUERY = "; {}: unsatisfiable if it holds\n(set-logic QF_LIA)\n(check-sat)\n"
HOUR = 3_600_000
UNIT = 1_000_000


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a simulated pump did in five hours, as simulate and replay write it."""
    folder = tmp_path_factory.mktemp("lived")
    pump = SimulatedPump(Limits.load("insulin-u100"))
    pump.change(reservoir=200 * UNIT, site=1)
    pump.set_programme(UNIT)
    pump.run_to(HOUR)
    pump.ask(Kind.GLUCOSE, glucose=140)
    pump.ask(Kind.BOLUS, amount=4 * UNIT)
    pump.ask(Kind.BOLUS, amount=18 * UNIT)
    pump.run_to(3 * HOUR)
    pump.ask(Kind.SUSPEND)
    pump.run_to(5 * HOUR)
    write_journal(pump, folder)
    told = {"patient": "adult#001", "limits": "insulin-u100"}
    (folder / "summary.json").write_text(json.dumps(told), "utf-8")
    return folder


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory, lived: Path) -> Path:
    """A whole page, made by the command."""
    folder = tmp_path_factory.mktemp("report")
    queries = folder / "smt2"
    queries.mkdir()
    (queries / "blocked-1.smt2").write_text(QUERY.format("blocked [event.kind = 1]"), "utf-8")
    (queries / "step-2.smt2").write_text(QUERY.format("step [case]: bolus-cap, stop"), "utf-8")
    broken = {"theorems": [records.theorem("bolus-cap", "A cap", "kernel/bolus.py:1", "f")]}
    broken["theorems"][0]["findings"] = [records.called(34 * UNIT)]
    (folder / "broken.json").write_text(json.dumps(broken), "utf-8")
    extra = {
        "kernel_source": records.about().source,
        "steps": 12_345_678,
        "findings": [],
        "hazards": {"H07": "a repeated bolus was found in 3 s"},
    }
    (folder / "fuzz.json").write_text(json.dumps(extra), "utf-8")
    page = folder / "report.html"
    code = main(
        [
            "report", "--proof", str(records.written(folder)),
            "--tests", str(records.junit(folder / "tests.xml")),
            "--smt2", str(queries), "--broken", str(folder / "broken.json"),
            "--record", f"Fuzzing={folder / 'fuzz.json'}", "--day", str(lived), "--out", str(page),
        ]
    )  # fmt: skip
    assert code == 0
    return page
