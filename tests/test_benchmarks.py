"""The benchmarks run, compare like with like, and their tables come out; no time is judged."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from dosekernel import Kind
from tests.benchmarks import (
    figures,
    front_page,
    native,
    oref0,
    picture,
    proving,
    run,
    sizes,
    timing,
)
from tests.benchmarks.stream import make_stream
from tests.conftest import SOURCE

TIMED = ("c_stream", "c_ticks", "python", "python_slow", "contracts")
TABLES = (*TIMED, "machine", "proof", "memory", "size", "aims")
PAGE = f"before\n{front_page.BEGIN}\nold\n{front_page.END}\nafter\n"
SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Ran:
    """What one quick run printed and wrote."""

    printed: str
    figures: dict[str, Any]
    picture: str
    page: str


def record(folder: Path, **changed: object) -> Path:
    """A record of two theorems of this kernel, as `dosekernel prove --report` writes it."""
    took = {"z3": 1.5, "cvc5": 3}
    said = {name: {"verdict": "proved", "seconds": seconds} for name, seconds in took.items()}
    theorem = {"family": "room", "obligations": 7, "solvers": said}
    path = folder / "proof.json"
    told: dict[str, object] = {
        "format": proving.FORMAT,
        "verdict": "proved",
        "headline": "PROVED",
        "kernel_source": SOURCE,
        "started": "2026-01-01T00:00:00+00:00",
        "wall_seconds": 4.5,
        "peak_memory_bytes": 2**28,
        "jobs": 2,
        "obligations": 14,
        "units_from_cache": 0,
        "theorems": [theorem | {"name": "room"}, theorem | {"name": "room/day"}],
    }
    path.write_text(json.dumps(told | changed), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("benchmarks")
    figures, drawn, page = folder / "figures.json", folder / "figures.svg", folder / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    command: list[str | Path] = [sys.executable, root / "tests/benchmarks/run.py", "--quick"]
    command += ["--json", figures, "--svg", drawn, "--write", page, "--proof", record(folder)]
    variables = {name: value for name, value in os.environ.items() if name != "OREF0"}
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (folder / front_page.PICTURE).read_bytes() == drawn.read_bytes()
    told = json.loads(figures.read_text(encoding="utf-8"))
    return Ran(done.stdout, told, drawn.read_text("utf-8"), page.read_text("utf-8"))


def test_every_table_comes_out(ran: Ran) -> None:
    assert set(ran.figures) in ({*TABLES, "oref0"}, {*TABLES, "left_out"})
    assert ran.printed.count("### ") == len(ran.figures)
    for key in TIMED:
        for row in ran.figures[key]:
            assert row["name"] in ran.printed
            assert 0 < row["best"] <= row["median"] <= row["worst"]
            assert 0 < row["ratio_least"] <= row["ratio"] <= row["ratio_greatest"]


def test_the_machine_is_named(ran: Ran) -> None:
    machine = ran.figures["machine"]
    assert all(machine.values())
    assert {"processor", "C compiler", "C flags"} <= machine.keys()


def test_contracts_cost_and_memory_is_told(ran: Ran) -> None:
    off, on = ran.figures["contracts"]
    assert off["best"] < on["best"]
    state, code, bare, stepping, *others, prover = ran.figures["memory"].values()
    assert state < code < bare < stepping and bare < min(others)
    assert prover == 2**28


def test_the_picture_draws_what_was_measured(ran: Ran) -> None:
    written = [element.text for element in ElementTree.fromstring(ran.picture).iter(f"{SVG}text")]
    rows = [*ran.figures["c_stream"], *ran.figures["python"], *ran.figures["python_slow"][1:]]
    for row in rows:
        assert {row["name"], figures.duration(row["median"])} <= set(written)
    assert {*ran.figures["memory"], "room", "z3", "cvc5"} <= set(written)
    for colour in picture.DARK:
        assert f'[style*="fill: {colour}"]' in ran.picture
    names = r'="http[^"]*"|<!DOCTYPE[^>]*>|<metadata>.*</metadata>'
    assert "http" not in re.sub(names, "", ran.picture, flags=re.DOTALL)


def test_the_page_holds_the_figures_of_the_run(ran: Ran) -> None:
    before, after = front_page.parts(ran.page)
    assert (before, after) == ("before\n", "\nafter\n")
    shown = {
        "c_stream": front_page.FROM_C,
        "python": front_page.FROM_PYTHON,
        "python_slow": front_page.SLOW,
        "contracts": front_page.CONTRACTS,
    }
    for key, names in shown.items():
        measured = {row["name"]: row for row in ran.figures[key]}
        assert names.keys() <= measured.keys()
        for name, words in names.items():
            median = figures.duration(measured[name]["median"])
            ratio = figures.times(measured[name]["ratio"])
            assert f"| {words} | {median} | {ratio} |\n" in ran.page
    said = "z3 3 s, cvc5 6 s; longest (both solvers together): room 9 s."
    assert said in " ".join(ran.page.split())
    assert f"![Time of a step, memory, and the proof by theorem]({front_page.PICTURE})" in ran.page


def test_the_readme_has_one_place_for_them(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    assert text.count(front_page.BEGIN) == text.count(front_page.END) == 1
    block = text.partition(front_page.BEGIN)[2].partition(front_page.END)[0]
    for names in (front_page.FROM_C, front_page.FROM_PYTHON, front_page.SLOW, front_page.CONTRACTS):
        for words in names.values():
            assert re.search(
                rf"^\| {re.escape(words)} \| [\d.]+ [nµm]s \| [\d.,]+ \|$", block, re.M
            )
    assert (root / front_page.PICTURE).is_file()
    assert f"]({front_page.PICTURE})" in block
    front_page.check(root / "README.md")


def test_a_page_without_the_markers_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(front_page.BEGIN, encoding="utf-8")
    with pytest.raises(SystemExit, match="the page needs the two lines"):
        front_page.check(page)
    with pytest.raises(SystemExit, match="No such file"):
        front_page.check(tmp_path / "none.md")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kernel_source": "another"}, f"kernel_source is another; allowed: {SOURCE}"),
        ({"verdict": "refuted"}, "verdict is refuted; allowed: proved"),
        ({"units_from_cache": 3}, "units_from_cache is 3; allowed: 0"),
        ({"format": "other"}, "format is other; allowed: dosekernel-proof/1"),
    ],
)
def test_only_a_fresh_proof_of_this_kernel_has_times(
    changed: dict[str, object], said: str, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit, match=re.escape(said)):
        proving.given(record(tmp_path, **changed))


def test_a_proof_that_failed_has_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = tmp_path / "python"
    failing.write_text("#!/bin/sh\necho REFUTED room\nexit 1\n", encoding="utf-8")
    failing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(failing))
    with pytest.raises(SystemExit, match=r"exit code 1(.|\n)*REFUTED room"):
        proving.made(tmp_path)


def test_sizes_are_ordered(ran: Ran) -> None:
    size = ran.figures["size"]
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


def test_oref0_is_found_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "OREF0_PLACES", ("node_modules/oref0",))
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/node")
    monkeypatch.delenv("OREF0", raising=False)
    package, missing = run.find_oref0(None)
    assert package is None and "npm install" in missing
    library = tmp_path / "node_modules" / "oref0" / "lib"
    library.mkdir(parents=True)
    (library / "basal-set-temp.js").touch()
    assert run.find_oref0(None) == (Path("node_modules/oref0"), "")
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert run.find_oref0(None)[0] is None


def test_bytes_are_told_as_people_read_them() -> None:
    told = [figures.told(count) for count in (3120, 2**15, 18_432, 200 * 2**20, 3 * 2**29)]
    assert told == ["3,120 bytes", "32 KB", "18 KB", "200 MB", "1.5 GB"]


def test_lines_of_code_leave_out_comments_docstrings_and_contracts(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        '"""Said."""\n\n# why\n@require(lambda a: a > 0)\ndef f(a: int) -> int:\n'
        '    """Said, too."""\n    return a  # so\n',
        encoding="utf-8",
    )
    assert sizes.python_lines(tmp_path) == (7, 3, 2)
    assert sizes.c_lines("/* a\n b */\nint a;\n\n}\n") == 1


def test_ratios_are_taken_turn_by_turn() -> None:
    found = timing.row("slower", [2.0, 30.0, 4.0], [1.0, 10.0, 4.0])
    assert np.allclose([found.ratio, found.ratio_least, found.ratio_greatest], [2, 1, 3])
