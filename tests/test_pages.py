"""The pages that a stranger reads: what they name is there, what they count is so."""

import re

import pytest

from dosekernel.proofs.report import family
from dosekernel.proofs.summary import BEGIN, END
from dosekernel.proofs.units import TOTALITY
from dosekernel.spec.theorems import THEOREMS
from tests.conftest import ROOT
from tests.proofs.wrong_rules import RULES

NAMES = {TOTALITY, *(each.name for each in THEOREMS)}
PAGES = (
    "README.md",
    "SOUNDNESS.md",
    "CHANGELOG.md",
    "docs/add-a-guard.md",
    "docs/assurance-case.md",
    "docs/releasing.md",
)
PARSER = (
    "spec/language.py",
    "spec/bodies.py",
    "spec/expressions.py",
    "spec/contracts.py",
    "spec/names.py",
    "spec/tree.py",
    "spec/effects.py",
)
TRANSLATOR = (
    "terms",
    "semantics",
    "calls",
    "flows",
    "knowledge",
    "layout",
    "footprint",
    "problems",
    "theorems",
    "walks",
    "hints",
    "smtlib",
)
# These find or tell: what they find is run again, and none of them shows an obligation or a cover.
NOT_TRUSTED = (
    "__init__",
    "__main__",
    "ci_files",
    "command",
    "counterexample",
    "failing_test",
    "judging",
    "machine_code",
    "minimise",
    "origin",
    "plain",
    "search",
    "source",
    "stages",
    "story",
    "summary",
)
# "About so many lines" may be off by so much.
ABOUT = 0.1


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def lines_of(files: tuple[str, ...]) -> int:
    """How many lines some files have together."""
    return sum(len(page(each).splitlines()) for each in files)


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    targets = re.findall(r"\]\(([^)#]+)", page(name))
    assert [each for each in targets if "://" not in each and not (folder / each).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_is_named_exists(name: str) -> None:
    named = re.findall(r"`((?:kernel|spec|proofs|bindings|tests|docs)/[\w./-]*)`", page(name))
    assert [each for each in named if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "SOUNDNESS.md", "CHANGELOG.md"])
def test_every_theorem_that_is_named_exists(name: str) -> None:
    families = {family(each) for each in NAMES}
    named = re.findall(r"`([a-z-]+)/([a-z-]+)`", page(name))
    unknown = {"/".join(each) for each in named if each[0] in families} - NAMES
    assert not unknown


def test_the_table_of_the_readme_names_every_family_once() -> None:
    text = page("README.md")
    table = text[text.index("| theorems | what they say |") :].partition("\n\n")[0]
    cells = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]
    named = [name for cell in cells for name in cell.split(", ")]
    assert len(named) == len(set(named))
    assert {family(each) for each in named} == {family(each) for each in NAMES}


def test_the_readme_has_one_place_for_the_table_of_a_run() -> None:
    text = page("README.md")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.index(BEGIN) < text.index(END)


def test_what_one_solver_shows_alone_is_listed() -> None:
    alone = page("SOUNDNESS.md").partition("## Shown by one solver")[2].partition("\n## ")[0]
    told: dict[str, str] = {}
    for names, solver in re.findall(r"^- ((?:`[a-z/-]+`(?:, )?)+): by (\w+) alone", alone, re.M):
        told |= dict.fromkeys(re.findall(r"`([^`]+)`", names), solver.lower())
    assert told == {each.name: each.one_solver for each in THEOREMS if each.one_solver}


def test_the_lines_that_are_trusted_are_counted() -> None:
    told = re.search(
        r"about ([\d,]+) lines of parser, ([\d,]+) from tree to text, ([\d,]+) that ask",
        page("SOUNDNESS.md"),
    )
    assert told is not None
    others = {*TRANSLATOR, *NOT_TRUSTED}
    modules = [path.stem for path in (ROOT / "proofs").glob("*.py")]
    assert others <= set(modules)
    asking = tuple(f"proofs/{name}.py" for name in modules if name not in others)
    translator = tuple(f"proofs/{name}.py" for name in TRANSLATOR)
    for figure, files in zip(told.groups(), (PARSER, translator, asking), strict=True):
        said = int(figure.replace(",", ""))
        assert abs(lines_of(files) - said) <= ABOUT * said, (files, lines_of(files))


def test_the_wrong_rules_are_counted() -> None:
    assert f"{len(RULES)} wrong rules put into the translator" in page("SOUNDNESS.md")


def test_the_counterexample_of_the_pages_is_about_the_kernel_as_it_is() -> None:
    text, source = page("README.md") + page("docs/ci.md"), page("kernel/bolus.py").splitlines()
    promised = re.findall(r"# pump/bolus\.py:(\d+): (.+)", text)
    assert promised
    for line, said in promised:
        assert said in " ".join(source[int(line) - 1 : int(line) + 1])
    decided = re.findall(r"decided by broken/bolus\.py:(\d+): (.+)", text)
    assert decided
    for line, said in decided:
        assert source[int(line) - 1].strip() == said
