"""The reference in a headless Chromium: it fits a desktop and a phone, and asks for nothing."""

from pathlib import Path

import pytest

from tests.docs.built import build
from tests.report.browser import DESKTOP, PHONE, Browser

pytestmark = pytest.mark.browser
PAGES = ("index", "api/python", "api/c", "api/commands", "api/kernel", "api/theorems", "compared")
OWN = ("file:", "data:")


@pytest.fixture(scope="module")
def pages() -> Path:
    """The pages, built upon what was built before."""
    return build(afresh=False)[0]


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_the_screen_and_asks_for_nothing(
    program: Browser, pages: Path, page: str, screen: dict[str, object]
) -> None:
    program.asked.clear()
    program.complaints.clear()
    program.open(pages / "docs" / f"{page}.html", screen)
    assert program.run("document.documentElement.scrollWidth <= window.innerWidth")
    assert program.run("document.querySelector('article h1').offsetHeight > 0")
    assert [each for each in program.asked if not each.startswith(OWN)] == []
    assert program.complaints == []


def test_the_search_works_from_the_disk(program: Browser, pages: Path) -> None:
    program.asked.clear()
    program.complaints.clear()
    program.call("Page.navigate", url=f"{(pages / 'search.html').resolve().as_uri()}?q=lockout")
    program.until("document.body && /Reason.LOCKOUT/.test(document.body.innerText)")
    assert [each for each in program.asked if not each.startswith(OWN)] == []
    assert program.complaints == []
