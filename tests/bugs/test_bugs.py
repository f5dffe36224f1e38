"""The published bugs: each is what it says, the prover refutes it, and an engine finds it."""

import sys
from pathlib import Path

import pytest

from dosekernel.proofs.flows import Facts
from dosekernel.proofs.mutants.judge import Fate
from dosekernel.proofs.mutants.reach import Reach
from dosekernel.proofs.mutants.run import subject_of
from dosekernel.proofs.mutants.subject import Subject
from dosekernel.proofs.runner import kernel_home, read_program
from dosekernel.proofs.solvers import Verdict, ask
from dosekernel.proofs.units import RECURSION, Job, Settings, run_job
from dosekernel.proofs.work import TOTALITY
from dosekernel.spec import hazards

from .bugs import load, refuted, without_unused
from .table import PROVER, Row, answer, hunt, keep, record, rows, table

BUGS = {bug.name: bug for bug in load()}
INCIDENTS = (
    "rounding-after-the-cap",
    "skipped-day-window",
    "priming-counted-as-insulin",
    "resume-on-bolus",
    "repeat-delivered-twice",
)
BY_SOLVERS = ("resume-while-faulted",)
FOUND_AT_ONCE = ("repeat-delivered-twice",)
FOUND_SOON = ("skipped-day-window", "rounding-after-the-cap", "clock-set-back", "old-id-accepted")


@pytest.fixture(scope="module")
def subject() -> Subject:
    sys.setrecursionlimit(RECURSION)
    return subject_of(None)


def test_there_are_at_least_fifty_and_the_incidents_are_among_them() -> None:
    assert len(BUGS) == len(load()) >= 50
    assert set(INCIDENTS) <= set(BUGS)
    assert {bug.hazard for bug in load()} <= {row.id for row in hazards.load()}


def test_each_changes_one_place_and_moves_no_line() -> None:
    for bug in load():
        original = (kernel_home() / bug.file).read_text(encoding="utf-8").split("\n")
        changed = bug.text().split("\n")
        further = max(0, bug.new.count("\n") - bug.old.count("\n"))
        assert len(changed) == len(original) + further, bug.name
        assert changed != original
        assert f"def {bug.mutant().function}(" in "\n".join(original)


def test_imports_that_nothing_needs_are_left_out() -> None:
    text = "from .records import (\n    A,\n    B,\n)\nfrom .other import C\n\nD = B\n"
    assert without_unused(text) == "from .records import B\n\n\n\n\n\nD = B\n"


@pytest.mark.parametrize("name", BY_SOLVERS)
def test_a_solver_refutes_them_without_a_recorded_call(name: str, tmp_path: Path) -> None:
    bug = BUGS[name]
    copy = bug.write(tmp_path)
    settings = Settings(Facts(read_program(copy)), (), {}, ("z3",), 20.0, ask, copy)
    (result,) = run_job(settings, Job("function", bug.mutant().function, (TOTALITY,)))
    assert set(result.verdicts.values()) == {Verdict.REFUTED}


@pytest.mark.slow
def test_the_prover_refutes_every_bug(subject: Subject) -> None:
    reach = Reach(subject)
    told = {bug.name: refuted(bug, subject, reach) for bug in load()}
    assert [each for each in told.values() if each.fate is not Fate.REFUTED or not each.by] == []


@pytest.mark.parametrize(
    "name", [*FOUND_AT_ONCE, *(pytest.param(name, marks=pytest.mark.slow) for name in FOUND_SOON)]
)
def test_an_engine_finds_it_and_nothing_is_asked_twice(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hunt(BUGS[name], "hypothesis", 30.0, tmp_path)
    assert "NOT FOUND" not in capsys.readouterr().out
    assert answer(tmp_path, BUGS[name], "hypothesis").exists()
    hunt(BUGS[name], "hypothesis", 30.0, tmp_path)
    assert capsys.readouterr().out == ""


def test_a_bug_that_no_engine_finds_is_missed(tmp_path: Path) -> None:
    found, lost = load()[:2]
    for bug, by in ((found, "cap"), (lost, "")):
        keep(tmp_path, bug, PROVER, {"by": "bolus/cap: cap", "seconds": 1.0})
        keep(tmp_path, bug, "afl", {"by": by, "seconds": 2.0, "steps": 3})
    told = rows([found, lost], ["afl"], tmp_path)
    assert [row.missed for row in told] == [False, True]
    assert Row(found, {PROVER: {"by": ""}, "afl": {"by": "cap"}}).missed
    page = table(told, ["afl"], 20.0)
    assert f"| {found.name} | {found.hazard} | bolus/cap | 2.0 s (cap) |" in page
    assert f"| {lost.name} | {lost.hazard} | bolus/cap | — |" in page
    assert "| afl | 1 | 2.0 s | 2.0 s |" in page
    said = record(told, "a hash")
    assert (said["kernel_source"], said["ok"], said["bugs"]) == ("a hash", False, 2)
    assert said["found by"] == {PROVER: 2, "afl": 1}
    sentences = " ".join(said["hazards"].values())
    assert f"{found.name} (prover 1.0 s, afl 2.0 s)" in sentences
    assert f"{lost.name} (prover 1.0 s, not afl)" in sentences
