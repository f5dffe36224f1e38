"""The theorems about whole histories say no less than they could: a little more is not provable."""

import shutil
import sys
from pathlib import Path

import pytest

from dosekernel.proofs.flows import Facts
from dosekernel.proofs.problems import Problem
from dosekernel.proofs.solvers import Verdict
from dosekernel.proofs.source import kernel_home, statement_files
from dosekernel.proofs.strategy import Prover
from dosekernel.proofs.theorems import statements_problem, theorem_run
from dosekernel.proofs.units import RECURSION
from dosekernel.spec.language import parse_kernel, parse_modules
from dosekernel.spec.theorems import THEOREMS

# Theorem, file of its statement, what it says, and a little more than that.
MORE = (
    (
        "window",
        "histories.py",
        "return released_in(span) <= after.limits.window_max\n",
        "return released_in(span) <= after.limits.window_max - 1\n",
    ),
    (
        "day",
        "histories.py",
        "return released_in(span) <= after.limits.day_max\n",
        "return released_in(span) <= after.limits.day_max - 1\n",
    ),
    (
        "metering",
        "rates_kept.py",
        "return after.carry < after.limits.pulse * HOUR\n",
        "return after.carry < after.limits.pulse * HOUR - HOUR\n",
    ),
    (
        "speed",
        "rates_kept.py",
        "time = state.released_at - start + state.limits.confirm_max\n",
        "time = state.released_at - start + state.limits.confirm_max - 1\n",
    ),
    (
        "basal-cap",
        "rates_kept.py",
        "return given * HOUR + after.carry <= programmed + any_sum.behind\n",
        "return given * HOUR + after.carry <= programmed + any_sum.behind - 1\n",
    ),
)


def problem(name: str, files: list[Path]) -> Problem:
    """The composition of one theorem about histories, from these statements."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    facts = Facts(parse_modules(files, parse_kernel(kernel_home())))
    theorem = next(each for each in THEOREMS if each.name == name)
    return statements_problem(theorem_run(facts, theorem, ()), theorem, ())


@pytest.mark.parametrize(("name", "file", "said", "more"), MORE, ids=[each[0] for each in MORE])
def test_a_little_more_is_not_provable(
    name: str, file: str, said: str, more: str, tmp_path: Path
) -> None:
    home = tmp_path / "properties"
    shutil.copytree(statement_files()[0].parent, home)
    text = (home / file).read_text(encoding="utf-8")
    assert said in text
    (home / file).write_text(text.replace(said, more), encoding="utf-8")
    files = sorted(path for path in home.glob("*.py") if path.name != "__init__.py")
    outcome = Prover(problem(name, files), "z3", 20.0).prove()
    assert outcome.verdict is not Verdict.PROVED


def test_what_they_say_is_provable() -> None:
    outcome = Prover(problem("window", statement_files()), "z3", 20.0).prove()
    assert outcome.verdict is Verdict.PROVED
