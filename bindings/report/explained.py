"""Each theorem as a page explains it: statements, hypotheses, covers, and obligations by place.

Sources are carried whole, so that every place of an obligation and every name in a statement can be
looked up in them; they are those that the installed proof reads, and no others.
"""

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dosekernel.proofs.runner import kernel_home, listed, read_program, statement_files
from dosekernel.spec.hazards import Hazard, answers
from dosekernel.spec.theorem import Theorem
from dosekernel.spec.tree import Program

from .records import ProofRecord

MAX_CALLS = 2  # covering calls of one theorem that are shown
REQUIRE = "require"


class Explainer:
    """What is known of every theorem, ready to be written as JSON."""

    def __init__(self, proof: ProofRecord, hazards: Sequence[Hazard]) -> None:
        self.proof = proof
        self.program: Program = read_program(None)
        self.theorems: dict[str, Theorem] = {each.name: each for each in listed()[0]}
        self.files = sources()
        self.requires = dict(_requires(self.files))
        self.hazards = _named_by(hazards)

    def all(self) -> list[dict[str, Any]]:
        """Every theorem of the record, in its order."""
        return [self.theorem(each) for each in self.proof.content["theorems"]]

    def theorem(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """One theorem."""
        name = record["name"]
        said: dict[str, Any] = {
            "name": name,
            "family": record["family"],
            "title": record["title"],
            "verdict": record["verdict"],
            "solvers": record["solvers"],
            "obligations": record["obligations"],
            "queries": record["queries"],
            "units": len(record["units"]),
            "hazards": self.hazards.get(name, []),
            "places": places(record),
            "calls": covering(record),
            "findings": [
                {key: each[key] for key in ("place", "text", "solver", "verdict", "counterexample")}
                for each in record["findings"]
            ],
        }
        theorem = self.theorems.get(name)
        if theorem is not None:
            said |= self.stated(theorem)
        return said

    def stated(self, theorem: Theorem) -> dict[str, Any]:
        """What the hand-kept list says of it."""
        return {
            "about": theorem.about,
            "about_at": self.at(theorem.about),
            "statements": [self.named(each) for each in theorem.statements],
            "hypotheses": self.requires.get(theorem.about, []),
            "opens": list(theorem.opens),
            "cases": {path: list(values) for path, values in theorem.cases.items()},
            "cover": self.named(theorem.cover) if theorem.cover else None,
            "rests_on": [each.name for each in theorem.rests_on],
            "reason": theorem.reason,
        }

    def named(self, function: str) -> dict[str, str]:
        """A predicate: its name, its sentence and where it stands."""
        found = self.program.functions.get(function)
        return {"name": function, "doc": found.doc if found else "", "at": self.at(function)}

    def at(self, function: str) -> str:
        """Where a function stands, as `file:line`."""
        found = self.program.functions.get(function)
        return f"{found.file}:{found.line}" if found else ""


def sources() -> dict[str, str]:
    """The text of every file that a proof reads, under the names that places have."""
    files: list[Path] = [*sorted(kernel_home().glob("*.py")), *statement_files()]
    return {f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8") for path in files}


def places(record: Mapping[str, Any]) -> list[list[Any]]:
    """The obligations of all units, those of one place and kind as one: place, function, kind,
    how many, and the worst that each solver left of them.
    """
    found: dict[tuple[str, str, str], tuple[int, dict[str, str]]] = {}
    for unit in record["units"]:
        for each in unit["obligations"]:
            key = (each["place"], each["function"], each["kind"])
            count, verdicts = found.get(key, (0, {}))
            worse = {s: v for s, v in each["verdicts"].items() if verdicts.get(s) in (None, v)}
            changed = {s: v for s, v in each["verdicts"].items() if v != "proved"}
            found[key] = count + each["count"], {**verdicts, **worse, **changed}
    return [[*key, count, verdicts] for key, (count, verdicts) in sorted(found.items(), key=_order)]


def _order(entry: tuple[tuple[str, str, str], object]) -> tuple[str, int, str]:
    place, _, kind = entry[0]
    file, _, line = place.rpartition(":")
    return file, int(line) if line.isdecimal() else 0, kind


def covering(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """The calls that cover a theorem, those that differ."""
    found: dict[str, str] = {}
    for unit in record["units"]:
        if unit["cover"]:
            found.setdefault(unit["cover"], unit["unit"])
    return [{"unit": unit, "call": call} for call, unit in list(found.items())[:MAX_CALLS]]


def _named_by(hazards: Iterable[Hazard]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in hazards:
        for answer in answers(each):
            if answer.kind == "theorem":
                found.setdefault(answer.text, []).append(each.id)
    return found


def _requires(files: Mapping[str, str]) -> Iterable[tuple[str, list[str]]]:
    """What each function asks of its arguments, in the words of its source."""
    for text in files.values():
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                yield node.name, [*_conditions(node, text)]


def _conditions(node: ast.FunctionDef, text: str) -> Iterable[str]:
    for each in node.decorator_list:
        if isinstance(each, ast.Call) and getattr(each.func, "id", "") == REQUIRE:
            condition = each.args[0]
            body = condition.body if isinstance(condition, ast.Lambda) else condition
            yield " ".join((ast.get_source_segment(text, body) or "").split())
