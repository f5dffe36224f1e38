"""The page in a headless Chromium: on a screen, a phone and paper, and it asks for nothing."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.report.browser import PHONE, Browser

pytestmark = pytest.mark.browser
LOADED = 5_000  # ms, at most


@pytest.fixture
def page(program: Browser, report: Path) -> Iterator[Browser]:
    """The report, loaded afresh; whatever is done with it, it asks for nothing and never fails."""
    program.asked.clear()
    program.complaints.clear()
    assert program.open(report) < LOADED
    program.until("document.querySelectorAll('#day-panels .panel').length === 5")
    yield program
    assert program.asked == [report.resolve().as_uri()]
    assert program.complaints == []


def shown(page: Browser, kind: str) -> int:
    """How many entries of a list can be seen."""
    return int(page.run(f"document.querySelectorAll('details.{kind}:not([hidden])').length"))


def typed(page: Browser, kind: str, words: str) -> None:
    page.run(
        f"{{const bar = document.querySelector('[data-filters={kind}]');"
        f"bar.querySelector('input').value = {words!r};"
        "bar.dispatchEvent(new Event('input'))}"
    )


def test_search_and_filters(page: Browser) -> None:
    assert shown(page, "hazard") == 70
    typed(page, "hazard", "replayed RECORDED")
    assert shown(page, "hazard") == 1
    assert not page.run("document.querySelector('#H50').hidden")
    typed(page, "hazard", "no such words")
    assert shown(page, "hazard") == 0
    assert not page.run("document.querySelector('#hazards .none').hidden")
    typed(page, "hazard", "")
    page.run(
        "{const group = document.querySelector('[data-by=group]'); group.value = 'Glucose';"
        "group.dispatchEvent(new Event('input', { bubbles: true }))}"
    )
    assert shown(page, "hazard") == 4
    typed(page, "theorem", "bolus-cap")
    assert shown(page, "theorem") == 1


def test_a_link_opens_its_theorem_and_a_place_its_source(page: Browser) -> None:
    typed(page, "theorem", "nothing of the kind")
    page.run("document.querySelector('#H04 a.theorem[href=\"#t-bolus-cap\"]').click()")
    page.until("document.querySelector('#t-bolus-cap .texts')")
    assert page.run("document.querySelector('#t-bolus-cap').open")
    assert not page.run("document.querySelector('#t-bolus-cap').hidden")
    said = page.run("document.querySelector('#t-bolus-cap').textContent")
    assert "def bolus_cap(before: State, event: Event, outcome: Outcome)" in said
    assert "every bit pattern of every argument" in said
    page.run("document.querySelector('#t-bolus-cap .obligations button').click()")
    page.until("document.querySelector('#viewer').open")
    assert "def bolus_cap(" in page.run("document.querySelector('#viewer .here').textContent")


def test_a_query_is_downloaded_as_it_was_asked(page: Browser, report: Path) -> None:
    text = page.run("unpacked(document.querySelector('[data-query=\"blocked-1.smt2\"]'))")
    kept = (report.parent / "smt2/blocked-1.smt2").read_bytes()
    assert hashlib.sha256(text.encode()).digest() == hashlib.sha256(kept).digest()


def test_the_day_follows_the_pointer_and_the_list(page: Browser) -> None:
    page.run("point(first() + 1)")
    early = page.run("document.querySelector('#day-readout').textContent")
    page.run("point(last() - 1)")
    late = page.run("document.querySelector('#day-readout').textContent")
    assert early != late
    assert "suspended" in late
    assert "▲ SUSPENDED" in late
    page.run("document.querySelector('#day-filters [data-only=refused]').click()")
    rows = "document.querySelectorAll('#day-asked tbody tr').length"
    assert page.run(rows) == 1
    whole = page.run("view.to - view.from")
    page.run("document.querySelector('.spans [data-minutes=\"120\"]').click()")
    assert page.run("view.to - view.from") == 120 < whole


def test_a_zoom_with_the_mouse(page: Browser) -> None:
    page.run("document.querySelector('#day-panels').scrollIntoView({ behavior: 'instant' })")
    place = "document.querySelector('#day-panels').getBoundingClientRect()"
    box = page.run(f"(({{ x, y }}) => [x, y])({place})")
    at = {"y": box[1] + 60, "button": "left", "clickCount": 1}
    whole = page.run("view.to - view.from")
    page.call("Input.dispatchMouseEvent", type="mousePressed", x=box[0] + 200, **at)
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0] + 400, **at)
    page.call("Input.dispatchMouseEvent", type="mouseReleased", x=box[0] + 400, **at)
    page.until(f"view.to - view.from < {whole} / 2")


def test_on_a_phone_nothing_is_wider_than_the_screen(program: Browser, report: Path) -> None:
    program.open(report, PHONE)
    program.until("document.querySelectorAll('#day-panels .panel').length === 5")
    program.run("document.querySelectorAll('details.hazard').forEach((each) => each.open = true)")
    program.run("document.querySelector('#t-blocked').open = true")
    program.until("document.querySelector('#t-blocked .obligations')")
    assert program.run("document.documentElement.scrollWidth") == PHONE["width"]


def test_on_paper_every_hazard_is_open(page: Browser) -> None:
    opened = "document.querySelectorAll('details.hazard[open]').length"
    page.run(f"addEventListener('beforeprint', () => {{ window.seen = {opened} }})")
    printed = page.printed()
    assert printed.startswith(b"%PDF")
    assert len(printed) > 50_000
    assert page.run("window.seen") == 70
    assert page.run(opened) == 0
