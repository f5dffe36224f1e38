"""Each hazard with its answers held against the records: answered, or not and why.

A row is answered only if each of its answers is: a theorem that both solvers proved of this kernel,
tests that ran on this kernel and passed, what the shell does together with such a test, or the
reason why it is nobody's here. Whatever is not shown leaves the row open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dosekernel.proofs.solvers import SOLVERS
from dosekernel.spec.hazards import Answer, Hazard, answers

from .records import ENOUGH, PASSED, PROVED, Extra, ProofRecord, TestCase, TestRecord


class By(StrEnum):
    """What answers a row, the strongest first; `NOTHING` is no answer."""

    THEOREM = "theorem"
    TEST = "test"
    SHELL = "shell"
    OUT_OF_SCOPE = "out of scope"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Shown:
    """One answer with its evidence; an empty `problem` means that it holds."""

    kind: str
    text: str
    problem: str = ""
    theorem: dict[str, Any] | None = None
    tests: tuple[TestCase, ...] = ()

    @property
    def seconds(self) -> float:
        """What its tests took."""
        return sum(each.seconds for each in self.tests)


@dataclass(frozen=True)
class Row:
    """A hazard, and what became of each of its answers."""

    hazard: Hazard
    shown: tuple[Shown, ...]
    more: tuple[tuple[str, str], ...] = ()  # what other records say of it, under their titles

    @property
    def problems(self) -> list[str]:
        """Why the row is open; of an answered one nothing."""
        found = [f"{each.kind} {each.text}: {each.problem}" for each in self.shown if each.problem]
        kinds = {each.kind for each in self.shown}
        if not kinds:
            found.append("nothing answers it")
        elif kinds == {By.SHELL}:
            found.append("what the shell does is not shown by a test")
        return found

    @property
    def by(self) -> By:
        """What answers it."""
        if self.problems:
            return By.NOTHING
        kinds = {each.kind for each in self.shown}
        if By.SHELL in kinds and self.hazard.owner == "shell":
            return By.SHELL
        return next(kind for kind in By if kind in kinds)

    @property
    def theorems(self) -> list[Shown]:
        """Its theorems."""
        return [each for each in self.shown if each.kind == By.THEOREM]


def rows(
    hazards: Sequence[Hazard],
    proof: ProofRecord,
    tests: TestRecord,
    source: str,
    extras: Sequence[Extra] = (),
) -> list[Row]:
    """Every hazard against the records; `source` is the hash of the kernel that they must be of."""
    return [
        Row(
            each,
            tuple(_shown(answer, proof, tests, source) for answer in answers(each)),
            tuple(
                (extra.title, extra.hazards[each.id])
                for extra in extras
                if each.id in extra.hazards
            ),
        )
        for each in hazards
    ]


def wanted_tests(hazards: Sequence[Hazard]) -> list[str]:
    """The tests that rows name, as the beginnings of their names."""
    named = {a.text for each in hazards for a in answers(each) if a.kind == By.TEST}
    return sorted(named)


def _shown(answer: Answer, proof: ProofRecord, tests: TestRecord, source: str) -> Shown:
    if answer.kind == By.THEOREM:
        return _theorem(answer.text, proof)
    if answer.kind == By.TEST:
        return _tests(answer.text, tests, source)
    if answer.kind in (By.SHELL, By.OUT_OF_SCOPE):
        missing = "" if answer.text.strip() else "it says nothing"
        return Shown(answer.kind, answer.text, missing)
    return Shown(answer.kind, answer.text, "no kind of answer")


def _theorem(name: str, proof: ProofRecord) -> Shown:
    theorem = proof.theorem(name)
    if theorem is None:
        return Shown(By.THEOREM, name, "not in the record of the proof")
    if not proof.about_this:
        return Shown(By.THEOREM, name, "the record is about another kernel", theorem)
    if theorem["verdict"] != PROVED:
        return Shown(By.THEOREM, name, str(theorem["verdict"]), theorem)
    excepted = (theorem["exception"] or {}).get("solver", "")
    for solver in SOLVERS:
        said = theorem["solvers"].get(solver, {}).get("verdict", "not run")
        if said != PROVED and (not excepted or solver == excepted):
            return Shown(By.THEOREM, name, f"{solver}: {said}", theorem)
    return Shown(By.THEOREM, name, "", theorem)


def _tests(beginning: str, tests: TestRecord, source: str) -> Shown:
    found = tuple(tests.named(beginning))
    problem = ""
    wrong = [each for each in found if each.result != PASSED]
    strange = [each for each in found if each.source != source]
    if not found:
        problem = "no such test ran"
    elif wrong:
        named = ", ".join(f"{each.name} {each.result}" for each in wrong[:ENOUGH])
        problem = f"{len(wrong)} of {len(found)} did not pass: {named}"
    elif strange:
        about = strange[0].source[:12] or "no kernel that it names"
        problem = f"ran on another kernel: {about}, not {source[:12]}"
    return Shown(By.TEST, beginning, problem, None, found)
