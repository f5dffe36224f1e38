"""The page "add a guard with its proof": what it quotes is there, what it claims happens."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dosekernel.proofs.flows import Facts
from dosekernel.proofs.runner import Options, prove_program
from dosekernel.proofs.solvers import Verdict, ask
from dosekernel.proofs.units import TOTALITY, Job, Result, Settings, run_job
from dosekernel.spec.language import parse_kernel, parse_modules
from dosekernel.spec.theorem import Theorem
from dosekernel.spec.theorems import THEOREMS
from dosekernel.spec.theorems.rules import rule
from dosekernel.spec.tree import Program
from tests.conftest import ROOT

GUIDE = ROOT / "docs" / "add-a-guard.md"
BLOCK = re.compile(r"^```python (\S+) (was|is|broken)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 10.0


@dataclass(frozen=True)
class Edit:
    """One text of one file, and the text that takes its place."""

    file: str
    was: str
    becomes: str


def blocks() -> list[tuple[str, str, str]]:
    """Every snippet of the guide: its file, what it is, its text."""
    return BLOCK.findall(GUIDE.read_text(encoding="utf-8"))


def edits() -> Iterator[Edit]:
    """The edits in the order of the guide: each `was` is followed by its `is`."""
    pairs = [each for each in blocks() if each[1] != "broken"]
    for (file, one, was), (other_file, two, becomes) in zip(pairs[::2], pairs[1::2], strict=True):
        assert (one, two, file) == ("was", "is", other_file)
        yield Edit(file, was, becomes)


def broken() -> Edit:
    """The guard as a tired hand would write it, in place of the right one."""
    ((file, _, text),) = [each for each in blocks() if each[1] == "broken"]
    right = "    if event.source == CONTROLLER and state.extended_amount > 0:\n"
    return Edit(file, right, text)


def applied(folder: Path, chosen: list[Edit]) -> Path:
    """A copy of kernel and spec with these edits, each at the one place where its text stands."""
    for name in ("kernel", "spec"):
        if not (folder / name).exists():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for edit in chosen:
        path = folder / edit.file
        text = path.read_text(encoding="utf-8")
        assert text.count(edit.was) == 1, f"{edit.file} holds once:\n{edit.was}"
        path.write_text(text.replace(edit.was, edit.becomes), encoding="utf-8")
    return folder


def program(folder: Path) -> Program:
    """The kernel of a copy, and its statements."""
    statements = sorted((folder / "spec" / "properties").glob("*.py"))
    return parse_modules(
        [path for path in statements if path.name != "__init__.py"],
        parse_kernel(folder / "kernel"),
    )


def theorems() -> list[Theorem]:
    """The theorem that the guide adds, and the one that it has to change."""
    added = next(edit for edit in edits() if edit.file == "spec/theorems/bolus_rules.py")
    text = added.becomes.removesuffix(added.was).strip().removesuffix(",")
    theorem = eval(text, {"rule": rule})
    assert isinstance(theorem, Theorem)
    return [theorem, next(each for each in THEOREMS if each.name == "bolus/ready")]


def verdicts(made: Program) -> dict[str, Verdict]:
    """What one solver makes of the two theorems."""
    chosen = theorems()
    names = tuple(each.name for each in chosen)
    options = Options(names, ("z3",), jobs=1, timeout=SECONDS, cache=False)
    report = prove_program(made, chosen, {}, options)
    assert not report.problems
    return {entry.name: entry.verdict for entry in report.theorems}


def own_contract(made: Program) -> Result:
    """What one solver makes of the contract of the function that was changed."""
    settings = Settings(Facts(made), (), {}, ("z3",), SECONDS, ask)
    (result,) = run_job(settings, Job("function", "bolus_ready", (TOTALITY,)))
    return result


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return applied(tmp_path_factory.mktemp("guide"), list(edits()))


def test_the_guide_touches_every_place_that_a_guard_needs() -> None:
    assert {edit.file for edit in edits()} == {
        "kernel/bolus.py",
        "spec/model/guards.py",
        "spec/obligations.py",
        "spec/properties/bolus_rules.py",
        "spec/theorems/bolus_rules.py",
    }


def test_what_the_guide_writes_is_python(changed: Path) -> None:
    for edit in edits():
        compile((changed / edit.file).read_text(encoding="utf-8"), edit.file, "exec")


def test_the_new_name_stands_in_its_place_of_the_list(changed: Path) -> None:
    text = (changed / "spec" / "obligations.py").read_text(encoding="utf-8")
    listed = re.search(r"OBLIGATIONS[^(]*\((.*?)^\)", text, re.MULTILINE | re.DOTALL)
    assert listed is not None
    names = re.findall(r'"([^"]+)"', listed.group(1))
    assert "bolus/alone" in names
    assert names == sorted(names)


def test_the_guard_of_the_guide_is_proved(changed: Path) -> None:
    made = program(changed)
    assert own_contract(made).verdicts == {"z3": Verdict.PROVED}
    assert verdicts(made) == {"bolus/alone": Verdict.PROVED, "bolus/ready": Verdict.PROVED}


def test_without_its_second_step_the_old_theorem_is_refuted(tmp_path: Path) -> None:
    second = next(edit for edit in edits() if edit.was.lstrip().startswith("found = next_line"))
    made = program(applied(tmp_path, [edit for edit in edits() if edit != second]))
    assert verdicts(made)["bolus/ready"] is Verdict.REFUTED


def test_the_broken_guard_of_the_guide_is_refuted(tmp_path: Path) -> None:
    made = program(applied(tmp_path, [*edits(), broken()]))
    result = own_contract(made)
    assert result.verdicts == {"z3": Verdict.REFUTED}
    shown = "\n".join(each.counterexample for each in result.findings)
    assert "state.extended_amount" in shown
    assert "event.source" in shown
    found = verdicts(made)
    assert found == {"bolus/alone": Verdict.PROVED, "bolus/ready": Verdict.REFUTED}
