"""What a run showed: theorem by theorem, solver by solver, and whether that is all that must be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .solvers import Verdict
from .work import Finding, Result

# The worst verdict of many is the first of these that occurs.
WORST = (Verdict.ERROR, Verdict.REFUTED, Verdict.TIMEOUT, Verdict.UNKNOWN, Verdict.PROVED)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a whole from those of its parts; of no parts it is ERROR."""
    present = set(verdicts)
    for verdict in WORST:
        if verdict in present:
            return verdict
    return Verdict.ERROR


@dataclass
class TheoremReport:
    """One theorem: every unit that it needs, from every solver."""

    name: str
    title: str
    solvers: tuple[str, ...]
    one_solver: str = ""
    reason: str = ""
    units: int = 0
    expected: int = 0
    obligations: int = 0
    queries: int = 0
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    building: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count one unit in."""
        self.units += 1
        self.obligations += result.obligations
        self.queries += result.queries
        self.building += result.building
        self.findings.extend(result.findings)
        for solver in self.solvers:
            verdict = result.verdicts.get(solver, Verdict.ERROR)
            self.verdicts.setdefault(solver, []).append(verdict)
            self.seconds[solver] = self.seconds.get(solver, 0.0) + result.seconds.get(solver, 0.0)

    def by(self, solver: str) -> Verdict:
        """What one solver showed."""
        if self.units != self.expected:
            return Verdict.ERROR
        return worst(self.verdicts.get(solver, ()))

    @property
    def verdict(self) -> Verdict:
        """PROVED only if every unit ran and every solver that must show it did."""
        all_of_them = {solver: self.by(solver) for solver in self.solvers}
        if self.one_solver and all_of_them.get(self.one_solver) is Verdict.PROVED:
            others = [v for v in all_of_them.values() if v in (Verdict.ERROR, Verdict.REFUTED)]
            return worst(others) if others else Verdict.PROVED
        return worst(all_of_them.values())


@dataclass
class Report:
    """A whole run."""

    solvers: dict[str, str]
    theorems: list[TheoremReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    wall: float = 0.0
    # Bytes of the largest process.
    memory: int = 0

    @property
    def verdict(self) -> Verdict:
        """The worst of all theorems; ERROR if the list of theorems was not met."""
        return Verdict.ERROR if self.problems else worst(each.verdict for each in self.theorems)

    @property
    def ok(self) -> bool:
        """True only if everything that must be proved was."""
        return self.verdict is Verdict.PROVED

    @property
    def obligations(self) -> int:
        """How many obligations there were."""
        return sum(each.obligations for each in self.theorems)

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "verdict": self.verdict.value,
            "solvers": self.solvers,
            "obligations": self.obligations,
            "wall_seconds": round(self.wall, 2),
            "problems": self.problems,
            "theorems": [_theorem_json(each) for each in self.theorems],
        }


def _theorem_json(theorem: TheoremReport) -> dict[str, Any]:
    return {
        "name": theorem.name,
        "title": theorem.title,
        "verdict": theorem.verdict.value,
        "units": theorem.units,
        "obligations": theorem.obligations,
        "queries": theorem.queries,
        "exception": {"solver": theorem.one_solver, "reason": theorem.reason}
        if theorem.one_solver
        else None,
        "solvers": {
            solver: {
                "verdict": theorem.by(solver).value,
                "seconds": round(theorem.seconds.get(solver, 0.0), 2),
            }
            for solver in theorem.solvers
        },
        "findings": [
            {
                "kind": finding.kind,
                "place": finding.place,
                "function": finding.function,
                "text": finding.text,
                "solver": finding.solver,
                "verdict": finding.verdict.value,
                "counterexample": finding.counterexample,
            }
            for finding in theorem.findings
        ],
    }


def table(report: Report) -> str:
    """The theorems, one a line, as a person reads them."""
    head = ["theorem", "obligations", *[f"{name} {v}" for name, v in report.solvers.items()], ""]
    rows = [head]
    for theorem in report.theorems:
        row = [theorem.name, str(theorem.obligations)]
        for solver in theorem.solvers:
            row.append(f"{theorem.by(solver).value} {theorem.seconds.get(solver, 0.0):.1f} s")
        row.append(theorem.verdict.value.upper())
        rows.append(row)
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def findings(report: Report) -> Sequence[str]:
    """What was not shown, as a person reads it; the same obligation once."""
    shown: dict[str, None] = {}
    seen: set[tuple[str, str, str]] = set()
    for theorem in report.theorems:
        for each in theorem.findings:
            key = (theorem.name, each.place, each.verdict.value)
            if key in seen:
                continue
            seen.add(key)
            head = (
                f"{each.verdict.value.upper()} {theorem.name}: {each.place}: "
                f"{each.function}: {each.kind}: {each.text} [{each.solver}]"
            )
            shown[f"{head}\n{each.counterexample}" if each.counterexample else head] = None
    return [*report.problems, *shown]
