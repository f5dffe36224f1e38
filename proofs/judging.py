"""Judging what was not shown: really false, or only not provable from the contracts."""

from collections.abc import Sequence
from dataclasses import replace

from dosekernel.spec.theorem import Theorem

from . import counterexample
from .failing_test import failing_test
from .flows import Facts
from .knowledge import Goal
from .problems import Problem
from .replay import Replay, numbers, replay_function, replay_theorem
from .search import broken_function, broken_theorem
from .solvers import Verdict
from .story import Story, Teller
from .strategy import Failure
from .theorems import free_parameters
from .work import Finding, Job, Settings


class Judge:
    """Judges the failing obligations of one problem; a call that shows one may show others."""

    def __init__(
        self, settings: Settings, job: Job, problem: Problem, theorem: Theorem | None
    ) -> None:
        self.settings, self.job, self.problem, self.theorem = settings, job, problem, theorem
        self.seen: dict[str, Replay] = {}
        self.found: dict[str, Replay | None] = {}
        self.told: dict[str, Story] = {}
        self.teller: Teller | None = None

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
        replay = self.seen.get(goal.place) or self.familiar(goal, solver)
        replay = replay or self.replayed(failure) or self.searched(solver)
        if replay is None:
            finding.verdict = Verdict.UNKNOWN
            finding.text = f"{goal.text} (not provable from the contracts; on ints it holds)"
            return finding
        self.seen[goal.place] = replay
        self.tell(finding, goal, replay)
        return finding

    def tell(self, finding: Finding, goal: Goal, replay: Replay) -> None:
        """Put the call into words, made small and run again where the source is at hand."""
        program, layout = self.settings.facts.program, self.settings.facts.layout
        if self.settings.kernel is None:
            finding.counterexample = counterexample.text(program, layout, goal, replay)
            return
        if goal.place not in self.told:
            self.teller = self.teller or Teller(Facts(program), self.settings.kernel)
            self.told[goal.place] = self.teller.story(
                replay, self.theorem, [path for path, _ in self.job.case]
            )
        story = self.told[goal.place]
        finding.counterexample = counterexample.text(program, layout, goal, story.replay, story)
        finding.call = counterexample.as_data(program, layout, story)
        finding.test = failing_test(program, layout, goal, story, self.settings.kernel)
        if story.contradicted:
            finding.verdict = Verdict.ERROR
            finding.text = f"{goal.text} (one call, and its runs on terms, in Python, in C differ)"

    def familiar(self, goal: Goal, solver: str) -> Replay | None:
        """The same fault in a call that a person knows, if people are told and it can be found."""
        if self.settings.kernel is None:
            return None
        found = self.searched(solver)
        if found is None or self.theorem is None:
            at_goal = found is not None and goal.place in {each.place for each in found.broken}
            return found if at_goal else None
        words = (*found.before, *[each[2] for each in found.free])
        alone = replace(self.theorem, statements=(goal.function,))
        if len(free_parameters(self.settings.facts, alone.statements)) != len(found.free):
            return None
        again = replay_theorem(self.settings.facts, alone, alone.statements, words)
        return found if again is not None and again.statement is False else None

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
        """A call that goes wrong on ints; looked for once, whatever obligation failed."""
        if solver not in self.found:
            self.found[solver] = self.search(solver)
        return self.found[solver]

    def search(self, solver: str) -> Replay | None:
        """A call that goes wrong on ints, looked for over the bodies instead of the contracts."""
        settings, job = self.settings, self.job
        if job.kind == "theorem" and self.theorem is not None:
            return broken_theorem(settings.facts, self.theorem, job.case, solver, settings.asker)
        if job.kind != "function":
            return None
        fixed = tuple((path, value) for path, value in job.case if value is not None)
        name = self.problem.function.name
        return broken_function(settings.facts, name, fixed, solver, settings.asker)
