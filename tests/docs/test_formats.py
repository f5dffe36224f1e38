"""The page of formats names every key that is written, and no other; its examples are real."""

import inspect
import json
import re

from dosekernel import Kernel, Limits
from dosekernel.json_lines import outcome_fields, read_event
from dosekernel.proofs.report import FORMAT, Report, TheoremReport, unit_json
from dosekernel.proofs.work import Result
from dosekernel.pump import exports
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "api" / "formats.rst").read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands under a heading, up to the next."""
    found = re.search(rf"^{title}\n([-~]+)\n(.*?)(?=^[^\n]+\n[-~]{{4,}}\n|\Z)", PAGE, re.M | re.S)
    assert found is not None, title
    return found[2]


def keys(title: str) -> list[str]:
    """The keys that a section tells."""
    return re.findall(r"^``(\w+)``$", section(title), re.MULTILINE)


def test_the_record_of_a_proof_is_told_key_by_key() -> None:
    theorem = TheoremReport("set/load", "a title", ("z3",))
    assert keys("The record of a proof") == list(Report(solvers={}).as_json())
    assert keys("A theorem") == list(theorem.as_json())
    assert keys("A unit") == list(unit_json(Result("set/load", "a unit")))
    assert f"``{FORMAT}``" in section("The record of a proof")


def test_an_entry_of_a_journal_is_told_key_by_key() -> None:
    source = inspect.getsource(exports.entry_document)
    written = re.findall(r'^        "(\w+)":|said\["(\w+)"\] =', source, re.MULTILINE)
    assert keys("A pump's journal") == [first or second for first, second in written]


def test_the_examples_of_the_lines_are_what_the_kernel_answers() -> None:
    samples = re.findall(r"block:: json\n\n((?:   .+\n)+)", section("Events and outcomes"))
    asked, answer = samples
    kernel = Kernel(Limits.load("insulin-u100"))
    assert outcome_fields(kernel.step(read_event(asked))) == json.loads(answer)
