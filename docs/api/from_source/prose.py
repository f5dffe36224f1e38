"""Docstrings and header comments as this project writes them, in the words that Sphinx reads.

Both are plain text: a name stands between single backticks, an indented block is a sample or a
table, and a list begins with `- `. Nothing else in them is markup. A function of the kernel is
shown with its contract.
"""

import ast
import inspect
import re
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import dosekernel

SAMPLE = 4  # an indented block begins at this depth
KERNEL, RULES = "dosekernel.kernel.", "dosekernel.spec.properties."
CONTRACT = {"require": "requires", "ensure": "ensures", "snapshot": "keeps"}
CODE = re.compile(r"(`[^`]+`)")
# What would be markup outside of code: emphasis, substitutions, names that end in an underscore.
MARKUP = re.compile(r"([\\*|]|(?<=\w)_(?!\w))")
FRESH = "<factory>"  # as dataclasses write it
ROW = re.compile(r"(?P<name>\S+(?: \S+)*)  +(?P<told>\S.*)")
NAMES = re.compile(r"[\w`., ]+")
NAME_LONGEST = 60
ITEM = re.compile(r"- \S")


def as_markup(lines: list[str]) -> list[str]:
    """The same text for Sphinx."""
    made: list[str] = []
    block: list[str] = []
    for line in [*lines, ""]:
        deep = len(line) - len(line.lstrip()) >= SAMPLE
        if deep or (block and not line.strip()):
            block.append(line)
            continue
        made += _block(block)
        block = []
        starts = ITEM.match(line) and made and made[-1].strip()
        if starts and not ITEM.match(_paragraph(made)):
            made.append("")
        made.append(_line(line))
    return [*made, *_block(block)]


def _block(lines: list[str]) -> list[str]:
    """What stands indented: a table of names and what they are, or a sample."""
    if not lines:
        return []
    rows = _rows(textwrap.dedent("\n".join(lines)).rstrip().splitlines())
    if rows is None:
        return ["", "::", "", *lines, ""]
    made = [""]
    for name, told in rows:
        linked = ", ".join(_name(each) for each in name.split(", "))
        made += [linked, f"    {_line(told)}", ""]
    return made


def _name(name: str) -> str:
    return _code(name) if name in dosekernel.__all__ else _line(name)


def _rows(lines: list[str]) -> list[tuple[str, str]] | None:
    """The rows of a table, None if this is none: each name stands at the margin, and two spaces
    or a line of its own away from what is told of it.
    """
    rows: list[tuple[str, str]] = []
    for line in lines:
        row = ROW.fullmatch(line)
        if row:
            rows.append((row["name"], row["told"]))
        elif line.startswith("  ") and rows:
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line.strip()}".strip())
        elif line and len(line) <= NAME_LONGEST:
            rows.append((line, ""))
        else:
            return None
    return rows if all(told and NAMES.fullmatch(name) for name, told in rows) else None


def _paragraph(lines: list[str]) -> str:
    """The first line of the paragraph, or of the list's item, that the last line belongs to."""
    for line in reversed(lines):
        if not line.startswith(" "):
            return line
    return ""


def _line(line: str) -> str:
    """One line: code as code, all else as it stands."""
    parts = [_code(part) if CODE.fullmatch(part) else MARKUP.sub(r"\\\1", part)
             for part in CODE.split(line)]  # fmt: skip
    joined = ""
    for part in parts:
        # What is code ends where a word begins only if that is said.
        joined += "\\ " if joined.endswith("`") and part[:1].isalnum() else ""
        joined += part
    return re.sub(r"^(\s*)\.\. ", r"\1\\.. ", joined)


def _code(part: str) -> str:
    """Code, and a link if it is a public name."""
    name = part.strip("`")
    if name in dosekernel.__all__:
        return f":py:obj:`~dosekernel.{name}`"
    return f"``{name}``"


# ---- what stands beside a docstring


@cache
def contracts(module: str) -> dict[str, list[str]]:
    """The contract of every function of a module of the kernel, one clause a line."""
    source = inspect.getsourcefile(__import__(module, fromlist=["_"]))
    tree = ast.parse(Path(source or "").read_text(encoding="utf-8"))
    return {
        node.name: [clause for each in node.decorator_list if (clause := _clause(each))]
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def _clause(decorator: ast.expr) -> str:
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Name):
        return ""
    word = CONTRACT.get(decorator.func.id)
    said = decorator.args[0] if decorator.args else None
    if word is None or not isinstance(said, ast.Lambda):
        return ""
    names = [ast.literal_eval(each.value) for each in decorator.keywords if each.arg == "name"]
    kept = "".join(f"{name} = " for name in names)
    return f"{word:<9}{kept}{ast.unparse(said.body)}"


def of_python(
    app: Sphinx, what: str, name: str, thing: Any, options: object, lines: list[str]
) -> None:
    """A docstring, and what is known of the thing beside it."""
    lines[:] = as_markup(lines)
    module, _, function = name.rpartition(".")
    if what == "function" and module.startswith(KERNEL):
        clauses = contracts(module).get(function, [])
        if clauses:
            lines += ["", ".. code-block:: python", "", *(f"   {each}" for each in clauses), ""]


def of_signature(
    app: Sphinx, what: str, name: str, thing: Any, options: object, arguments: str, returned: str
) -> tuple[str, str] | None:
    """A default that is made afresh for each object, so that Sphinx can read the signature."""
    if not arguments or FRESH not in arguments:
        return None
    return arguments.replace(FRESH, "..."), returned


def of_header(app: Sphinx, lines: list[str], transform: object, options: object) -> None:
    """A comment of the C header."""
    lines[:] = as_markup(lines)


def setup(app: Sphinx) -> None:
    """After everything else that reads docstrings."""
    app.connect("autodoc-process-docstring", of_python)
    app.connect("autodoc-process-signature", of_signature)
    app.connect("hawkmoth-process-docstring", of_header)
