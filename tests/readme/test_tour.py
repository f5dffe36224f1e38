"""The sessions of the README: typed as they stand, they say what is shown."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from dosekernel.proofs.cache import cache_directory
from tests.conftest import ROOT
from tests.readme import console, page, pictures
from tests.readme.page import Typed

OBJECT = "What is proved: $ dosekernel prove --object"
QUICK = [each.name for each in page.blocks() if each.language == "console" and each.name != OBJECT]
FINDING = ("dosekernel replay", "dosekernel pump bolus 25")
PLOT = "day.png"
USERS = str(cache_directory())
# How many of a hundred pixels may differ: fonts are drawn a little differently elsewhere.
MAY_DIFFER = 2.0


def play(name: str, folder: Path) -> None:
    """Type a session, and compare."""
    more: dict[str, str] = {}
    for typed in page.session(page.block(name)):
        if typed.command.startswith("export "):
            variable, _, value = typed.command.removeprefix("export ").partition("=")
            more[variable] = value
            continue
        code, said = console.said_by(typed, folder, more)
        assert code == (1 if typed.command.startswith(FINDING) else 0), said
        assert console.shows(typed.shown, said), f"$ {typed.command}\n{said}"


@pytest.mark.parametrize("name", QUICK)
def test_a_session_says_what_is_shown(name: str, tmp_path: Path) -> None:
    play(name, tmp_path)
    if (tmp_path / PLOT).exists():
        assert differing(pictures.small(tmp_path / PLOT), ROOT / "docs" / PLOT) < MAY_DIFFER


def test_the_day_is_plotted_in_a_session() -> None:
    assert any(f"--plot {PLOT}" in page.block(name).text for name in QUICK)


@pytest.mark.slow
def test_the_machine_code_is_proved_as_shown() -> None:
    """With the cache of the user: what CI has proved already is not proved again."""
    (typed,) = page.session(page.block(OBJECT))
    assert typed.command.endswith("--object")
    code, said = console.said_by(typed, ROOT, {"DOSEKERNEL_CACHE": USERS})
    assert code == 0, said
    assert console.shows(typed.shown, said), said


def test_what_is_compared_is_compared() -> None:
    assert console.shows("a\n...\nd\n", "a\nb\nc\nd\n")
    assert console.shows("a\nd 2.5 s\n", "a d\n7 s")
    assert not console.shows("a\n...\nd\n", "a\nb\nc\n")
    assert not console.shows("3 U\n", "4 U\n")
    assert not console.shows("", "words\n")


def test_a_line_that_goes_on_is_one_command() -> None:
    block = page.Block("console", "$ echo a \\\n    b\na b\n$ true\n", "Nowhere")
    assert page.session(block) == [Typed("echo a b", "a b\n"), Typed("true", "")]


def differing(made: bytes, kept: Path) -> float:
    """How many of a hundred pixels are clearly not the same."""
    with Image.open(io.BytesIO(made)) as one, Image.open(kept) as two:
        assert one.size == two.size
        apart = ImageChops.difference(one.convert("L"), two.convert("L"))
    histogram = apart.histogram()
    return 100 * sum(histogram[32:]) / sum(histogram)
