"""Which proofs a fault can reach: those that read the body of a faulty function.

A contract stands between a function and its callers, so most faults reach one function's own
proof. What each case of a theorem reads is seen once, on the kernel as it is: up to its first run a
faulty function changes nothing, so the mutant's proof reads it if and only if this one does.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from dosekernel.spec.tree import Function, Program

from ..flows import Facts
from ..problems import Problem, function_problem
from ..theorems import statements_problem, theorem_run
from ..units import Job, function_jobs, jobs
from .subject import Subject

# What was read of the function bodies since it was last emptied.
_read: set[str] = set()


@dataclasses.dataclass(frozen=True)
class Watched(Function):
    """A function that remembers that its body was read."""

    def __getattribute__(self, name: str) -> Any:
        if name == "body":
            _read.add(super().__getattribute__("name"))
        return super().__getattribute__(name)


def watched(program: Program) -> Program:
    """A program that knows which bodies are read."""
    functions: dict[str, Function] = {}
    for name, function in program.functions.items():
        fields = {each.name: getattr(function, each.name) for each in dataclasses.fields(function)}
        functions[name] = Watched(**fields)
    return dataclasses.replace(program, functions=functions)


def bodies_read(subject: Subject) -> dict[str, list[str]]:
    """For each case of each group of theorems the functions whose bodies its proof reads."""
    facts = Facts(watched(subject.program))
    by_name = {theorem.name: theorem for theorem in subject.theorems}
    found: dict[str, list[str]] = {}
    for job in theorem_jobs(subject):
        _read.clear()
        run = theorem_run(facts, by_name[job.theorems[0]], job.case)
        for name in job.theorems:
            statements_problem(run, by_name[name], job.case)
        found[repr(job)] = sorted(_read)
    return found


def theorem_jobs(subject: Subject) -> list[Job]:
    """The units of the theorems."""
    every = jobs(subject.program, subject.facts, subject.theorems, subject.splits)
    return [job for job in every if job.kind == "theorem"]


class Reach:
    """The units that a fault can reach, those first that are the cheapest."""

    def __init__(self, subject: Subject, read: Mapping[str, list[str]]) -> None:
        self.subject = subject
        cases = [(job, frozenset(read[repr(job)])) for job in theorem_jobs(subject)]
        self.theorems = sorted(cases, key=lambda each: len(each[1]))
        functions = function_jobs(subject.program, subject.facts, subject.splits)
        self.functions = [job for job in functions if job.kind == "function"]
        self._originals: dict[Job, tuple[object, ...]] = {}

    def units(self, changed: frozenset[str]) -> Iterator[Job]:
        """Functions first, from the faulty one outwards; then theorems."""
        opened = self.subject.opened
        near = [job for job in self.functions if opened[job.name] & changed]
        yield from sorted(near, key=lambda job: (job.name not in changed, len(opened[job.name])))
        for job, read in self.theorems:
            if read & changed:
                yield job

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
