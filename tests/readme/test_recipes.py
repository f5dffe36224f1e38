"""A target of make that takes minutes is run with little work, by the very lines of its recipe."""

from pathlib import Path

from dosekernel.proofs.summary import BEGIN, END
from tests.readme import console, page, recipes
from tests.readme.page import Typed

# Little to prove: one family instead of all.
PROVE, LITTLE = "dosekernel prove ", "dosekernel prove --property requests "


def test_a_table_is_written(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(page.text(), encoding="utf-8")
    lines = recipes.lines_of("readme-table", tmp_path / "out")
    assert sum(PROVE in line for line in lines) == 1
    for line in lines:
        code, said = console.said_by(Typed(line.replace(PROVE, LITTLE), ""), tmp_path, {})
        assert code == 0, said
    table = readme.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert "| requests | 11 | 25 | proved " in table
    assert "PROVED: 11 of 11 theorems" in table
