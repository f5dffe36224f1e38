"""The records that a report is made of, each held against the kernel that is installed.

A record about another kernel, or one that is not whole, is no evidence: what is wrong with it is a
sentence in `problems`, and the report shows it in red.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from dosekernel.proofs.origin import spec_hash
from dosekernel.proofs.solvers import Verdict

from ..command.proof_record import Subject, problems_of
from ..errors import InputError

KERNEL_SOURCE = "kernel_source"
HAZARDS = "hazards"
PROVED = Verdict.PROVED.value
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
ENOUGH = 3  # so many of a kind are named in a sentence


@dataclass(frozen=True)
class ProofRecord:
    """What `dosekernel prove --report` wrote, and what is wrong with it as evidence."""

    content: dict[str, Any]
    problems: tuple[str, ...]
    about_this: bool  # this very kernel and these very theorems

    def theorem(self, name: str) -> dict[str, Any] | None:
        """A theorem of the record."""
        found = (each for each in self.content["theorems"] if each["name"] == name)
        return next(found, None)


@dataclass(frozen=True)
class TestCase:
    """A test that ran: `source` is the hash of the kernel that it ran on."""

    __test__ = False

    name: str
    place: str
    result: str
    seconds: float
    source: str

    def named(self, beginning: str) -> bool:
        """True if its name is this, or goes on after it with another word or a parameter."""
        plain = self.name.partition("[")[0]
        return f"{plain}_".startswith(f"{beginning}_")


@dataclass(frozen=True)
class TestRecord:
    """What pytest wrote with `--junitxml`."""

    __test__ = False

    cases: tuple[TestCase, ...] = ()
    when: str = ""

    def named(self, beginning: str) -> list[TestCase]:
        """The tests whose names begin so."""
        return [each for each in self.cases if each.named(beginning)]


@dataclass(frozen=True)
class Extra:
    """Another tool's record, under its title: fuzzing, MC/DC, mutants."""

    title: str
    hazards: dict[str, str]  # what it says about a hazard, by the hazard's id
    problems: tuple[str, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()


def read_json(path: Path, what: str) -> dict[str, Any]:
    """A JSON object from a file; `InputError` says which file and what it should be."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}; allowed: {what}") from None
    if not isinstance(found, dict):
        raise InputError(f"{path}: a {type(found).__name__}; allowed: {what}")
    return found


def read_proof(path: Path, about: Subject) -> ProofRecord:
    """A proof's record; `InputError` if it is none."""
    allowed = "a file that dosekernel prove --report wrote"
    content = read_json(path, allowed)
    try:
        problems = problems_of(content, about)
        same = (content["kernel_source"], content["spec_source"]) == (about.source, spec_hash())
        for theorem in content["theorems"]:
            (theorem["name"], theorem["verdict"], theorem["solvers"], theorem["units"])
    except (TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path}: not a whole record ({error!r}); allowed: {allowed}") from None
    return ProofRecord(content, tuple(problems), same)


def read_findings(path: Path) -> dict[str, Any]:
    """The record of a kernel that was broken on purpose; `InputError` if it tells of no call."""
    allowed = "what dosekernel prove --report wrote of a kernel in which a theorem is refuted"
    content = read_json(path, allowed)
    try:
        calls = [each["call"] for theorem in content["theorems"] for each in theorem["findings"]]
    except (TypeError, KeyError) as error:
        raise InputError(f"{path}: not a whole record ({error!r}); allowed: {allowed}") from None
    if not any(calls):
        raise InputError(f"{path}: no counterexample in it; allowed: {allowed}")
    return content


def read_tests(paths: Iterable[Path]) -> TestRecord:
    """One or several JUnit files as one; `InputError` if one of them is none."""
    cases: list[TestCase] = []
    when = ""
    for path in paths:
        try:
            root = ElementTree.parse(path).getroot()
            cases += [_case(each) for each in root.iter("testcase")]
        except (ElementTree.ParseError, KeyError, ValueError) as error:
            raise InputError(
                f"{path}: {error}; allowed: a file that pytest --junitxml wrote"
            ) from None
        when = max([when, *(suite.get("timestamp", "") for suite in root.iter("testsuite"))])
    return TestRecord(tuple(cases), when)


def _case(node: ElementTree.Element) -> TestCase:
    children = {child.tag for child in node}
    result = PASSED
    if children & {"failure", "error"}:
        result = FAILED
    elif "skipped" in children:
        result = SKIPPED
    told = {each.get("name"): each.get("value", "") for each in node.iter("property")}
    return TestCase(
        node.attrib["name"],
        node.attrib["classname"],
        result,
        float(node.get("time", "0")),
        told.get(KERNEL_SOURCE, ""),
    )


def read_extra(title: str, path: Path, about: Subject) -> Extra:
    """Any other record: its figures, and whether it is about this kernel and found nothing."""
    content = read_json(path, "a JSON object, the record of a tool")
    problems: list[str] = []
    source = content.get(KERNEL_SOURCE)
    if source is None:
        problems.append(f"it does not say which kernel it is about ({KERNEL_SOURCE})")
    elif source != about.source:
        problems.append(f"it is about the source {str(source)[:12]}, not {about.source[:12]}")
    findings = content.get("findings") or content.get("finding")
    if findings:
        count = len(findings) if isinstance(findings, list) else 1
        problems.append(f"it tells of findings: {count}")
    if content.get("ok") is False:
        problems.append("it says of itself that it is not in order")
    named = content.get(HAZARDS, {})
    if not isinstance(named, dict) or not all(isinstance(each, str) for each in named.values()):
        raise InputError(f"{path}: {HAZARDS}; allowed: a sentence for each id of a hazard")
    rest = {name: value for name, value in content.items() if name not in (HAZARDS, KERNEL_SOURCE)}
    return Extra(title, named, tuple(problems), tuple(_figures(rest, "")))


def _figures(content: dict[str, Any], before: str) -> Iterable[tuple[str, str]]:
    """Every single figure of a record, nested ones under `outer / inner`; of lists their length."""
    for name, value in content.items():
        said = f"{before}{name.replace('_', ' ')}"
        if isinstance(value, dict):
            yield from _figures(value, f"{said} / ")
        elif isinstance(value, list):
            short = all(isinstance(each, str | int | float) for each in value)
            brief = short and len(value) <= ENOUGH * 2
            yield said, ", ".join(map(str, value)) or "none" if brief else f"{len(value)} entries"
        else:
            yield said, _shown(value)


def _shown(value: object) -> str:
    shown: dict[type, Callable[[Any], str]] = {
        bool: lambda it: "yes" if it else "no",
        int: lambda it: f"{it:,}".replace(",", " "),
        float: lambda it: f"{it:g}",
    }
    return shown.get(type(value), str)(value)
