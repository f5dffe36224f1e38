"""The reference whole: without a warning, every public name in it, nothing from outside."""

import html
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

import dosekernel
from docs.api.from_source.commands import titles
from dosekernel import Cause, Kind, Mode, Reason, Source, Status
from dosekernel.command import COMMANDS
from dosekernel.pump.commands import VERBS
from dosekernel.spec.obligations import OBLIGATIONS
from dosekernel.spec.reasons import ALARM_SENTENCES
from tests.conftest import ROOT
from tests.docs.built import build

pytestmark = pytest.mark.slow
PROJECT = "dosekernel"
HEADER = (Path(dosekernel.get_include()) / "dosekernel.h").read_text(encoding="utf-8")
STRUCTS = re.findall(r"typedef struct (\w+) \{(.*?)\n\} \w+;", HEADER, re.DOTALL)
# What a page loads by itself; a link is followed only by who clicks on it.
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
LINKED = ("stylesheet", "icon", "preload", "prefetch", "manifest", "search")
FOREIGN = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)


@pytest.fixture(scope="module")
def pages() -> Path:
    """The pages; a warning is an error."""
    folder, said = build(afresh=True)
    assert "WARNING" not in said and "ERROR" not in said, said
    return folder


@cache
def entries(pages: Path, kind: str) -> frozenset[str]:
    """The names of all entries of kinds that begin so, such as `py:` or `c:macro`."""
    inventory = InventoryFile.loads((pages / "objects.inv").read_bytes(), uri="").data
    return frozenset(
        name for type_, named in inventory.items() if type_.startswith(kind) for name in named
    )


def test_every_public_name_of_python_has_an_entry(pages: Path) -> None:
    public = {f"{PROJECT}.{name}" for name in dosekernel.__all__}
    assert public <= entries(pages, "py:")
    methods = {f"{PROJECT}.Kernel.{name}" for name in dir(dosekernel.Kernel) if name[0] != "_"}
    assert len(methods) > 20
    assert methods <= entries(pages, "py:")


def test_every_member_of_a_closed_list_is_told_with_its_sentence(pages: Path) -> None:
    text = " ".join((pages / "docs" / "api" / "python.html").read_text(encoding="utf-8").split())
    for kind in (Kind, Source, Status, Reason, Mode, dosekernel.Path, Cause):
        for member in kind:
            assert f"{PROJECT}.{kind.__name__}.{member.name}" in entries(pages, "py:attribute")
            assert html.escape(member.sentence, quote=False) in text, member
    for alarm, sentence in ALARM_SENTENCES.items():
        assert f"{PROJECT}.Alarm.{alarm.name}" in entries(pages, "py:attribute")
        assert html.escape(sentence, quote=False) in text, alarm


def test_every_function_record_field_and_constant_of_the_header_has_an_entry(pages: Path) -> None:
    functions = set(re.findall(r"DOSEKERNEL_API [\w ]+[ *](dosekernel_\w+)\(", HEADER))
    assert len(functions) == 4 and functions <= entries(pages, "c:function")
    written = re.findall(r"^#define (DOSEKERNEL_\w+) \(?-?INT64_C", HEADER, re.MULTILINE)
    assert len(written) > 100 and set(written) == entries(pages, "c:macro")
    assert {name for name, _ in STRUCTS} == entries(pages, "c:struct")
    fields = {
        f"{record}.{field}"
        for record, body in STRUCTS
        for field in re.findall(r"^    \w+ (\w+)(?:\[\d+\])?;", body, re.MULTILINE)
    }
    assert len(fields) > 100 and fields <= entries(pages, "c:member")


def test_every_command_and_verb_has_an_entry_and_its_options(pages: Path) -> None:
    labels = entries(pages, "std:label")
    assert {f"{PROJECT} {name}" for name in COMMANDS} <= labels
    assert {f"{PROJECT} pump {verb}" for verb in VERBS} <= labels
    options = {
        f"{title.replace(' ', '-')}.{option}"
        for title, parser in titles().items()
        for action in parser._actions
        for option in action.option_strings
        if option not in ("-h", "--help")
    }
    assert len(options) > 150 and options <= entries(pages, "std:cmdoption")


def test_every_theorem_has_an_entry_and_no_other(pages: Path) -> None:
    assert entries(pages, "std:theorem") == set(OBLIGATIONS)


def test_every_function_of_the_kernel_is_shown_with_its_contract(pages: Path) -> None:
    text = (pages / "docs" / "api" / "kernel.html").read_text(encoding="utf-8")
    shown = 0
    for module in sorted((ROOT / "kernel").glob("*.py")):
        if module.stem in ("__init__", "contract"):
            continue
        source = module.read_text(encoding="utf-8")
        for function in re.findall(r"^def ([a-z]\w*)\(", source, re.MULTILINE):
            assert f"{PROJECT}.kernel.{module.stem}.{function}" in entries(pages, "py:function")
        shown += len(re.findall(r"^@(?:require|ensure|snapshot)\(", source, re.MULTILINE))
    clauses = re.findall(r'<span class="n">(?:requires|ensures|keeps)</span>', text)
    assert len(clauses) == shown > 300


class Loaded(HTMLParser):
    """What a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in LOADS:
            self.found.append(given.get(LOADS[tag], ""))
        elif tag == "link" and any(word in given.get("rel", "") for word in LINKED):
            self.found.append(given.get("href", ""))


def test_no_page_loads_anything_from_outside_or_names_this_machine(pages: Path) -> None:
    written = list(pages.rglob("*.html"))
    assert len(written) > 20
    for page in written:
        text = page.read_text(encoding="utf-8")
        assert str(ROOT) not in text, page
        loaded = Loaded()
        loaded.feed(text)
        assert [each for each in loaded.found if FOREIGN.match(each)] == [], page
    for style in pages.rglob("*.css"):
        asked = re.findall(r"url\(['\"]?([^)'\"]+)|@import\s+['\"]([^'\"]+)", style.read_text())
        assert [each for pair in asked for each in pair if FOREIGN.match(each)] == [], style
