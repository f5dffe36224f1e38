"""One function: each path of the machine code against what the source does on that very path."""

from dataclasses import dataclass, field

from ..layout import Reference
from . import words
from .execute import FORWARD, SAVED, End, Execution, TooLongError
from .image import Image
from .meaning import Meaning, Source, Subject, UndecidedError, as_machine, word
from .paths import CELL, STACK, base_of, force
from .words import Word

# So often the source may go two ways on one path of the machine code.
MANY_SPLITS = 400


@dataclass
class Comparison:
    """What was compared of one function, and the goals that words alone do not settle."""

    instructions: int = 0
    paths: int = 0
    splits: int = 0
    outputs: int = 0
    depth: int = 0
    goals: list[Word] = field(default_factory=list)
    calls: frozenset[str] = frozenset()


def compare(image: Image, source: Source, subject: Subject, case: dict[str, int]) -> Comparison:
    """All paths of a function, in one case of its arguments."""
    code = image.functions[subject.symbol]
    execution = Execution(image, code, source, subject)
    found = Comparison(instructions=len(execution.instructions))
    for end in execution.ends(source.entry(subject, case)):
        found.paths += 1
        found.depth = min(found.depth, end.path.depth)
        compare_path(execution, end, case, found)
    found.calls = execution.calls
    return found


def compare_path(execution: Execution, end: End, case: dict[str, int], found: Comparison) -> None:
    """One path: the source under its tests, on both sides of each test that they leave open."""
    source, subject = execution.source, execution.subject
    waiting, splits = [end.path.known], 0
    while waiting:
        execution.look_at_the_clock()
        known = waiting.pop()
        meaning, given = Meaning(source, known, execution.calls), source.entry(subject, case)
        try:
            result = meaning.outcome(subject, given)
        except UndecidedError as open_:
            splits += 1
            if splits > MANY_SPLITS:
                text = f"the source goes over {MANY_SPLITS} ways on one path"
                raise TooLongError(f"{subject.symbol}: {text}") from None
            for test in (open_.test, words.negate(open_.test)):
                side = known.copy()
                side.learn(test)
                waiting.append(side)
            continue
        same = [*convention(execution, end), *divisions(end, meaning)]
        if result is not None:
            rax = end.path.registers[execution.offset("RAX")]
            same.append(words.equal(rax, as_machine(result)))
        for parameter, value in zip(subject.parameters, given, strict=True):
            if isinstance(value, Reference):
                for at, each in enumerate(value.words()):
                    cell = end.path.memory[parameter.name, CELL * at]
                    same.append(words.equal(cell, word(each)))
        found.outputs += len(same)
        left = [each for each in same if known.decides(each) is not True]
        if left:
            found.goals.append(words.either(words.negate(known.all), words.both(*left)))
    found.splits += splits


def convention(execution: Execution, end: End) -> list[Word]:
    """Saved registers are as they were, the direction is forward, the stack is where it was."""
    registers = end.path.registers
    found = []
    for name in SAVED:
        at = execution.offset(name)
        found.append(words.equal(registers[at], end.entry[at]))
    found.append(words.equal(force(end.path.flags[execution.offset("DF")]), FORWARD))
    top = words.add(base_of(STACK), words.integer(CELL))
    found.append(words.equal(registers[execution.offset("RSP")], top))
    return found


def divisions(end: End, meaning: Meaning) -> list[Word]:
    """No division traps: the source divides the same, and it never does by zero; or it is shown."""
    least, found = words.integer(-(1 << 63)), []
    for left, right in end.path.divisions:
        if (left, right) not in meaning.divisions:
            zero = words.equal(right, words.integer(0))
            most = words.both(words.equal(left, least), words.equal(right, words.integer(-1)))
            found.append(words.negate(words.either(zero, most)))
    return found
