"""The contracts as ACSL: comments only, one contract for each function, the clauses as written."""

import re
from pathlib import Path

import pytest

import dosekernel
import dosekernel.kernel
from dosekernel.command import export_c
from dosekernel.compile import CompileError, symbols
from dosekernel.compile.acsl import annotate, without_comments
from dosekernel.spec.language import parse_kernel
from dosekernel.spec.tree import Program

KERNEL = Path(dosekernel.kernel.__file__ or "").parent


@pytest.fixture(scope="module")
def program() -> Program:
    return parse_kernel(KERNEL)


@pytest.fixture(scope="module")
def shipped() -> str:
    return (Path(dosekernel.get_include()) / "dosekernel.c").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def annotated(shipped: str, program: Program) -> str:
    return annotate(shipped, program)


def contract(annotated: str, function: str) -> str:
    """The last comment in front of the definition of one function."""
    head = re.search(rf"^\S.* \**{function}\(.*\)$", annotated, re.MULTILINE)
    assert head, function
    before = annotated[: head.start()]
    return before[before.rindex("/*@") :]


def test_only_comments_are_added(annotated: str, shipped: str) -> None:
    assert annotated != shipped
    assert without_comments(annotated) == without_comments(shipped)
    assert len(without_comments(shipped)) > 2000


def test_every_function_has_a_contract_with_each_clause(annotated: str, program: Program) -> None:
    for name, symbol in symbols(program).items():
        said = contract(annotated, symbol)
        function = program.functions[name]
        assert said.count("@ assigns ") == 1, name
        assert said.count("requires ") >= len(function.requires), name
        assert said.count("@ ensures ") >= len(function.ensures), name


def test_clauses_are_the_kernels_own(annotated: str) -> None:
    flow = contract(annotated, "dosekernel_flow")
    assert "requires (0 <= rate && rate <= 17179869184);" in flow
    assert "ensures \\result == (rate * duration);" in flow
    assert "assigns \\nothing;" in flow
    book = contract(annotated, "dosekernel_book")
    assert "requires window_valid{Here}(window);" in book
    assert "ensures booked{Old, Here}(window, window, amount);" in book
    assert "assigns *window;" in book
    accrue = contract(annotated, "dosekernel_accrue")
    assert "assigns state->temporary_rate, state->temporary_until, state->carry;" in accrue
    assert "ensures \\result != 0 <==> state_valid{Here}(state);" in contract(
        annotated, "dosekernel_state_valid"
    )


def test_ranges_stay_conjunctions(annotated: str) -> None:
    """A guard `if x < low or x > high: return False` is a range, which an analyser can use."""
    definition = annotated[annotated.index("predicate window_valid{") :]
    assert definition.index("(\\at(window->slots[0], L0) >= 0 && ") < definition.index("*/")


def test_every_loop_says_its_bound(annotated: str) -> None:
    lines = annotated.split("\n")
    loops = [number for number, line in enumerate(lines) if line.lstrip().startswith("for (")]
    assert len(loops) > 10
    for number in loops:
        bound = re.search(r"< (0x[0-9A-F]+|\d+);", lines[number])
        assert bound and f"loop unroll {int(bound[1], 0)};" in lines[number - 1]


def test_another_c_file_is_refused(shipped: str, program: Program) -> None:
    other = shipped.replace("dosekernel_smaller(int64_t a, int64_t b)\n{", "dosekernel_smaller(\n{")
    with pytest.raises(CompileError, match="dosekernel_smaller"):
        annotate(other, program)


def test_export_with_the_contracts(annotated: str, tmp_path: Path) -> None:
    assert export_c.main(["--acsl", "--json", str(tmp_path)]) == 0
    assert (tmp_path / "dosekernel_annotated.c").read_text(encoding="utf-8") == annotated
    assert "dosekernel_annotated.c" in (tmp_path / "README.md").read_text(encoding="utf-8")
