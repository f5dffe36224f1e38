"""The units of work: each builds its problems once and puts them to every solver.

A unit is a function (or one case of its split), the completeness of a split, one case of a group of
theorems that share a run, or a cover.
"""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence

from dosekernel.spec.theorem import Theorem
from dosekernel.spec.tree import Program

from .flows import Facts
from .judging import Judge
from .problems import Problem, exhaustive_problem, function_problem
from .solvers import Answer, Verdict
from .strategy import Asker, Prover
from .theorems import statements_problem, theorem_cases, theorem_run
from .trail import WatchedFacts
from .work import RECURSION, TOTALITY, Finding, Job, Query, Result, Settings, Share, Split

__all__ = [
    "RECURSION",
    "TOTALITY",
    "Finding",
    "Job",
    "Result",
    "Settings",
    "Split",
    "jobs",
    "run_job",
]


def jobs(
    program: Program, facts: Facts, theorems: Sequence[Theorem], splits: Mapping[str, Split]
) -> list[Job]:
    """Every unit of a whole proof; those that take longest first."""
    found: list[Job] = []
    groups: dict[tuple[object, ...], list[Theorem]] = {}
    for theorem in theorems:
        key = (
            theorem.about,
            theorem.opens,
            tuple(theorem.cases.items()),
            tuple(each.name for each in theorem.rests_on),
        )
        groups.setdefault(key, []).append(theorem)
    for group in groups.values():
        names = tuple(theorem.name for theorem in group)
        found.extend(
            Job("theorem", group[0].about, names, case) for case in theorem_cases(group[0])
        )
    found.extend(Job("cover", each.name, (each.name,)) for each in theorems if each.cover)
    return found + function_jobs(program, facts, splits)


def function_jobs(program: Program, facts: Facts, splits: Mapping[str, Split]) -> list[Job]:
    """The units of the functions' own obligations, last functions first."""
    found: list[Job] = []
    for name in reversed(program.functions):
        if not facts.has_contract(name):
            continue
        split = splits.get(name)
        if split is None:
            found.append(Job("function", name, (TOTALITY,)))
            continue
        found.append(Job("exhaustive", name, (TOTALITY,)))
        for values in itertools.product(*split.values()):
            case = tuple(zip(split, values, strict=True))
            found.append(Job("function", name, (TOTALITY,), case))
    return found


def run_job(settings: Settings, job: Job) -> Iterator[Result]:
    """Build and prove one unit, a result for each theorem that it serves."""
    begin = time.monotonic()
    facts = settings.facts
    by_name = {theorem.name: theorem for theorem in settings.theorems}
    if job.kind == "function":
        fixed = tuple((path, value) for path, value in job.case if value is not None)
        problem = function_problem(facts, job.name, fixed)
        yield prove_problem(settings, job, TOTALITY, problem, None, begin)
    elif job.kind == "exhaustive":
        problem = exhaustive_problem(facts, job.name, settings.splits[job.name])
        yield prove_problem(settings, job, TOTALITY, problem, None, begin)
    else:
        run = theorem_run(facts, by_name[job.theorems[0]], job.case)
        for name in job.theorems:
            problem = statements_problem(run, by_name[name], job.case)
            yield prove_problem(settings, job, name, problem, by_name[name], begin)
            begin = time.monotonic()


class Witness(Prover):
    """A prover that notes every query: which obligations it was about and what it took."""

    def __init__(self, problem: Problem, solver: str, timeout: float, asker: Asker) -> None:
        super().__init__(problem, solver, timeout, asker)
        self.asked: list[Query] = []
        # The obligations that this solver showed.
        self.shown: set[int] = set()

    def answer(self, goals: list[int], seconds: float) -> Answer:
        """One query, noted."""
        before = self.outcome.seconds
        said = super().answer(goals, seconds)
        taken = self.outcome.seconds - before
        self.asked.append(Query(self.solver, goals[0], goals[-1], len(goals), said.word, taken))
        if said.word == "unsat":
            self.shown.update(goals)
        return said


def prove_problem(
    settings: Settings,
    job: Job,
    name: str,
    problem: Problem,
    theorem: Theorem | None,
    begin: float,
) -> Result:
    """Put a problem to every solver and judge what they said."""
    result = Result(name, job.title, len(problem.goals))
    asked = 0.0
    witnesses: list[Witness] = []
    for solver in settings.solvers:
        start = time.monotonic()
        witness = Witness(problem, solver, settings.timeout, settings.asker)
        outcome = witness.prove()
        asked += time.monotonic() - start
        witnesses.append(witness)
        result.seconds[solver] = outcome.seconds
        result.queries += outcome.queries
        result.asked.extend(witness.asked)
    if isinstance(settings.facts, WatchedFacts):
        result.read = settings.facts.trail.names()
    result.building = time.monotonic() - begin - asked
    judge = Judge(settings, job, problem, theorem)
    for witness in witnesses:
        verdict = Verdict.PROVED
        for failure in witness.outcome.failures:
            others = [each.solver for each in witnesses if failure.goal in each.shown]
            finding = judge.finding(failure, witness.solver, others)
            result.findings.append(finding)
            if verdict is Verdict.PROVED:
                verdict = finding.verdict
        result.verdicts[witness.solver] = verdict
    result.shares = shares(problem, witnesses)
    return result


def shares(problem: Problem, witnesses: Sequence[Witness]) -> list[Share]:
    """Every obligation of a problem: its place, its kind and how each solver left it."""
    failed = [
        {failure.goal: failure.verdict.value for failure in each.outcome.failures}
        for each in witnesses
    ]
    counts: dict[tuple[str, str, str, int, tuple[str, ...]], int] = {}
    for number, goal in enumerate(problem.goals):
        verdicts = tuple(
            "proved" if number in each.shown else left.get(number, "not reached")
            for each, left in zip(witnesses, failed, strict=True)
        )
        key = (goal.kind, goal.function, goal.file, goal.line, verdicts)
        counts[key] = counts.get(key, 0) + 1
    names = [each.solver for each in witnesses]
    return [
        Share(kind, function, file, line, count, dict(zip(names, verdicts, strict=True)))
        for (kind, function, file, line, verdicts), count in counts.items()
    ]
