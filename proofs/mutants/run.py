"""A run over all mutants, or over some: a few processes, a live count, and what was kept before."""

import difflib
import hashlib
import multiprocessing
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from dosekernel.spec.language import kernel_files

from ..cache import CachedAsker, cache_directory
from ..runner import listed
from ..solvers import ask
from ..source import kernel_home, statement_files
from ..units import RECURSION
from .explained import EXPLAINED
from .generate import Mutant
from .judge import Fate, Judge, Judgement
from .reach import Reach, bodies_read
from .record import Record, record_of
from .subject import Subject

# After so many mutants the processes begin anew: terms are never forgotten.
LIFETIME = 400
# Seconds between two looks at whether the run still goes on.
WATCH = 1.0
# For so few mutants what theorems read is only asked if one needs it.
FEW = 100
WRONG = (Fate.SURVIVED, Fate.NOT_PROVED)
CAUGHT = (Fate.REFUTED, Fate.NO_KERNEL)
Progress = Callable[[str], None]


class NoMutantError(Exception):
    """Mutants were asked for where there are none; says which there are."""


@dataclass
class MutantReport:
    """Every judgement of a run."""

    judgements: list[Judgement] = field(default_factory=list)
    diffs: dict[str, str] = field(default_factory=dict)
    # What is explained and was caught all the same, or is no mutant at all.
    stale: list[str] = field(default_factory=list)

    def count(self, fate: Fate) -> int:
        """How many came to this."""
        return sum(1 for each in self.judgements if each.fate is fate)

    def unexplained(self) -> list[Judgement]:
        """What no theorem catches, and nobody says why."""
        return [
            each for each in self.judgements if each.fate in WRONG and each.key not in EXPLAINED
        ]


def subject_of(kernel_directory: Path | None) -> Subject:
    """A kernel in a folder, or the one that is installed, with its theorems."""
    theorems, splits = listed()
    return Subject(
        texts(kernel_files(kernel_directory or kernel_home())),
        texts(statement_files()),
        theorems,
        splits,
    ).checked()


def texts(paths: Sequence[Path]) -> dict[str, str]:
    """The text of each module."""
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


def chosen(every: Sequence[Mutant], modules: Sequence[str], sample: int) -> list[Mutant]:
    """The mutants of some modules; with `sample`, so many of them, drawn by their own hashes.

    So an edit of the kernel changes the sample only where it changes the mutants.
    """
    known = {each.module for each in every}
    for name in modules:
        if name not in known:
            raise NoMutantError(f"no mutants of {name}: one of {', '.join(sorted(known))}")
    found = [each for each in every if not modules or each.module in modules]
    if not sample or sample >= len(found):
        return found
    drawn = sorted(found, key=lambda each: hashlib.sha256(each.key.encode()).hexdigest())
    picked = {each.key for each in drawn[:sample]}
    return [each for each in found if each.key in picked]


# What the processes of a run share: set before they begin.
_shared: dict[str, Judge] = {}


def _judged(mutant: Mutant) -> Judgement:
    sys.setrecursionlimit(RECURSION)
    return _shared["judge"].judge(mutant)


def _end_with(parent: int) -> None:
    """In a process of a run: end when the run is gone, whatever ended it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_mutants(
    subject: Subject,
    wanted: Sequence[Mutant],
    workers: int = 2,
    cache: bool = True,
    progress: Progress | None = None,
) -> MutantReport:
    """Judge mutants; what was judged before is not judged again."""
    report = MutantReport()
    record = record_of(subject, cache_directory()) if cache else None
    known = {each.name: record.get(each.name) for each in wanted} if record is not None else {}
    kept = [found for found in known.values() if found is not None]
    names = {each.name for each in kept}
    left = [each for each in wanted if each.name not in names]
    fates = Counter(each.fate for each in kept)
    done = list(kept)
    if progress is not None and left:
        progress(f"preparing: recorded calls, what theorems read; {len(kept)} judged before")
    for judgement in judged(subject, left, workers, record):
        done.append(judgement)
        fates[judgement.fate] += 1
        if record is not None:
            record.put(judgement)
        if progress is not None:
            progress(counted(fates, len(wanted) - len(done)))
    by_name = {each.name: each for each in done}
    report.judgements = [by_name[each.name] for each in wanted]
    caught = {each.key for each in report.judgements if each.fate in CAUGHT}
    report.stale = [each.key for each in wanted if each.key in EXPLAINED.keys() & caught]
    wrong = {each.name for each in report.unexplained()}
    report.diffs = {each.name: diff(subject.kernel, each) for each in wanted if each.name in wrong}
    return report


def judged(
    subject: Subject, left: Sequence[Mutant], workers: int, record: Record | None
) -> Iterator[Judgement]:
    """Judge mutants in processes that share what was prepared once."""
    if not left:
        return
    sys.setrecursionlimit(RECURSION)
    read = record.get_read() if record is not None else None
    if read is None and len(left) > FEW:
        read = bodies_read(subject)
        if record is not None:
            record.put_read(read)
    for theorem in subject.theorems:
        subject.covering(theorem)
    prepared = (subject.pool, subject.replica, subject.opened, subject.bodies, subject.writes)
    asker = CachedAsker(cache_directory()) if record is not None else ask
    _shared["judge"] = Judge(subject, Reach(subject, read), asker)
    context = multiprocessing.get_context("fork")
    if not all(prepared):
        raise NoMutantError("the kernel was not recorded")
    for first in range(0, len(left), LIFETIME):
        with ProcessPoolExecutor(workers, context, _end_with, (os.getpid(),)) as pool:
            begun = [pool.submit(_judged, each) for each in left[first : first + LIFETIME]]
            try:
                for done in as_completed(begun):
                    yield done.result()
            finally:
                pool.shutdown(cancel_futures=True)


def counted(fates: Mapping[Fate, int], left: int) -> str:
    """The live count."""
    shown = (Fate.REFUTED, Fate.EQUAL, Fate.NOT_PROVED, Fate.SURVIVED, Fate.NO_KERNEL)
    return ", ".join([*(f"{fates.get(fate, 0)} {fate.value}" for fate in shown), f"{left} left"])


def diff(kernel: Mapping[str, str], mutant: Mutant) -> str:
    """A mutant as people read it."""
    before = kernel[mutant.module]
    file = f"{mutant.module}.py"
    lines = difflib.unified_diff(
        before.splitlines(), mutant.apply(before).splitlines(), file, file, n=2, lineterm=""
    )
    return "\n".join(line.rstrip() for line in lines)
