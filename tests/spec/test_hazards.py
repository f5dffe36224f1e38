"""No hazard is unanswered, and every test that an answer names exists."""

import ast
from pathlib import Path

import pytest

from dosekernel.spec import hazards
from dosekernel.spec.hazards import Hazard
from dosekernel.spec.obligations import OBLIGATIONS

ROWS = hazards.load()
KINDS = {
    "kernel": {"theorem", "test", "shell"},
    "shell": {"shell", "test"},
    "out of scope": {"out of scope"},
}
TESTS = Path(__file__).resolve().parents[1]


def names_of_tests() -> set[str]:
    found: set[str] = set()
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(node.name)
    return found


NAMES = names_of_tests()


def test_the_rows_are_complete() -> None:
    assert [row.id for row in ROWS] == [f"H{number:02d}" for number in range(1, 71)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_is_answered(row: Hazard) -> None:
    answers = hazards.answers(row)
    assert answers
    for answer in answers:
        assert answer.kind in KINDS[row.owner], f"{row.id}: {answer}"
        assert answer.text
    assert row.hazard
    assert row.source
    assert row.owes


@pytest.mark.parametrize("row", [r for r in ROWS if r.owner == "kernel"], ids=lambda row: row.id)
def test_every_kernel_row_has_a_test_that_names_it(row: Hazard) -> None:
    named = [answer.text for answer in hazards.answers(row) if answer.kind == "test"]
    assert f"test_{row.id.lower()}" in named, f"{row.id} names no test of its own"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_test_and_theorem_that_a_row_names_is_there(row: Hazard) -> None:
    for answer in hazards.answers(row):
        if answer.kind == "test":
            assert any(f"{name}_".startswith(f"{answer.text}_") for name in NAMES), answer
        if answer.kind == "theorem":
            assert answer.text in OBLIGATIONS, answer


@pytest.mark.parametrize("row", [r for r in ROWS if r.owner == "shell"], ids=lambda row: row.id)
def test_what_the_shell_does_is_tested(row: Hazard) -> None:
    assert {answer.kind for answer in hazards.answers(row)} == {"shell", "test"}
