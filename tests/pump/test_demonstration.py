"""The demonstration is true: the same keys give the same screens, and the same drug."""

import os
from pathlib import Path

import pytest

from dosekernel.pump.accounts import verify
from dosekernel.pump.journal import Journal
from dosekernel.pump.motor import SimulatedMotor
from dosekernel.pump.screens import app as program
from dosekernel.spec.reasons import Path as Way
from tests.pump.demonstration import KEPT, live
from tests.pump.hands import UPDATE


def test_the_demonstrated_morning_is_the_kept_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(program.DEBUG, "1")
    path = tmp_path / "pump.journal"
    pump, written = live(path)
    if os.environ.get(UPDATE):
        KEPT.write_text(written, encoding="utf-8")
    assert written == KEPT.read_text(encoding="utf-8")

    # What moved the plunger is what the kernel confirmed, and the journal replays to it.
    assert isinstance(pump.motor, SimulatedMotor)
    assert pump.motor.moved[Way.AIR] == 11_000_000
    assert pump.motor.moved[Way.PATIENT] <= pump.state.committed
    journal = Journal.open(path)
    try:
        assert verify(journal, lambda done, of: None).entries == journal.seq
    finally:
        journal.close()
