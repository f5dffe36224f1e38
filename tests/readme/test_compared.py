"""The comparison: each claim has a source, each source is used."""

import re

from tests.conftest import ROOT
from tests.readme import page

TEXT = (ROOT / "docs" / "compared.md").read_text(encoding="utf-8")
CLAIMS, _, SOURCES = TEXT.partition("## What was read")


def cited() -> set[int]:
    """Every number in brackets, ranges spelled out."""
    numbers: set[int] = set()
    for first, last in re.findall(r"\[(\d+)(?:-(\d+))?\]", CLAIMS):
        numbers |= set(range(int(first), int(last or first) + 1))
    return numbers


def test_every_source_is_cited_and_every_citation_has_one() -> None:
    listed = [int(each) for each in re.findall(r"^\| (\d+) \|", SOURCES, re.MULTILINE)]
    assert listed == list(range(1, len(listed) + 1))
    assert cited() == set(listed)


def test_each_says_what_of_it_was_read() -> None:
    rows = re.findall(r"^\| \d+ \| (.+) \| (.+) \|$", SOURCES, re.MULTILINE)
    assert len(rows) == len(cited())
    for address, read in rows:
        assert re.search(r"[a-z]+\.[a-z]+/|the same|report", address), address
        assert read


def test_what_the_front_page_links_to_is_among_the_sources() -> None:
    table = page.text().partition("\n## How it compares\n")[2].partition("\n## ")[0]
    links = re.findall(r"\]\(https://(?:www\.)?([^)]+?)/?\)", table)
    assert len(links) > 5
    assert [link for link in links if link not in SOURCES] == []
