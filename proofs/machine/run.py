"""A whole object: every function judged, every lemma asked, and the report over all."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dosekernel.compile import PREFIX, VERSION_FUNCTION, version_text
from dosekernel.spec.language import kernel_files, parse_kernel, source_hash
from dosekernel.spec.obligations import CASES

from ..cache import CachedAsker, cache_directory
from ..solvers import SOLVERS, ask, solver_version
from ..source import kernel_home
from ..strategy import Asker
from ..work import RECURSION
from .image import Image, ImageError, read_image
from .judge import GOOD, Judgement, Settings, Standing, judge
from .lemmas import unproved
from .lift import lift
from .meaning import Source
from .store import JudgementStore
from .words import SHELF

Progress = Callable[[str], None]
TIMEOUT = 20.0
# Instructions of the largest function that is looked at without rewriting.
SMALL = 16


@dataclass(frozen=True)
class ObjectOptions:
    """How an object is proved."""

    solvers: Sequence[str] = SOLVERS
    timeout: float = TIMEOUT
    cache: bool = True
    raw: bool = False
    only: Sequence[str] = ()
    progress: Progress | None = None


@dataclass
class ObjectReport:
    """What became of an object."""

    path: str
    file_hash: str
    machine: str
    text_hash: str
    source: str
    versions: dict[str, str]
    judgements: list[Judgement] = field(default_factory=list)
    # Lemmas that a solver did not show, and how many were asked.
    unshown: list[str] = field(default_factory=list)
    lemmas: int = 0
    # Not every function was asked for: what those call is taken as proved.
    partial: bool = False
    seconds: float = 0.0

    def count(self, standing: Standing) -> int:
        """How many functions stand so."""
        return sum(each.standing is standing for each in self.judgements)

    @property
    def proved(self) -> bool:
        """Every function, and every lemma that they rest on."""
        good = all(each.standing in GOOD for each in self.judgements)
        return good and bool(self.count(Standing.PROVED)) and not self.unshown

    @property
    def instructions(self) -> int:
        """Instructions of the functions that were proved."""
        proved = [each for each in self.judgements if each.standing is Standing.PROVED]
        return sum(each.instructions for each in proved)

    def stack(self, symbol: str) -> int:
        """The most bytes of stack that a function and all that it calls use."""
        known: dict[str, int] = {}
        by_name = {each.symbol: each for each in self.judgements}

        def deepest(name: str) -> int:
            if name not in known:
                known[name] = 0  # calls have no cycle; an object that had one is not proved
                each = by_name[name]
                inner = [deepest(callee) for callee in each.calls if callee in by_name]
                known[name] = each.stack + max(inner, default=0)
            return known[name]

        return deepest(symbol)

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "object": self.path,
            "object_sha256": self.file_hash,
            "machine": self.machine,
            "text_sha256": self.text_hash,
            "kernel_source": self.source,
            "tools": self.versions,
            "proved": self.proved,
            "only_some": self.partial,
            "functions_proved": self.count(Standing.PROVED),
            "instructions_proved": self.instructions,
            "lemmas": {"asked": self.lemmas, "not_shown": self.unshown},
            "seconds": round(self.seconds, 2),
            "functions": [asdict(each) for each in self.judgements],
        }


def read_source(kernel: Path | None = None) -> Source:
    """The kernel's source, as objects are held against it."""
    home = kernel or kernel_home()
    program = parse_kernel(home)
    return Source(program, version_text(program, source_hash(kernel_files(home))))


def wanted(image: Image, source: Source, options: ObjectOptions) -> list[str]:
    """The functions to judge: those of the source, and all others of this name in the object.

    Without rewriting, only the small ones.
    """
    others = sorted(name for name in image.functions if name.startswith(PREFIX))
    names = list(dict.fromkeys([*others, *source.subjects, VERSION_FUNCTION]))
    unknown = sorted(set(options.only) - set(names))
    if unknown:
        raise ImageError(f"{image.path}: {unknown[0]} is no function of it, or of the source")
    if options.raw:
        names = [name for name in others if len(lift(image, image.functions[name])) <= SMALL]
    return [name for name in names if not options.only or name in options.only]


def kernel_text(image: Image) -> set[str]:
    """The functions whose bytes are the kernel's in whatever they are linked into.

    The version is left out: where its text lies is for the linker to say.
    """
    return {name for name in image.functions if name.startswith(PREFIX)} - {VERSION_FUNCTION}


def prove_object(path: Path, source: Source, options: ObjectOptions) -> ObjectReport:
    """Judge every function of an object."""
    begin = time.monotonic()
    sys.setrecursionlimit(max(RECURSION, sys.getrecursionlimit()))
    image = read_image(path)
    versions = {solver: solver_version(solver) for solver in options.solvers}
    asker: Asker = CachedAsker(cache_directory()) if options.cache else ask
    settings = Settings(tuple(options.solvers), options.timeout, CASES, asker, options.raw)
    text = image.text_hash(kernel_text(image))
    report = ObjectReport(str(path), image.file_hash, image.machine, text, source.version, versions)
    report.partial = options.raw or bool(options.only)
    directory = cache_directory() / "object"
    store = JudgementStore(directory, image, source, settings, versions) if options.cache else None
    names = wanted(image, source, options)
    for at, name in enumerate(names):
        if options.progress is not None:
            options.progress(f"{at}/{len(names)} {name}")
        report.judgements.append(judged(image, source, name, settings, store))
    for each in report.judgements:
        for multiplier, shift in each.divisions:
            SHELF.multipliers.setdefault((multiplier, shift), 0)
        SHELF.powers.update(each.powers)
    if options.progress is not None:
        options.progress("lemmas")
    report.lemmas, report.unshown = unproved(tuple(options.solvers), asker)
    report.seconds = time.monotonic() - begin
    return report


def judged(
    image: Image, source: Source, name: str, settings: Settings, store: JudgementStore | None
) -> Judgement:
    """One function, unless the very same was proved before."""
    key = None if store is None else store.key(name)
    if store is None or key is None:
        return judge(image, source, name, settings)
    found = store.get(key)
    if found is None:
        found = judge(image, source, name, settings)
        store.put(key, found)
    return found
