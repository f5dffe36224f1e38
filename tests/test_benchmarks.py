"""The benchmarks run, compare like with like, and their tables come out; no time is judged."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dosekernel import Kind
from tests.benchmarks import native, oref0, run, sizes
from tests.benchmarks.stream import make_stream

TIMED = ("c_stream", "c_ticks", "python", "python_slow")


@pytest.fixture(scope="module")
def ran(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    figures = tmp_path_factory.mktemp("benchmarks") / "figures.json"
    command = [sys.executable, "tests/benchmarks/run.py", "--quick", "--json", str(figures)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(figures.read_text(encoding="utf-8"))


def test_every_table_comes_out(ran: tuple[str, dict[str, Any]]) -> None:
    printed, figures = ran
    assert printed.count("### ") == len(figures) == 7
    for key in TIMED:
        for row in figures[key]:
            assert row["name"] in printed
            assert 0 < row["best"] <= row["median"] <= row["worst"]
            assert 0 < row["ratio_least"] <= row["ratio"] <= row["ratio_greatest"]


def test_the_machine_is_named(ran: tuple[str, dict[str, Any]]) -> None:
    assert all(ran[1]["machine"].values())
    assert {"processor", "C compiler", "C flags"} <= ran[1]["machine"].keys()


def test_sizes_are_ordered(ran: tuple[str, dict[str, Any]]) -> None:
    size = ran[1]["size"]
    assert 0 < size["state, both copies (bytes)"] < 4096
    bare, code = (size[f"kernel/*.py (code {how} contracts)"] for how in ("without", "with"))
    assert 0 < bare < code < size["kernel/*.py (all lines)"]


def test_the_stream_holds_what_a_pump_sees() -> None:
    stream = make_stream(hours=4)
    statuses = {outcome.status.name for outcome in stream.outcomes}
    kinds = {event.kind for event in stream.events}
    assert statuses == {"ACCEPTED", "REFUSED", "REPEATED"}
    assert {Kind.TICK, Kind.CONFIRM, Kind.BOLUS, Kind.TEMP_BASAL, Kind.GLUCOSE} <= kinds


def test_a_gate_that_decides_otherwise_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (native.HERE / "hand_written_gate.c").read_text(encoding="utf-8")
    wrong = tmp_path / "hand_written_gate.c"
    wrong.write_text(source.replace("e->amount > cap", "e->amount > 9 * cap"), encoding="utf-8")
    monkeypatch.setattr(native, "HAND_WRITTEN", wrong)
    monkeypatch.setenv("CPATH", str(native.HERE))
    machines = native.build(tmp_path)
    with pytest.raises(SystemExit, match="hand-written gate, two copies: event"):
        run.agree(machines, native.words_of(make_stream(hours=2)))


def test_oref0_is_timed_by_the_process_that_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = tmp_path / "node"
    node.write_text('#!/bin/sh\nwhile read -r name count; do echo "$count"; done\n')
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(SystemExit, match="no oref0 there; allowed: node_modules/oref0"):
        oref0.Oref0(tmp_path, 1)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "basal-set-temp.js").touch()
    timed = oref0.Oref0(tmp_path, 0.5)
    assert timed.seconds(oref0.DECISION) == pytest.approx(1_000e-9)
    timed.close()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="missing: node"):
        oref0.Oref0(tmp_path, 1)


def test_lines_of_code_leave_out_comments_docstrings_and_contracts(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        '"""Said."""\n\n# why\n@require(lambda a: a > 0)\ndef f(a: int) -> int:\n'
        '    """Said, too."""\n    return a  # so\n',
        encoding="utf-8",
    )
    assert sizes.python_lines(tmp_path) == (7, 3, 2)
    assert sizes.c_lines("/* a\n b */\nint a;\n\n}\n") == 1


def test_ratios_are_taken_turn_by_turn() -> None:
    found = run.row("slower", [2.0, 30.0, 4.0], [1.0, 10.0, 4.0])
    assert np.allclose([found.ratio, found.ratio_least, found.ratio_greatest], [2, 1, 3])
