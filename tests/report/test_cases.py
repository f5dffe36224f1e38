"""A row is answered only by what the records show of this very kernel."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dosekernel.report.cases import By, Row, rows
from dosekernel.report.records import read_proof, read_tests
from dosekernel.spec import hazards
from dosekernel.spec.hazards import Hazard
from tests.report import records
from tests.report.records import Spoil

SOURCE = records.about().source
DIVIDED = {"z3": {"verdict": "proved"}, "cvc5": {"verdict": "unknown"}}


def hazard(*answered_by: str, owner: str = "kernel") -> Hazard:
    return Hazard.model_validate(
        {
            "id": "H99", "group": "Some", "hazard": "something", "source": "somewhere",
            "owes": "a rule", "owner": owner, "answered_by": list(answered_by),
        }
    )  # fmt: skip


def judged(folder: Path, row: Hazard, spoil: Spoil | None = None) -> Row:
    proof = read_proof(records.written(folder, spoil), records.about())
    tests = read_tests([records.junit(folder / "tests.xml")])
    return rows([row], proof, tests, SOURCE)[0]


def of(name: str, key: str, value: object) -> Spoil:
    def spoil(content: dict[str, object]) -> None:
        theorems = content["theorems"]
        assert isinstance(theorems, list)
        next(each for each in theorems if each["name"] == name)[key] = value

    return spoil


def test_all_rows_are_answered_when_all_is_well(tmp_path: Path) -> None:
    proof = read_proof(records.written(tmp_path), records.about())
    tests = read_tests([records.junit(tmp_path / "tests.xml")])
    found = rows(hazards.load(), proof, tests, SOURCE)
    assert [row.problems for row in found if row.problems] == []
    assert proof.problems == ()
    assert sum(row.by is By.THEOREM for row in found) > 50


def test_what_answers_a_row(tmp_path: Path) -> None:
    assert judged(tmp_path, hazard("theorem: blocked", "test: test_h01")).by is By.THEOREM
    assert judged(tmp_path, hazard("test: test_h01")).by is By.TEST
    shell = hazard("shell: it asks twice", "test: test_h01", owner="shell")
    assert judged(tmp_path, shell).by is By.SHELL
    outside = hazard("out of scope: it is nobody's", owner="out of scope")
    assert judged(tmp_path, outside).by is By.OUT_OF_SCOPE


def test_nothing_and_words_alone_answer_nothing(tmp_path: Path) -> None:
    assert judged(tmp_path, hazard()).problems == ["nothing answers it"]
    alone = judged(tmp_path, hazard("shell: it asks twice", owner="shell"))
    assert alone.by is By.NOTHING
    assert judged(tmp_path, hazard("out of scope:  ", owner="out of scope")).by is By.NOTHING
    assert judged(tmp_path, hazard("hope: it goes well")).by is By.NOTHING


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (of("blocked", "verdict", "refuted"), "refuted"),
        (of("blocked", "verdict", "timeout"), "timeout"),
        (of("blocked", "solvers", {"z3": {"verdict": "proved"}}), "cvc5: not run"),
        (of("blocked", "solvers", DIVIDED), "cvc5: unknown"),
        (of("blocked", "name", "other"), "not in the record"),
        (lambda content: content.update(kernel_source="0" * 64), "another kernel"),
        (lambda content: content.update(spec_source="0" * 64), "another kernel"),
    ],
)
def test_a_theorem_counts_only_as_proved_by_both_of_this_kernel(
    spoil: Spoil, said: str, tmp_path: Path
) -> None:
    row = judged(tmp_path, hazard("theorem: blocked", "test: test_h01"), spoil)
    assert row.by is By.NOTHING
    assert said in row.problems[0]


def failed(case: ElementTree.Element) -> None:
    ElementTree.SubElement(case, "failure")


def skipped(case: ElementTree.Element) -> None:
    ElementTree.SubElement(case, "skipped")


def elsewhere(case: ElementTree.Element) -> None:
    for told in case.iter("property"):
        told.set("value", "0" * 64)


def unsaid(case: ElementTree.Element) -> None:
    case.clear()
    case.attrib.update(name="test_h01_and_more", classname="tests.some")


def renamed(case: ElementTree.Element) -> None:
    case.set("name", "test_h011_is_another")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (failed, "did not pass"),
        (skipped, "skipped"),
        (elsewhere, "another kernel"),
        (unsaid, "no kernel that it names"),
        (renamed, "no such test ran"),
    ],
)
def test_a_test_counts_only_if_it_passed_on_this_kernel(
    spoil: Callable[[ElementTree.Element], None], said: str, tmp_path: Path
) -> None:
    proof = read_proof(records.written(tmp_path), records.about())
    tests = read_tests([records.junit(tmp_path / "tests.xml", spoil)])
    row = rows([hazard("theorem: blocked", "test: test_h01")], proof, tests, SOURCE)[0]
    assert row.by is By.NOTHING
    assert said in row.problems[0]
