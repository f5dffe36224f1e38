"""The verdict on each function: proved, refuted by a run, not understood, or unknown."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product

from dosekernel.compile import ENTRIES, VERSION_FUNCTION

from ..strategy import Asker
from .compare import Comparison, compare, convention
from .execute import Execution, TooLongError
from .image import Image
from .lift import NotUnderstoodError
from .meaning import Source, Subject
from .native import find_difference
from .queries import query
from .words import SHELF, TRUE, Word, fixed, raw_mode

Cases = Mapping[str, Mapping[str, tuple[int, ...]]]


class Standing(StrEnum):
    """What is known of one function; only PROVED passes."""

    PROVED = "proved"
    REFUTED = "refuted"
    NOT_UNDERSTOOD = "not understood"
    UNKNOWN = "unknown"
    MISSING = "missing"
    IN_PLACE = "compiled into its callers"


GOOD = (Standing.PROVED, Standing.IN_PLACE)


@dataclass
class Judgement:
    """One function: what was found, and how."""

    symbol: str
    place: str = ""
    standing: Standing = Standing.UNKNOWN
    instructions: int = 0
    bytes: int = 0
    paths: int = 0
    cases: int = 0
    outputs: int = 0
    # Goals that words alone did not settle, and what each solver took for them.
    goals: int = 0
    seconds: float = 0.0
    solvers: dict[str, str] = field(default_factory=dict)
    stack: int = 0
    calls: list[str] = field(default_factory=list)
    detail: str = ""
    cached: bool = False
    # Multipliers and shifts of divisions by a constant, and powers of two: each has its lemma.
    divisions: list[tuple[int, int]] = field(default_factory=list)
    powers: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Settings:
    """How functions are judged."""

    solvers: Sequence[str]
    timeout: float
    cases: Cases
    ask: Asker
    raw: bool = False
    # Look for a run that shows what was not proved.
    search: bool = True


def judge(image: Image, source: Source, symbol: str, settings: Settings) -> Judgement:
    """One function of the object; whatever happens, there is a verdict."""
    begin = time.monotonic()
    found = Judgement(symbol)
    try:
        if symbol not in image.functions:
            absent(symbol, found)
        elif symbol == VERSION_FUNCTION:
            judge_version(image, source, found)
        else:
            judge_code(image, source, symbol, settings, found)
    except NotUnderstoodError as error:
        found.standing, found.detail = Standing.NOT_UNDERSTOOD, str(error)
    except TooLongError as error:
        found.standing, found.detail = Standing.UNKNOWN, str(error)
    found.divisions = sorted(SHELF.multipliers)
    found.powers = sorted(SHELF.powers)
    found.seconds = time.monotonic() - begin
    return found


def absent(symbol: str, found: Judgement) -> None:
    """What the object does not have: an entry is missing, any other was put into its callers."""
    entries = (*ENTRIES.values(), VERSION_FUNCTION)
    found.standing = Standing.MISSING if symbol in entries else Standing.IN_PLACE
    found.detail = "the object has no such function"


def judge_code(
    image: Image, source: Source, symbol: str, settings: Settings, found: Judgement
) -> None:
    """A function of the source, in all its cases."""
    subject = source.subject(symbol)
    if subject is None:
        found.standing = Standing.NOT_UNDERSTOOD
        found.detail = "the source has no such function"
        return
    if subject.function is not None:
        found.place = f"{subject.function.file}:{subject.function.line}"
    found.bytes = len(image.functions[symbol].data)
    stray = set(Execution(image, image.functions[symbol], source, subject).calls)
    stray -= source.reached(subject)
    if stray:
        found.standing = Standing.NOT_UNDERSTOOD
        found.detail = (
            f"it calls {', '.join(sorted(stray))}, which the source does not reach from it"
        )
        return
    goals: list[Word] = []
    for made in comparisons(image, source, subject, settings):
        add(found, made)
        goals += made.goals
    ask_solvers(goals, settings, found)
    if found.standing is Standing.UNKNOWN and settings.search:
        difference = find_difference(image, source, subject, split_of(subject, settings))
        if difference is not None:
            found.standing, found.detail = Standing.REFUTED, difference.text


def split_of(subject: Subject, settings: Settings) -> Mapping[str, tuple[int, ...]]:
    """How the proof splits a function into cases."""
    return {} if subject.function is None else settings.cases.get(subject.name, {})


def compared(
    image: Image, source: Source, subject: Subject, case: dict[str, int], raw: bool
) -> Comparison:
    """One case, with the rules or without."""
    if not raw:
        return compare(image, source, subject, case)
    with raw_mode():
        return compare(image, source, subject, case)


def comparisons(
    image: Image, source: Source, subject: Subject, settings: Settings
) -> list[Comparison]:
    """All arguments at once; if that stops, in the cases in which the proof reads the function.

    That the cases leave nothing out, where its `require` holds, is an obligation of the proof.
    """
    split = split_of(subject, settings)
    try:
        return [compared(image, source, subject, {}, settings.raw)]
    except (NotUnderstoodError, TooLongError):
        if not split:
            raise
    return [
        compared(image, source, subject, dict(zip(split, values, strict=True)), settings.raw)
        for values in product(*split.values())
    ]


def add(found: Judgement, made: Comparison) -> None:
    """The figures of one more case."""
    found.instructions = made.instructions
    found.paths += made.paths
    found.cases += 1
    found.outputs += made.outputs
    found.goals += len(made.goals)
    found.stack = max(found.stack, -made.depth)
    found.calls = sorted(made.calls)


def ask_solvers(goals: list[Word], settings: Settings, found: Judgement) -> None:
    """Both solvers must show what words alone did not."""
    if not goals:
        found.solvers = dict.fromkeys(settings.solvers, "same words")
        found.standing = Standing.PROVED
        return
    shown = set()
    for exact in (False, True):
        text = query(goals, exact, f"{found.symbol}: {len(goals)} paths")
        for solver in settings.solvers:
            if solver in shown:
                continue
            answer = settings.ask(solver, "\n".join([*text.lines, ""]), settings.timeout)
            found.solvers[solver] = f"{answer.word} {answer.seconds:.2f} s"
            if answer.word == "unsat":
                shown.add(solver)
                found.solvers[solver] = f"{answer.seconds:.2f} s"
    if len(shown) == len(settings.solvers):
        found.standing = Standing.PROVED
    else:
        words = [f"{solver}: {found.solvers[solver]}" for solver in settings.solvers]
        found.detail = f"not shown ({', '.join(words)})"


def judge_version(image: Image, source: Source, found: Judgement) -> None:
    """The version is a text in the object, and names the source that was read."""
    subject = Subject(VERSION_FUNCTION, "version", (), "int")
    execution = Execution(image, image.functions[VERSION_FUNCTION], source, subject)
    found.instructions, found.cases = len(execution.instructions), 1
    for end in execution.ends([]):
        found.paths += 1
        address = fixed(end.path.registers[execution.offset("RAX")])
        text = "" if address is None else image.text_at(address)
        kept = all(each is TRUE for each in convention(execution, end))
        if not kept or text != source.version:
            found.detail = f"it says {text!r}, and the source is {source.version!r}"
            found.standing = Standing.REFUTED
            return
    found.standing = Standing.PROVED
