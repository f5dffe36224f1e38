"""What becomes of one mutant: refuted, equal, not proved, survived, or no kernel at all.

The cheapest way first. Recorded calls with numbers; then a solver looks for arguments on which the
mutant differs, and if there are none it is equal; then the proofs that the fault can reach, until
one fails. A failing proof is a refutation only with a run on ints that goes wrong.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from dosekernel.kernel.contract import Record
from dosekernel.spec.theorem import Theorem
from dosekernel.spec.tree import Function

from ..flows import Facts, MeaningError
from ..problems import Case as FixedCase
from ..problems import Problem, function_problem
from ..replay import Numbers, numbers, replay_function, replay_theorem
from ..search import broken_theorem
from ..smtlib import script
from ..solvers import Answer, Verdict, ask
from ..stages import stages
from ..strategy import Asker, Outcome, Prover
from ..terms import negate
from ..theorems import (
    OTHERWISE,
    TheoremCase,
    cover_problem,
    statements_problem,
    theorem_cases,
    theorem_run,
)
from ..work import TOTALITY, Job
from .equal import (
    Difference,
    both_versions,
    differences,
    equal_problem,
    in_place_problem,
    openings,
    users,
)
from .generate import Mutant
from .promises import Call
from .reach import Reach
from .subject import Faulty, NotAKernelError, Subject, faulty
from .trial import Trial


def words_of(argument: Record | int) -> tuple[int, ...]:
    """An argument as words."""
    return tuple(argument.words()) if isinstance(argument, Record) else (argument,)


class Fate(StrEnum):
    """What a mutant came to; only the first three are as they should be."""

    NO_KERNEL = "no kernel"
    REFUTED = "refuted"
    EQUAL = "equal"
    NOT_PROVED = "not proved"
    SURVIVED = "survived"


@dataclass(frozen=True)
class Judgement:
    """A mutant's fate, and by what: a theorem or a contract, the solvers, or the language."""

    name: str
    key: str
    operator: str
    fate: Fate
    by: str = ""
    seconds: float = 0.0


# What the entries ask before they believe a record, the innermost first.
PREDICATES = ("limits_valid", "state_valid")
SOLVERS = ("z3", "cvc5")
FIRST = SOLVERS[:1]
# Seconds for one query about a mutant.
PATIENCE = 5.0
# So many expressions around a fault, from the innermost on, are looked at in their place.
AROUND = 3
# Seconds that the solvers may take for one mutant in all.
RATION = 40.0
# Of the promises that a mutant seems to break, so many are looked at for a run on ints.
LOOKED_AT = 4
# Recorded calls of a function that are run with everything below them checked.
REPLAYED = 8
# Of the proofs that a fault can reach so many are asked, the nearest: functions, then theorems.
FUNCTIONS_ASKED, THEOREMS_ASKED = 24, 24
# Stages of such a search.
STAGES = 2
# Units that fail without a run on ints before a mutant counts as not proved.
FAILURES = 2


@dataclass
class Rationed:
    """Asks a solver as long as a mutant's time lasts."""

    asker: Asker
    left: float

    def __call__(self, solver: str, text: str, seconds: float) -> Answer:
        """One query."""
        if self.left <= 0:
            return Answer("timeout", detail="the time for this mutant is up")
        answer = self.asker(solver, text, min(seconds, self.left))
        self.left -= answer.seconds
        return answer


class Judge:
    """Judges mutants of one kernel."""

    def __init__(self, subject: Subject, reach: Reach, asker: Asker = ask) -> None:
        self.subject, self.reach, self.solvers = subject, reach, asker
        self.asker = Rationed(asker, RATION)

    def judge(self, mutant: Mutant) -> Judgement:
        """One mutant."""
        self.asker = Rationed(self.solvers, RATION)
        begin = time.monotonic()
        fate, by = self.fate(mutant)
        seconds = round(time.monotonic() - begin, 3)
        return Judgement(mutant.name, mutant.key, mutant.operator, fate, by, seconds)

    def fate(self, mutant: Mutant) -> tuple[Fate, str]:
        """Its fate, and by what."""
        try:
            mutated = faulty(self.subject, mutant)
        except NotAKernelError as error:
            return Fate.NO_KERNEL, str(error)
        if not mutated.changed:
            return Fate.EQUAL, "the same program"
        trial = Trial(self.subject, mutated)
        broken = trial.refuted()
        if broken:
            return Fate.REFUTED, broken
        is_equal, broken = self.compared(mutated, trial)
        if is_equal:
            return Fate.EQUAL, broken
        broken = broken or self.let_in(mutated, trial) or self.on_the_way(mutated)
        if broken:
            return Fate.REFUTED, broken
        return self.proved(mutated, trial)

    # ---- equal

    def compared(self, mutated: Faulty, trial: Trial) -> tuple[bool, str]:
        """Whether the mutant is equal, by which functions; or what a difference breaks."""
        (name,) = mutated.changed
        alone = self.same(mutated, name, trial)
        if alone is True:
            return True, name
        if isinstance(alone, str):
            return False, alone
        if self.subject.facts.has_contract(name):
            return False, ""
        around = users(self.subject, mutated)
        for user in around:
            same = self.same(mutated, user, trial)
            if same is not True:
                return False, same if isinstance(same, str) else ""
        return bool(around), ", ".join(around)

    def same(self, mutated: Faulty, name: str, trial: Trial) -> bool | str:
        """True if both versions of a function are equal; a text if that breaks something."""
        if self.same_in_place(mutated, name):
            return True
        facts = Facts(both_versions(self.subject, mutated, name))
        for opened in openings(self.subject, name):
            found = [
                self.told_apart(equal_problem(facts, name, opened, case), name, trial)
                for case in self.cases(name)
            ]
            broken = [each for each in found if isinstance(each, str)]
            if broken:
                return broken[0]
            if all(found):
                return True
        return False

    def told_apart(self, problem: Problem, name: str, trial: Trial) -> bool | str:
        """True if both solvers find no difference; a text if one is found and breaks something."""
        for solver in SOLVERS:
            outcome = Prover(problem, solver, PATIENCE, self.asker).prove()
            for words in models(problem, outcome):
                broken = self.on_ints(name, words, trial)
                if broken:
                    return broken
            if outcome.verdict is not Verdict.PROVED:
                return False
        return True

    def cases(self, name: str) -> Iterator[FixedCase]:
        """The cases into which a function is split: one that fixes nothing if it is not."""
        split = self.subject.splits.get(name, {})
        for values in product(*split.values()):
            yield tuple(zip(split, values, strict=True))

    def same_in_place(self, mutated: Faulty, name: str) -> bool:
        """True if the fault is within an expression that is equal wherever it is met."""
        if name not in mutated.changed:
            return False
        function = self.subject.program.functions[name]
        around = differences(function, mutated.program.functions[name])[:AROUND]
        return any(self.equal_in_place(function, difference) for difference in around)

    def equal_in_place(self, function: Function, difference: Difference) -> bool:
        """True if both solvers show that one expression is the other wherever it is met."""
        for case in self.cases(function.name):
            problem = in_place_problem(self.subject.facts, function, difference, case)
            if problem is None:
                return False
            for solver in SOLVERS:
                outcome = Prover(problem, solver, PATIENCE, self.asker).prove()
                if outcome.verdict is not Verdict.PROVED:
                    return False
        return True

    def let_in(self, mutated: Faulty, trial: Trial) -> str:
        """What goes wrong with records that only the mutant's predicates take for sound."""
        for name in self.predicates(mutated.changed):
            facts = Facts(both_versions(self.subject, mutated, name))
            problem = equal_problem(facts, name)
            outcome = Prover(problem, FIRST[0], PATIENCE, self.asker).prove()
            for words in models(problem, outcome):
                (record,) = self.arguments(name, words)
                if isinstance(record, Record) and trial.function(name)(record):
                    broken = trial.let_in(record)
                    if broken:
                        return broken
        return ""

    def on_the_way(self, mutated: Faulty) -> str:
        """What breaks on recorded calls if every operation and call below them is checked too."""
        facts = Facts(mutated.program)
        for name, calls in self.subject.pool.items():
            if not facts.has_contract(name) or not self.subject.opened[name] & mutated.changed:
                continue
            for call in calls[:: max(1, len(calls) // REPLAYED)]:
                replay = replay_function(facts, name, tuple(map(words_of, call.arguments)))
                if replay is not None and replay.broken:
                    goal = replay.broken[0]
                    return f"totality: {name}: {goal.place.rpartition('/')[2]} {goal.text}"
        return ""

    def predicates(self, changed: frozenset[str]) -> Iterator[str]:
        """The predicates over one record that the entries ask, and that read the fault."""
        for name in PREDICATES:
            function = self.subject.program.functions.get(name)
            if function is not None and self.subject.opened[name] & changed:
                yield name

    def on_ints(self, name: str, words: Numbers, trial: Trial) -> str:
        """What is false of the mutant on the arguments on which it differs."""
        call = Call(name, tuple(self.arguments(name, words)))
        about = [each for each in self.subject.theorems if each.about == name]
        return trial.broken(call, about)

    def arguments(self, name: str, words: Numbers) -> Iterator[Record | int]:
        """The arguments of a call as the kernel takes them."""
        for parameter, given in zip(
            self.subject.program.functions[name].parameters, words, strict=True
        ):
            if parameter.type in self.subject.program.records:
                record: Record = self.subject.replica.modules[self.home(parameter.type)][
                    parameter.type
                ]()
                record.set_words([int(word) for word in given])
                yield record
            else:
                yield bool(given[0]) if parameter.type == "bool" else int(given[0])

    def home(self, record: str) -> str:
        """The module of a record."""
        return self.subject.program.records[record].file.rpartition("/")[2].removesuffix(".py")

    # ---- proof

    def lost_cover(self, facts: Facts, trial: Trial) -> str:
        """A theorem that says nothing any more: no call like those that had its cover has it."""
        for theorem in trial.covers_lost():
            calls = self.subject.covering(theorem)
            if not self.covered_by(facts, theorem, cases_of(theorem, calls)):
                return f"{theorem.name}: {theorem.cover}: of {len(calls)} calls that did, none does"
        return ""

    def covered_by(self, facts: Facts, theorem: Theorem, cases: Sequence[TheoremCase]) -> bool:
        """True if a solver finds a call that has the cover."""
        for opens, fixed in list(stages(facts, theorem))[:STAGES]:
            for case in cases:
                problem = cover_problem(facts, theorem, case, opens, fixed)
                outcome = Prover(problem, FIRST[0], PATIENCE, self.asker).prove()
                for words in models(problem, outcome):
                    replay = replay_theorem(facts, theorem, (theorem.cover,), words)
                    if replay is not None and replay.statement is True:
                        return True
        return False

    def proved(self, mutated: Faulty, trial: Trial) -> tuple[Fate, str]:
        """The proofs that the fault can reach; the first that fails decides."""
        facts = Facts(mutated.program)
        failed: list[str] = []
        near, more = self.reach.units(mutated.changed, FUNCTIONS_ASKED, THEOREMS_ASKED)
        for job in near:
            try:
                run_wrong, unproved = self.unit(facts, job)
            except MeaningError as error:
                return Fate.NOT_PROVED, str(error)
            if run_wrong:
                return Fate.REFUTED, run_wrong
            if unproved:
                failed.append(unproved)
                if len(failed) >= FAILURES:
                    break
        if failed:
            return Fate.NOT_PROVED, "; ".join(failed)
        lost = self.lost_cover(facts, trial)
        if lost:
            return Fate.REFUTED, lost
        return Fate.SURVIVED, f"of {len(near) + more} proofs the nearest {len(near)} were asked"

    def unit(self, facts: Facts, job: Job) -> tuple[str, str]:
        """What a run on ints breaks, and else what is not proved; nothing if all is."""
        fixed = tuple((path, value) for path, value in job.case if value is not None)
        if job.kind == "function":
            problem = function_problem(facts, job.name, fixed)
            if self.reach.known(job, problem):
                return "", ""
            return self.function(facts, job, problem)
        by_name = {theorem.name: theorem for theorem in self.subject.theorems}
        run = theorem_run(facts, by_name[job.theorems[0]], job.case)
        unproved = ""
        for name in job.theorems:
            theorem = by_name[name]
            problem = statements_problem(run, theorem, job.case)
            outcome = Prover(problem, FIRST[0], PATIENCE, self.asker).prove()
            if outcome.verdict is Verdict.PROVED:
                continue
            if self.theorem(facts, theorem, job, problem, outcome):
                return f"{name}: {first_text(problem, outcome)}", ""
            unproved = unproved or f"{name}: {first_text(problem, outcome)}"
        return "", unproved

    def theorem(
        self, facts: Facts, theorem: Theorem, job: Job, problem: Problem, outcome: Outcome
    ) -> bool:
        """True if a statement is false of a run on ints."""
        for words in models(problem, outcome):
            if false_on(facts, theorem, words) and not false_on(self.subject.facts, theorem, words):
                return True
        replay = broken_theorem(facts, theorem, job.case, FIRST[0], self.asker)
        if replay is None:
            return False
        free = tuple(words for _, _, words in replay.free)
        return not false_on(self.subject.facts, theorem, (*replay.before, *free))

    def function(self, facts: Facts, job: Job, problem: Problem) -> tuple[str, str]:
        """A function's own obligations."""
        outcome = Prover(problem, FIRST[0], PATIENCE, self.asker).prove()
        if outcome.verdict is Verdict.PROVED:
            return "", ""
        said = f"{TOTALITY}: {job.name}: {first_text(problem, outcome)}"
        for words in models(problem, outcome):
            if self.goes_wrong(facts, job.name, words):
                return said, ""
        for words in self.looked_for(facts, job, problem, outcome):
            if self.goes_wrong(facts, job.name, words):
                return said, ""
        return "", said

    def goes_wrong(self, facts: Facts, name: str, words: Numbers) -> bool:
        """True if a call breaks something on ints, and nothing in the kernel as it is."""
        return breaks(facts, name, words) and not breaks(self.subject.facts, name, words)

    def looked_for(
        self, facts: Facts, job: Job, problem: Problem, outcome: Outcome
    ) -> Iterator[Numbers]:
        """Calls over the bodies instead of the contracts that may break what was not proved."""
        wanted = {
            (problem.goals[each.goal].kind, problem.goals[each.goal].place)
            for each in outcome.failures
        }
        taken = {path for path, _ in job.case}
        fixed = tuple((path, value) for path, value in job.case if value is not None)
        about = Theorem(job.name, job.name, job.name, ())
        for opens, words in list(stages(facts, about))[:STAGES]:
            rest = tuple((path, value) for path, value in words if path not in taken)
            opened = function_problem(facts, job.name, (*fixed, *rest), opens - {job.name})
            goals = [goal for goal in opened.goals if (goal.kind, goal.place) in wanted]
            known = [guard for guard, _ in opened.guards]
            for goal in goals[:LOOKED_AT]:
                text = script([*opened.facts[: goal.facts], *known, negate(goal.term)], job.name)
                answer = self.asker(FIRST[0], text, PATIENCE)
                if answer.word == "sat":
                    yield numbers(opened.inputs, answer.model)


def cases_of(theorem: Theorem, calls: Sequence[Call]) -> list[TheoremCase]:
    """The cases of a theorem to which some calls belong, as far as an event's kind tells."""
    kinds = {
        each.__dict__["kind"]
        for call in calls
        for each in call.arguments
        if type(each).__name__ == "Event"
    }
    found = []
    for case in theorem_cases(theorem):
        kind = dict(case).get("event.kind", OTHERWISE)
        if kind in kinds or (kind is OTHERWISE and not kinds):
            found.append(case)
    return found


def breaks(facts: Facts, name: str, words: Numbers) -> bool:
    """True if a call breaks something on ints."""
    replay = replay_function(facts, name, words)
    return replay is not None and bool(replay.broken)


def false_on(facts: Facts, theorem: Theorem, words: Numbers) -> bool:
    """True if a statement of a theorem is false of a call on ints."""
    replay = replay_theorem(facts, theorem, theorem.statements, words)
    return replay is not None and replay.statement is False


def models(problem: Problem, outcome: Outcome) -> Iterator[Numbers]:
    """The arguments that break something, as a solver sees it."""
    for failure in outcome.failures[:LOOKED_AT]:
        if failure.verdict is Verdict.REFUTED:
            yield numbers(problem.inputs, failure.model)


def first_text(problem: Problem, outcome: Outcome) -> str:
    """The first obligation that was not shown."""
    failure = outcome.failures[0]
    goal = problem.goals[failure.goal]
    return f"{goal.place} {goal.text} ({failure.verdict.value})"
