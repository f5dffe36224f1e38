"""What a run showed: theorem by theorem, solver by solver, and whether that is all that must be.

`Report.as_json` is the record of a run: the tables, the files for CI and the README are made of it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from .origin import Origin
from .solvers import Verdict
from .work import Finding, Result

# Changes whenever the shape of the record does.
FORMAT = "dosekernel-proof/1"
DISAGREE = "SOLVERS DISAGREE"
# Of a solver that the list of exceptions relieves of a theorem.
NOT_ASKED = "not asked"
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
    expected: int = 0
    results: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count one unit in."""
        self.results.append(result)

    @property
    def obligations(self) -> int:
        """How many obligations it has."""
        return sum(each.obligations for each in self.results)

    @property
    def findings(self) -> list[Finding]:
        """What was not shown of it."""
        return [finding for each in self.results for finding in each.findings]

    def seconds(self, solver: str) -> float:
        """What one solver took for it."""
        return sum(each.seconds.get(solver, 0.0) for each in self.results)

    def asked(self, solver: str) -> bool:
        """False for a solver that has nothing to show: the list names another, and it was not."""
        excepted = self.one_solver not in ("", solver)
        return not (excepted and all(solver not in each.verdicts for each in self.results))

    def by(self, solver: str) -> Verdict:
        """What one solver showed; of one that was not asked nothing is known."""
        if len(self.results) != self.expected:
            return Verdict.ERROR
        if not self.asked(solver):
            return Verdict.UNKNOWN
        return worst(each.verdicts.get(solver, Verdict.ERROR) for each in self.results)

    @property
    def verdict(self) -> Verdict:
        """PROVED only if every unit ran and every solver that must show it did."""
        all_of_them = {solver: self.by(solver) for solver in self.solvers}
        if self.one_solver and all_of_them.get(self.one_solver) is Verdict.PROVED:
            others = [v for v in all_of_them.values() if v in (Verdict.ERROR, Verdict.REFUTED)]
            return worst(others) if others else Verdict.PROVED
        return worst(all_of_them.values())

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        exception = {"solver": self.one_solver, "reason": self.reason}
        return {
            "name": self.name,
            "family": family(self.name),
            "title": self.title,
            "verdict": self.verdict.value,
            "obligations": self.obligations,
            "queries": sum(each.queries for each in self.results),
            "building_seconds": round(sum(each.building for each in self.results), 2),
            "exception": exception if self.one_solver else None,
            "solvers": {
                solver: {
                    "verdict": self.by(solver).value if self.asked(solver) else NOT_ASKED,
                    "seconds": round(self.seconds(solver), 2),
                }
                for solver in self.solvers
            },
            "units_expected": self.expected,
            "units": [unit_json(each) for each in self.results],
            "findings": [asdict(finding) for finding in self.findings],
        }


def family(name: str) -> str:
    """The family of a theorem: `set` for `set/load`; one without a family is its own."""
    return name.partition("/")[0]


def unit_json(result: Result) -> dict[str, Any]:
    """One unit: every obligation by kind and place, every query and what it took."""
    return {
        "unit": result.unit,
        "cached": result.cached,
        "cover": result.covered,
        "building_seconds": round(result.building, 3),
        "obligations": [
            {
                "kind": each.kind,
                "function": each.function,
                "place": each.place,
                "count": each.count,
                "verdicts": each.verdicts,
            }
            for each in result.shares
        ],
        "queries": [{**asdict(each), "seconds": round(each.seconds, 3)} for each in result.asked],
    }


@dataclass
class Report:
    """A whole run."""

    solvers: dict[str, str]
    theorems: list[TheoremReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    origin: Origin = field(default_factory=Origin)
    jobs: int = 0
    timeout: float = 0.0
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
    def headline(self) -> str:
        """The verdict in capitals; that two solvers contradict each other comes before all else."""
        split = any(each.disagreement for theorem in self.theorems for each in theorem.findings)
        return DISAGREE if split else self.verdict.value.upper()

    @property
    def obligations(self) -> int:
        """How many obligations there were."""
        return sum(each.obligations for each in self.theorems)

    def as_json(self) -> dict[str, Any]:
        """The record of the run as plain data."""
        results = [result for each in self.theorems for result in each.results]
        return {
            "format": FORMAT,
            "verdict": self.verdict.value,
            "headline": self.headline,
            "started": self.origin.started,
            "wall_seconds": round(self.wall, 2),
            "peak_memory_bytes": self.memory,
            **self.origin.as_json(),
            "solvers": self.solvers,
            "jobs": self.jobs,
            "timeout_seconds": self.timeout,
            "obligations": self.obligations,
            "queries": sum(each.queries for each in results),
            "units": len(results),
            "units_from_cache": sum(1 for each in results if each.cached),
            "exceptions": [
                {"theorem": each.name, "solver": each.one_solver, "reason": each.reason}
                for each in self.theorems
                if each.one_solver
            ],
            "problems": self.problems,
            "theorems": [each.as_json() for each in self.theorems],
        }
