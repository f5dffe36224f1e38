"""The ABI is the one that is kept, and a change that breaks it is seen as one."""

import subprocess
from pathlib import Path

import pytest

import dosekernel
from dosekernel.compile import ENTRIES, layout
from dosekernel.kernel.records import LAYOUT
from dosekernel.spec.language import parse_kernel
from tests.abi.dump import broken, dump, exported, kept, soname
from tests.conftest import ROOT

INCLUDE, LIBRARY = Path(dosekernel.get_include()), Path(dosekernel.get_library_dir())
KEPT = kept().read_text(encoding="utf-8")


def test_the_abi_is_the_one_that_is_kept() -> None:
    now = dump(INCLUDE, LIBRARY)
    assert broken(KEPT, now) == [], "a program that was built before would break: raise LAYOUT"
    assert now == KEPT, "lines were added: python tests/abi/dump.py --write"


def test_only_the_four_functions_are_to_be_seen() -> None:
    four = {*ENTRIES.values(), "dosekernel_version"}
    for name in ("libdosekernel.so", f"libdosekernel.so.{LAYOUT}"):
        symbols = exported(LIBRARY / name)
        assert set(symbols) == four
        assert set(symbols.values()) == {f"DOSEKERNEL_{LAYOUT}"}
        assert soname(LIBRARY / name) == f"libdosekernel.so.{LAYOUT}"


def test_the_static_library_needs_nothing_and_shows_the_four_functions() -> None:
    told = subprocess.run(
        ["nm", "--extern-only", str(LIBRARY / "libdosekernel.a")],
        capture_output=True,
        text=True,
        check=True,
    )
    words = [line.split() for line in told.stdout.splitlines() if line and ":" not in line]
    assert {word[-1] for word in words} == {*ENTRIES.values(), "dosekernel_version"}
    assert {word[-2] for word in words} == {"T"}


def test_what_python_says_of_the_layout_is_what_the_compiler_says() -> None:
    program = parse_kernel(ROOT / "kernel")
    lines = set(KEPT.splitlines())
    for field, word in layout(program)["Outcome"]:
        assert f"field dosekernel_outcome.{field} at {8 * word}" in lines
    for name, constant in program.constants.items():
        assert f"constant DOSEKERNEL_{name} {constant.value}" in lines


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("field dosekernel_event.at at 16", "field dosekernel_event.at at 24"),
        ("constant DOSEKERNEL_BOLUS 5", "constant DOSEKERNEL_BOLUS 6"),
        ("constant DOSEKERNEL_BOLUS 5\n", ""),
        ("int64_t dosekernel_step(", "int32_t dosekernel_step("),
        ("struct dosekernel_outcome bytes 128", "struct dosekernel_outcome bytes 136"),
        (f"library libdosekernel.so.{LAYOUT}", "library libdosekernel.so"),
    ],
)
def test_what_changes_or_goes_is_a_break(before: str, after: str) -> None:
    assert before in KEPT
    assert broken(KEPT, KEPT.replace(before, after)) != []


def test_what_is_added_is_none() -> None:
    assert broken(KEPT, KEPT + "constant DOSEKERNEL_REASON_NEW 53\n") == []


def test_a_library_that_shows_more_than_its_header_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "more.c"
    source.write_text("int dosekernel_more(void) { return 1; }\n")
    words = ["cc", "-shared", "-fPIC", str(source), "-o", str(tmp_path / "libdosekernel.so")]
    subprocess.run(words, check=True)
    with pytest.raises(SystemExit, match="dosekernel_more"):
        dump(INCLUDE, tmp_path)
