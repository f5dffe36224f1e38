"""`--cotest`, `--flips` and `--faults`: what the prover of machine code is held against."""

import argparse
import os
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import dosekernel
from dosekernel.spec.obligations import CASES

from ..cache import CachedAsker, cache_directory
from ..runner import kernel_home
from ..solvers import SOLVERS, ask
from ..work import RECURSION
from .execute import Execution
from .image import Image, read_image
from .judge import Settings
from .lift import NotUnderstoodError
from .meaning import Source, Subject
from .run import Progress
from .trials import Fate, Trial, faults, flips

# Seconds that a solver may take for a wrong function.
PATIENCE = 5.0
GOOD = (Fate.REFUSED, Fate.SLOW, Fate.SAME, Fate.EQUAL, Fate.UNREACHED)


def run_experiments(
    path: Path, source: Source, options: argparse.Namespace, progress: Progress | None
) -> bool:
    """All that were asked for; True if something is wrong."""
    sys.setrecursionlimit(max(RECURSION, sys.getrecursionlimit()))
    image = read_image(path)
    asker = ask if options.no_cache else CachedAsker(cache_directory())
    settings = Settings(tuple(options.solver or SOLVERS), PATIENCE, CASES, asker, search=False)
    wrong = False
    if options.cotest:
        wrong |= tell_cotest(image, source, options, progress)
    if options.flips:
        trials = flips(image, source, settings, options.flips, options.seed)
        wrong |= tell_trials("flipped bits", trials, options.flips, progress)
    if options.faults:
        compiler = [*shlex.split(os.environ.get("CC") or "cc"), *dosekernel.build_info()["flags"]]
        home = options.kernel or kernel_home()
        trials = faults(home, source, settings, compiler, options.faults, options.seed)
        wrong |= tell_trials("faults of the source", trials, options.faults, progress)
    return wrong


def cases_of(image: Image, source: Source, subject: Subject) -> list[Mapping[str, int]]:
    """One case; for a function that is understood only in the cases of the proof, those."""
    split = CASES.get(subject.name, {})
    try:
        execution = Execution(image, image.functions[subject.symbol], source, subject)
        list(execution.ends(source.entry(subject, {})))
        return [{}]
    except NotUnderstoodError:
        if subject.function is None or not split:
            raise
    return [dict(zip(split, values, strict=True)) for values in product(*split.values())]


def tell_cotest(
    image: Image, source: Source, options: argparse.Namespace, progress: Progress | None
) -> bool:
    """Every function on random words; True if one parts from what it was lifted to."""
    from .cotest import cotest

    names = [
        name
        for name in sorted(image.functions)
        if source.subject(name) is not None and (not options.function or name in options.function)
    ]
    rows = paths = reached = bad = 0
    for at, name in enumerate(names):
        if progress is not None:
            progress(f"{at}/{len(names)} {name}")
        subject = source.subject(name)
        assert subject is not None
        found = cotest(image, source, name, cases_of(image, source, subject), options.cotest)
        rows, paths, reached = rows + found.rows, paths + found.paths, reached + found.reached
        if found.wrong:
            bad += 1
            print(f"{name}: {found.wrong}")
    print(
        f"co-test: {len(names) - bad} of {len(names)} functions, {rows} rows in all, "
        f"{reached} of {paths} paths taken, {bad} differ"
    )
    return bool(bad)


def tell_trials(what: str, trials: Iterator[Trial], count: int, progress: Progress | None) -> bool:
    """What became of wrong objects; those that were not simply refused are listed."""
    fates: Counter[Fate] = Counter()
    for trial in trials:
        fates[trial.fate] += 1
        if progress is not None:
            progress(f"{sum(fates.values())}/{count} {trial.symbol}")
        if trial.fate is not Fate.REFUSED:
            detail = f": {trial.detail}" if trial.detail else ""
            print(f"{trial.fate.value}: {trial.symbol} {trial.change}{detail}")
    told = ", ".join(f"{number} {fate.value}" for fate, number in fates.items())
    print(f"{what}: {sum(fates.values())}: {told}")
    return any(fate not in GOOD for fate in fates)
