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
from .joint import Part, ask_together
from .judging import Judge
from .problems import Problem, exhaustive_problem, function_problem
from .solvers import Verdict
from .theorems import statements_problem, theorem_cases, theorem_run
from .trail import WatchedFacts
from .witness import Witness
from .work import RECURSION, TOTALITY, Finding, Job, Result, Settings, Share, Split

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
    return found + function_jobs(program, facts, splits) + cover_jobs(theorems)


def cover_jobs(theorems: Sequence[Theorem]) -> list[Job]:
    """One search for all theorems about one function with one covering property."""
    groups: dict[tuple[str, str], list[str]] = {}
    for theorem in theorems:
        if theorem.cover:
            groups.setdefault((theorem.about, theorem.cover), []).append(theorem.name)
    return [Job("cover", names[0], tuple(names)) for names in groups.values()]


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
    if job.kind == "function":
        fixed = tuple((path, value) for path, value in job.case if value is not None)
        problem = function_problem(facts, job.name, fixed)
        yield prove_problem(settings, job, problem, None, time.monotonic() - begin)
    elif job.kind == "exhaustive":
        problem = exhaustive_problem(facts, job.name, settings.splits[job.name])
        yield prove_problem(settings, job, problem, None, time.monotonic() - begin)
    else:
        parts = theorem_parts(settings, job)
        ask_together(settings, parts)
        for part in parts:
            yield prove_problem(settings, job, part.problem, part, part.building)


def theorem_parts(settings: Settings, job: Job) -> list[Part]:
    """The problems of the theorems of a unit, over one run."""
    by_name = {theorem.name: theorem for theorem in settings.theorems}
    begin = time.monotonic()
    run = theorem_run(settings.facts, by_name[job.theorems[0]], job.case)
    parts: list[Part] = []
    for name in job.theorems:
        problem = statements_problem(run, by_name[name], job.case)
        end = time.monotonic()
        parts.append(Part(by_name[name], problem, read_so_far(settings), end - begin))
        begin = end
    return parts


def read_so_far(settings: Settings) -> list[str]:
    """What the unit has read of the program, if anybody watches."""
    return settings.facts.trail.names() if isinstance(settings.facts, WatchedFacts) else []


def prove_problem(
    settings: Settings, job: Job, problem: Problem, part: Part | None, building: float
) -> Result:
    """Put a problem to every solver that did not show it yet, and judge what they said."""
    theorem = None if part is None else part.theorem
    name = TOTALITY if theorem is None else theorem.name
    result = Result(name, job.title, len(problem.goals), building=building)
    result.queries = 0 if part is None else part.queries
    witnesses: list[Witness] = []
    for solver in settings.asked_of(theorem):
        begin = time.monotonic()
        witness = Witness(problem, solver, settings.timeout, settings.asker)
        query = None if part is None else part.told.get(solver)
        if query is None or not witness.told(query):
            told = witness.outcome.seconds
            witness.prove(sorted({goal for each in witnesses for goal in each.refuted()}))
            result.building += time.monotonic() - begin - (witness.outcome.seconds - told)
        witnesses.append(witness)
        result.seconds[solver] = witness.outcome.seconds
        result.queries += witness.outcome.queries
        result.asked.extend(witness.asked)
    result.read = read_so_far(settings) if part is None else part.read
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
