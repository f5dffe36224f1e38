"""A whole proof: every unit in a process of its own, a few at a time, and the report over all."""

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dosekernel.spec.obligations import CASES, OBLIGATIONS
from dosekernel.spec.theorem import Theorem
from dosekernel.spec.theorems import THEOREMS
from dosekernel.spec.tree import Program

from .cache import CachedAsker, ResultStore, cache_directory
from .flows import Facts
from .origin import CFile, kernel_hash, spec_hash
from .pool import Pool, Progress, peak_memory
from .report import Report, TheoremReport
from .solvers import SOLVERS, Answer, ask, file_name, solver_version
from .source import kernel_home, read_program, statement_files
from .strategy import Asker
from .trail import WatchedFacts
from .units import jobs
from .work import TOTALITY, Job, Result, Settings, Split

__all__ = ["kernel_home", "read_program", "statement_files"]

# What one query may take, in seconds.
TIMEOUT = 20.0
TOTALITY_TITLE = "No overflow, no bad division or index; every function keeps its contract"


class UnknownTheoremError(Exception):
    """A theorem was asked for that there is not."""


@dataclass(frozen=True)
class Writer:
    """Writes every query out before it is put to a solver."""

    directory: Path
    asker: Asker

    def __call__(self, solver: str, text: str, seconds: float) -> Answer:
        """One query, as a file that names what it is about."""
        title = text.partition("\n")[0].removeprefix("; ").partition(":")[0]
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / f"{file_name(title)}-{digest}.smt2").write_text(text, encoding="utf-8")
        return self.asker(solver, text, seconds)


def listed() -> tuple[tuple[Theorem, ...], Mapping[str, Split]]:
    """The theorems, and how functions are split into cases."""
    return THEOREMS, CASES


@dataclass(frozen=True)
class Options:
    """How a run is done; with `properties`, only those theorems (`totality` is one)."""

    properties: Sequence[str] = ()
    solvers: Sequence[str] = SOLVERS
    jobs: int = 2
    timeout: float = TIMEOUT
    cache: bool = True
    progress: Progress | None = None
    smt2: Path | None = None
    # Where the kernel's source is, for replays; None if the program was given as text.
    kernel: Path | None = None


# Both solvers, every theorem.
DEFAULT = Options()


def prove(kernel_directory: Path | None = None, options: Options = DEFAULT) -> Report:
    """Prove the installed kernel, or another copy of its source."""
    home = kernel_directory or kernel_home()
    theorems, splits = listed()
    program = read_program(home)
    c_file = CFile(home)
    report = prove_program(program, theorems, splits, replace(options, kernel=home))
    report.origin.kernel, report.origin.spec = kernel_hash(home), spec_hash()
    report.origin.roots = {
        home.name: (kernel_directory or Path("kernel")).as_posix(),
        "properties": "spec/properties",
    }
    c_file.finish(report.origin)
    if not options.properties:
        report.problems.extend(unlisted([each.name for each in report.theorems if each.results]))
    return report


def unlisted(shown: Sequence[str]) -> list[str]:
    """How the theorems that a whole run showed differ from the list that is kept by hand."""
    found = [
        f"theorem {name}: in spec/obligations.py, and not shown"
        for name in OBLIGATIONS
        if name not in shown
    ]
    found += [
        f"theorem {name}: shown, and not in spec/obligations.py"
        for name in shown
        if name not in OBLIGATIONS
    ]
    if list(OBLIGATIONS) != sorted(set(OBLIGATIONS)):
        found.append("spec/obligations.py: the names are sorted, each once")
    return found


def prove_program(
    program: Program,
    theorems: Sequence[Theorem],
    splits: Mapping[str, Split],
    options: Options = DEFAULT,
) -> Report:
    """Prove a program against a list of theorems."""
    begin = time.monotonic()
    solvers = tuple(options.solvers)
    versions = {solver: solver_version(solver) for solver in solvers}
    chosen = _chosen(theorems, options.properties)
    facts = WatchedFacts(program)
    asker: Asker = CachedAsker(cache_directory()) if options.cache else ask
    if options.smt2 is not None:
        asker = Writer(options.smt2, asker)
    work = _wanted(jobs(program, Facts(program), theorems, splits), chosen)
    report = Report(versions, jobs=options.jobs, timeout=options.timeout)
    entries = _entries(theorems, chosen, solvers, work)
    report.theorems = list(entries.values())
    report.problems = listing_problems(theorems, facts)
    store = None
    if options.cache and options.smt2 is None:
        by_name = {theorem.name: theorem for theorem in theorems}
        store = ResultStore(cache_directory(), facts, by_name, splits, versions)
        kept, work = _kept(store, work)
        for result in kept:
            entries[result.theorem].add(result)
    settings = Settings(
        facts, tuple(theorems), splits, solvers, options.timeout, asker, options.kernel,
        cache_directory() if options.cache else None,
    )  # fmt: skip
    for job, outcome in Pool(settings, work, options.jobs).results(options.progress):
        if isinstance(outcome, str):
            report.problems.append(f"{job.title}: {outcome}")
            continue
        entries[outcome.theorem].add(outcome)
        if store is not None:
            store.put(job, outcome)
    report.wall, report.memory = time.monotonic() - begin, peak_memory()
    return report


def _kept(store: ResultStore, work: Sequence[Job]) -> tuple[list[Result], list[Job]]:
    """The results that are kept, and the work that is left."""
    found: list[Result] = []
    left: list[Job] = []
    for job in work:
        missing = []
        for theorem in job.theorems:
            result = store.get(job, theorem)
            if result is None:
                missing.append(theorem)
            else:
                found.append(result)
        if missing:
            left.append(replace(job, theorems=tuple(missing)))
    return found, left


def listing_problems(theorems: Sequence[Theorem], facts: Facts) -> list[str]:
    """What is wrong with the list itself: order, doubles, names that there are not."""
    names = [theorem.name for theorem in theorems]
    found = []
    if names != sorted(set(names)):
        found.append("spec/theorems: the theorems are sorted by name, each once")
    for theorem in theorems:
        if not theorem.statements:
            found.append(f"theorem {theorem.name}: states nothing")
        if theorem.one_solver and not theorem.reason:
            found.append(f"theorem {theorem.name}: one solver only, and no reason")
        known = facts.program.functions
        asked = (theorem.about, *theorem.statements, *theorem.opens)
        for name in (*asked, *([theorem.cover] if theorem.cover else [])):
            if name not in known:
                found.append(f"theorem {theorem.name}: there is no function {name}")
    return found


def _chosen(theorems: Sequence[Theorem], properties: Sequence[str]) -> tuple[str, ...]:
    names = (*[theorem.name for theorem in theorems], TOTALITY)
    families = {name.partition("/")[0] for name in names}
    for name in properties:
        if name not in names and name not in families:
            raise UnknownTheoremError(f"no theorem {name}: one of {', '.join(sorted(names))}")
    return tuple(name for name in sorted(names) if not properties or _asked(name, properties))


def _asked(name: str, properties: Sequence[str]) -> bool:
    """A theorem is asked for by its name, or by that of its family: `set` for `set/load`."""
    return name in properties or name.partition("/")[0] in properties


def _wanted(work: Iterable[Job], chosen: Sequence[str]) -> list[Job]:
    found = []
    for job in work:
        kept = tuple(name for name in job.theorems if name in chosen)
        if kept:
            found.append(replace(job, theorems=kept))
    return found


def _entries(
    theorems: Sequence[Theorem],
    chosen: Sequence[str],
    solvers: tuple[str, ...],
    work: Sequence[Job],
) -> dict[str, TheoremReport]:
    by_name = {theorem.name: theorem for theorem in theorems}
    entries = {}
    for name in chosen:
        theorem = by_name.get(name)
        entry = TheoremReport(name, theorem.title if theorem else TOTALITY_TITLE, solvers)
        if theorem is not None and theorem.one_solver:
            entry.one_solver, entry.reason = theorem.one_solver, theorem.reason
        entry.expected = sum(1 for job in work if name in job.theorems)
        entries[name] = entry
    return entries
