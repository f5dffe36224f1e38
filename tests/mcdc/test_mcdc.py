"""Every condition of the C file matters in some test, or is proved to be out of reach."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import dosekernel
from tests.vectors.vector_file import read

from . import cases, infeasible
from .decisions import plain_decisions, plain_line
from .measure import CLANG, Decision, can_matter, measure
from .run import judge, table

ENTRIES = infeasible.load()


def test_the_measured_text_is_the_same_program(tmp_path: Path) -> None:
    include = Path(dosekernel.get_include())
    compiler = CLANG if shutil.which(CLANG) else "cc"
    text = (include / "dosekernel.c").read_text(encoding="utf-8")
    code = []
    for name, written in (("shipped", text), ("measured", plain_decisions(text))):
        source = tmp_path / "dosekernel.c"
        source.write_text(written, encoding="utf-8")
        part = tmp_path / f"{name}.o"
        words = [compiler, "-O1", f"-I{include}", "-c", str(source), "-o", str(part)]
        subprocess.run(words, check=True)
        code.append(part.read_bytes())
    assert "DOSEKERNEL_AND(" in text
    assert code[0] == code[1]


def test_decisions_in_decisions_become_one() -> None:
    line = "  T1 = (DOSEKERNEL_OR((a != 0), (!(DOSEKERNEL_AND((b > 1), c(d, 0)) != 0))) != 0);"
    assert plain_line(line) == "  T1 = ((a != 0) || ((!(b > 1) || !(c(d, 0)))));"
    assert plain_line("  return DOSEKERNEL_AND(a(b), c);") == "  return (a(b) && c);"


def test_every_history_for_coverage_is_kept_by_the_kernel() -> None:
    vectors = cases.make()
    assert len(vectors.histories) >= len(cases.CASES)
    assert vectors.steps > 1000


@pytest.mark.parametrize(
    ("never", "matters"),
    [(set(), (True, True)), ({"b false"}, (False, False)), ({"a true"}, (False, True))],
)
def test_what_never_comes_decides_what_can_matter(
    never: set[str], matters: tuple[bool, bool]
) -> None:
    decision = Decision("f", "a || b", ("a", "b"), (False, False))
    sides = {("f", each) for each in never}
    assert tuple(can_matter(decision, number, sides) for number in (0, 1)) == matters


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.function)
def test_what_is_listed_as_out_of_reach_is_proved(
    entry: infeasible.Infeasible, tmp_path: Path
) -> None:
    assert infeasible.shown(infeasible.prove(entry, tmp_path))


def test_what_can_be_reached_is_not_proved(tmp_path: Path) -> None:
    entry = next(each for each in ENTRIES if each.function == "id_follows")
    call = replace(entry.calls[0], never="event.id == ID_MAX")
    assert not infeasible.shown(infeasible.prove(replace(entry, calls=(call,)), tmp_path))


def test_a_caller_may_not_be_left_out(tmp_path: Path) -> None:
    entry = next(each for each in ENTRIES if each.function == "low")
    with pytest.raises(ValueError, match="is called in take_reading, too"):
        infeasible.prove(replace(entry, calls=entry.calls[:1]), tmp_path)


@pytest.mark.slow
def test_all_that_can_be_reached_is_reached(tmp_path: Path) -> None:
    measured = measure([read(), cases.make()], tmp_path)
    verdict = judge(measured, ENTRIES)
    assert verdict.good, table(measured, verdict) + "\n".join(verdict.missing + verdict.needless)
    alone = judge(measure([read()], tmp_path / "vectors"), ENTRIES)
    assert not alone.good, "the vector file alone reaches all: tests/mcdc/cases.py is not needed"
