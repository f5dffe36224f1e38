"""Which proofs a fault can reach: those that read the body of a faulty function.

A contract stands between a function and its callers, so most faults reach one function's own
proof. What each case of a theorem reads is seen once, on the kernel as it is: up to its first run a
faulty function changes nothing, so the mutant's proof reads it if and only if this one does.
"""

from collections.abc import Mapping
from functools import cached_property

from ..problems import Problem, function_problem
from ..theorems import statements_problem, theorem_run
from ..trail import BODY, WatchedFacts
from ..units import function_jobs, jobs
from ..work import Job
from .subject import Subject


def bodies_read(subject: Subject) -> dict[str, list[str]]:
    """For each case of each group of theorems the functions whose bodies its proof reads."""
    facts = WatchedFacts(subject.program)
    by_name = {theorem.name: theorem for theorem in subject.theorems}
    found: dict[str, list[str]] = {}
    for job in theorem_jobs(subject):
        facts.trail.begin()
        run = theorem_run(facts, by_name[job.theorems[0]], job.case)
        for name in job.theorems:
            statements_problem(run, by_name[name], job.case)
        read = [name.partition(" ") for name in facts.trail.names()]
        found[repr(job)] = [name for part, _, name in read if part == BODY]
    return found


def theorem_jobs(subject: Subject) -> list[Job]:
    """The units of the theorems."""
    every = jobs(subject.program, subject.facts, subject.theorems, subject.splits)
    return [job for job in every if job.kind == "theorem"]


class Reach:
    """The units that a fault can reach, those first that are the cheapest."""

    def __init__(self, subject: Subject, read: Mapping[str, list[str]] | None = None) -> None:
        """`read` is what `bodies_read` says; it is asked when it is needed if it is not given."""
        self.subject, self.read = subject, read
        functions = function_jobs(subject.program, subject.facts, subject.splits)
        self.functions = [job for job in functions if job.kind == "function"]
        self._originals: dict[Job, tuple[object, ...]] = {}

    @cached_property
    def theorems(self) -> list[tuple[Job, frozenset[str]]]:
        """The units of the theorems with the bodies that they read, those first that read least."""
        read = bodies_read(self.subject) if self.read is None else self.read
        cases = [(job, frozenset(read[repr(job)])) for job in theorem_jobs(self.subject)]
        return sorted(cases, key=lambda each: len(each[1]))

    def units(
        self, changed: frozenset[str], functions: int, theorems: int
    ) -> tuple[list[Job], int]:
        """So many functions, from the faulty one outwards, and so many theorems; how many more."""
        opened = self.subject.opened
        near = [job for job in self.functions if opened[job.name] & changed]
        near.sort(key=lambda job: (job.name not in changed, len(opened[job.name])))
        cases = [job for job, read in self.theorems if read & changed]
        asked = [*near[:functions], *cases[:theorems]]
        return asked, len(near) + len(cases) - len(asked)

    def known(self, job: Job, problem: Problem) -> bool:
        """True if it is the very problem of the kernel as it is, which is proved."""
        if job not in self._originals:
            fixed = tuple((path, value) for path, value in job.case if value is not None)
            self._originals[job] = asked(function_problem(self.subject.facts, job.name, fixed))
        return asked(problem) == self._originals[job]


def asked(problem: Problem) -> tuple[object, ...]:
    """All that a problem asks; terms that say the same are the same."""
    return (
        tuple(problem.facts),
        tuple((goal.term, goal.facts) for goal in problem.goals),
        tuple(problem.guards),
    )
