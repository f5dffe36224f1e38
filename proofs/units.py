"""The units of work: each builds its problems once and puts them to every solver.

A unit is a function (or one case of its split), the completeness of a split, one case of a group of
theorems that share a run, or a cover.
"""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dosekernel.spec.theorem import Theorem
from dosekernel.spec.tree import Program

from . import counterexample
from .flows import Facts
from .problems import Problem, exhaustive_problem, function_problem
from .replay import Replay, numbers, replay_function, replay_theorem
from .search import broken_function, broken_theorem
from .solvers import Verdict
from .strategy import Asker, Failure, Outcome, Prover
from .theorems import (
    TheoremCase,
    statements_problem,
    theorem_cases,
    theorem_run,
)

TOTALITY = "totality"
Split = Mapping[str, tuple[int, ...]]
# Terms nest as deep as the program: more than Python's usual 1000 frames.
RECURSION = 100_000


@dataclass(frozen=True)
class Job:
    """One unit: what to build, and which theorems it serves."""

    kind: str
    name: str
    theorems: tuple[str, ...]
    case: TheoremCase = ()

    @property
    def title(self) -> str:
        """For people."""
        shown = ", ".join(f"{path} = {'other' if v is None else v}" for path, v in self.case)
        return f"{self.name} [{shown}]" if shown else self.name


@dataclass
class Finding:
    """An obligation that was not shown."""

    kind: str
    place: str
    function: str
    text: str
    solver: str
    verdict: Verdict
    counterexample: str = ""


@dataclass
class Result:
    """What a unit gave for one theorem."""

    theorem: str
    unit: str
    obligations: int = 0
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    queries: int = 0
    building: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    covered: str = ""
    places: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Settings:
    """What every unit of a run shares."""

    facts: Facts
    theorems: tuple[Theorem, ...]
    splits: Mapping[str, Split]
    solvers: tuple[str, ...]
    timeout: float
    asker: Asker
    write: bool = False


def jobs(
    program: Program, facts: Facts, theorems: Sequence[Theorem], splits: Mapping[str, Split]
) -> list[Job]:
    """Every unit of a whole proof; those that take longest first."""
    found: list[Job] = []
    groups: dict[tuple[object, ...], list[Theorem]] = {}
    for theorem in theorems:
        key = (theorem.about, theorem.opens, tuple(theorem.cases.items()))
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
    result.places = sorted({goal.place for goal in problem.goals})
    asked = 0.0
    outcomes: list[Outcome] = []
    for solver in settings.solvers:
        start = time.monotonic()
        outcome = Prover(problem, solver, settings.timeout, settings.asker).prove()
        asked += time.monotonic() - start
        outcomes.append(outcome)
        result.seconds[solver] = outcome.seconds
        result.queries += outcome.queries
    for outcome in outcomes:
        verdict = Verdict.PROVED
        for failure in outcome.failures:
            finding = judge(settings, job, problem, failure, outcome, outcomes, theorem)
            result.findings.append(finding)
            if verdict is Verdict.PROVED:
                verdict = finding.verdict
        result.verdicts[outcome.solver] = verdict
    result.building = time.monotonic() - begin - asked
    return result


def judge(
    settings: Settings,
    job: Job,
    problem: Problem,
    failure: Failure,
    outcome: Outcome,
    outcomes: Sequence[Outcome],
    theorem: Theorem | None,
) -> Finding:
    """One failing obligation: really refuted, or only not provable from the contracts."""
    goal = problem.goals[failure.goal]
    finding = Finding(
        goal.kind, goal.place, goal.function, goal.text, outcome.solver, failure.verdict
    )
    if failure.verdict is not Verdict.REFUTED:
        finding.text = f"{goal.text} ({failure.detail or failure.verdict.value})"
        return finding
    others = [each for each in outcomes if each is not outcome and not each.failures]
    if others:
        finding.verdict = Verdict.ERROR
        finding.text = f"{goal.text} (the solvers disagree: {others[0].solver} proved it)"
        return finding
    replay = replayed(settings.facts, problem, failure, theorem)
    if replay is None:
        replay = searched(settings, job, problem, outcome.solver, theorem)
    if replay is None:
        finding.verdict = Verdict.UNKNOWN
        finding.text = f"{goal.text} (not provable from the contracts; on ints it holds)"
        return finding
    finding.counterexample = counterexample.text(
        settings.facts.program, settings.facts.layout, goal, replay
    )
    return finding


def replayed(
    facts: Facts, problem: Problem, failure: Failure, theorem: Theorem | None
) -> Replay | None:
    """The run on ints, if it really goes wrong."""
    words = numbers(problem.inputs, failure.model)
    if theorem is None:
        replay = replay_function(facts, problem.function.name, words)
        return replay if replay is not None and replay.broken else None
    replay = replay_theorem(facts, theorem, theorem.statements, words)
    return replay if replay is not None and replay.statement is False else None


def searched(
    settings: Settings, job: Job, problem: Problem, solver: str, theorem: Theorem | None
) -> Replay | None:
    """A call that goes wrong on ints, looked for over the bodies instead of the contracts."""
    if job.kind == "theorem" and theorem is not None:
        return broken_theorem(settings.facts, theorem, job.case, solver, settings.asker)
    if job.kind != "function":
        return None
    fixed = tuple((path, value) for path, value in job.case if value is not None)
    return broken_function(settings.facts, problem.function.name, fixed, solver, settings.asker)
