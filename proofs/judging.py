"""Judging what was not shown: really false, or only not provable from the contracts."""

from collections.abc import Sequence

from dosekernel.spec.theorem import Theorem

from . import counterexample
from .problems import Problem
from .replay import Replay, numbers, replay_function, replay_theorem
from .search import broken_function, broken_theorem
from .solvers import Verdict
from .strategy import Failure
from .work import Finding, Job, Settings


class Judge:
    """Judges the failing obligations of one problem; a call that shows one may show others."""

    def __init__(
        self, settings: Settings, job: Job, problem: Problem, theorem: Theorem | None
    ) -> None:
        self.settings, self.job, self.problem, self.theorem = settings, job, problem, theorem
        self.seen: dict[str, Replay] = {}

    def finding(self, failure: Failure, solver: str, shown_by: Sequence[str]) -> Finding:
        """What is to be said of one failing obligation of one solver."""
        goal = self.problem.goals[failure.goal]
        finding = Finding(goal.kind, goal.place, goal.function, goal.text, solver, failure.verdict)
        if failure.verdict is not Verdict.REFUTED:
            finding.text = f"{goal.text} ({failure.detail or failure.verdict.value})"
            return finding
        if shown_by:
            finding.verdict, finding.disagreement = Verdict.ERROR, True
            finding.text = f"{goal.text} (the solvers disagree: {shown_by[0]} proved it)"
            return finding
        replay = self.seen.get(goal.place) or self.replayed(failure) or self.searched(solver)
        if replay is None:
            finding.verdict = Verdict.UNKNOWN
            finding.text = f"{goal.text} (not provable from the contracts; on ints it holds)"
            return finding
        self.seen[goal.place] = replay
        finding.counterexample = counterexample.text(
            self.settings.facts.program, self.settings.facts.layout, goal, replay
        )
        return finding

    def replayed(self, failure: Failure) -> Replay | None:
        """The run on ints, if it really goes wrong."""
        facts, theorem = self.settings.facts, self.theorem
        words = numbers(self.problem.inputs, failure.model)
        if theorem is None:
            replay = replay_function(facts, self.problem.function.name, words)
            return replay if replay is not None and replay.broken else None
        replay = replay_theorem(facts, theorem, theorem.statements, words)
        return replay if replay is not None and replay.statement is False else None

    def searched(self, solver: str) -> Replay | None:
        """A call that goes wrong on ints, looked for over the bodies instead of the contracts."""
        settings, job = self.settings, self.job
        if job.kind == "theorem" and self.theorem is not None:
            return broken_theorem(settings.facts, self.theorem, job.case, solver, settings.asker)
        if job.kind != "function":
            return None
        fixed = tuple((path, value) for path, value in job.case if value is not None)
        name = self.problem.function.name
        return broken_function(settings.facts, name, fixed, solver, settings.asker)
