"""The C header's constants with their values, under headings by what they are."""

import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

import dosekernel

PAGE = "docs/api/c"
DEFINE = re.compile(r"^#define (DOSEKERNEL_\w+) (\S.*?)\s*(?:/\*.*)?$", re.MULTILINE)
LITERAL = re.compile(r"^\(?(-?)INT64_C\((\d+)\)\)?$")
# What begins where the first of its kind stands; a comment above a group is that group's heading.
HEADINGS = {"macro": "Layout and time", "struct": "Records", "function": "Functions"}
EARLY = 100  # before the tables of contents are made


def constants() -> dict[str, str]:
    """The value of each constant, as a person writes it."""
    header = Path(dosekernel.get_include(), "dosekernel.h").read_text(encoding="utf-8")
    return {name: LITERAL.sub(r"\1\2", value) for name, value in DEFINE.findall(header)}


def show(app: Sphinx, page: nodes.document) -> None:
    """Put the value behind each constant's name, and each group under its heading."""
    if app.env.docname != PAGE:
        return
    known = constants()
    for described in page.findall(addnodes.desc):
        for signature in described.findall(addnodes.desc_signature):
            if described["objtype"] == "macro":
                value = known[signature.astext()]
                line = next(signature.findall(addnodes.desc_signature_line), signature)
                line += nodes.inline("", f" = {value}", classes=["value"])
    whole = next(page.findall(nodes.section))
    _group(page, whole)


def _group(page: nodes.document, whole: nodes.section) -> None:
    """Move what follows a heading into a section of its own."""
    begun: set[str] = set()
    section = None
    for node in list(whole.children):
        kind = node["objtype"] if isinstance(node, addnodes.desc) else ""
        if kind in HEADINGS and kind not in begun:
            begun.add(kind)
            section = _section(page, whole, HEADINGS[kind])
        elif section is not None and isinstance(node, nodes.paragraph):
            title, dot, rest = node.astext().partition(". ")
            section = _section(page, whole, title.rstrip("."))
            whole.remove(node)
            if dot:
                section += nodes.paragraph("", rest)
            continue
        if section is not None:
            whole.remove(node)
            section += node


def _section(page: nodes.document, whole: nodes.section, title: str) -> nodes.section:
    made = nodes.section("", nodes.title("", title), names=[nodes.fully_normalize_name(title)])
    page.note_implicit_target(made)
    whole += made
    return made


def setup(app: Sphinx) -> None:
    """When a page was read."""
    app.connect("doctree-read", show, priority=EARLY)
