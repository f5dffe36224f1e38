"""Theorems, limits and closed lists, from the tables in `spec` that proof and kernel go by."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import dosekernel
from dosekernel.compile.fields import FIELDS
from dosekernel.spec.limits_table import LIMITS
from dosekernel.spec.reasons import ALARM_SENTENCES, Alarm
from dosekernel.spec.theorem import Theorem
from dosekernel.spec.theorems import THEOREMS

from .prose import as_markup


def homes(package: str) -> dict[str, str]:
    """Every function of a package's modules, with the name that it is documented under."""
    found: dict[str, str] = {}
    for module in iter_modules(import_module(package).__path__):
        home = import_module(f"{package}.{module.name}")
        for name, function in inspect.getmembers(home, inspect.isfunction):
            if function.__module__ == home.__name__:
                found[name] = f"{home.__name__}.{name}"
    return found


def theorems() -> Iterator[str]:
    """Each theorem: what it says, of what, by which predicates."""
    known = homes("dosekernel.kernel") | homes("dosekernel.spec.properties")
    family = ""
    for theorem in THEOREMS:
        if family != theorem.name.partition("/")[0]:
            family = theorem.name.partition("/")[0]
            yield from (family, "-" * len(family), "")
        yield f".. theorem:: {theorem.name}"
        yield ""
        yield from (f"   {each}" for each in as_markup([f"{theorem.title}."]))
        yield ""
        yield from (f"   {each}" for each in _says(theorem, known))
        yield ""
        for word, text in _rows(theorem, known):
            yield f"   :{word}: {text}"
        yield ""


def _says(theorem: Theorem, known: dict[str, str]) -> Iterator[str]:
    """Its predicates, each with its own sentence."""
    for name in theorem.statements:
        yield f"* {_link(known[name])}: {_sentence(known[name])}"
    if theorem.cover:
        yield f"* cover: {_link(known[theorem.cover])}: {_sentence(known[theorem.cover])}"


def _sentence(name: str) -> str:
    """What a function's docstring says first."""
    module, _, function = name.rpartition(".")
    told = inspect.getdoc(getattr(import_module(module), function)) or ""
    return " ".join(as_markup(told.partition("\n\n")[0].splitlines()))


def _rows(theorem: Theorem, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield "about", _link(known[theorem.about])
    if theorem.opens:
        yield "opens", ", ".join(_link(known[each]) for each in theorem.opens)
    if theorem.rests_on:
        yield "rests on", ", ".join(f":theorem:`{each.name}`" for each in theorem.rests_on)
    if theorem.one_solver:
        yield "one solver", as_markup([f"{theorem.one_solver}: {theorem.reason}"])[0]


def _link(name: str) -> str:
    return f":py:func:`~{name}`"


def limits() -> Iterator[str]:
    """Each limit as the header tells it: meaning, what 0 means, unit, range."""
    for limit in LIMITS:
        told = FIELDS["Limits"][limit.name].told()
        yield f"``{limit.name}``"
        yield from (f"   {each}" for each in as_markup([told]))
        yield ""


def members(name: str) -> Iterator[str]:
    """A closed list: each member with its value and its sentence."""
    kind = getattr(dosekernel, name)
    yield from (f".. py:currentmodule:: {dosekernel.__name__}", "", f".. py:class:: {name}")
    yield f"   :canonical: {kind.__module__}.{name}"
    yield ""
    yield from (f"   {each}" for each in as_markup((inspect.getdoc(kind) or "").splitlines()))
    yield ""
    for member in kind:
        yield f"   .. py:attribute:: {member.name}"
        yield f"      :value: {int(member)}"
        yield ""
        told = ALARM_SENTENCES[member] if kind is Alarm else member.sentence
        yield from (f"      {each}" for each in as_markup([told]))
        yield ""


class ClosedList(SphinxDirective):
    """`.. closed-list:: Kind`: an enumeration of the kernel's words."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the list and describe each member."""
        return _parsed(self, list(members(self.arguments[0])))


class Theorems(SphinxDirective):
    """`.. theorems::`: all of them, in the order of their names."""

    def run(self) -> list[nodes.Node]:
        """Read the list and describe each."""
        return _parsed(self, list(theorems()))


class LimitsTable(SphinxDirective):
    """`.. limits::`: every key of a limits file."""

    def run(self) -> list[nodes.Node]:
        """Read the table and describe each."""
        return _parsed(self, list(limits()))


def _parsed(directive: SphinxDirective, lines: list[str]) -> list[nodes.Node]:
    return directive.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def setup(app: Sphinx) -> None:
    """The directives, and theorems as things that can be linked to."""
    app.add_object_type("theorem", "theorem", indextemplate="single: %s (theorem)")
    app.add_directive("closed-list", ClosedList)
    app.add_directive("theorems", Theorems)
    app.add_directive("limits", LimitsTable)
