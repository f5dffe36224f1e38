"""The very bytes of an object, run on this processor: what a function does with given words."""

import ctypes
import faulthandler
import mmap
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from dosekernel.spec.tree import NONE

from ..layout import Reference, Value
from . import words
from .apart import apart
from .execute import Execution, TooLongError
from .image import Image
from .known import Known
from .lift import NotUnderstoodError
from .meaning import Meaning, Source, Subject, UndecidedError, as_machine, word
from .words import Word, fixed

Split = Mapping[str, tuple[int, ...]]
Numbers = tuple[tuple[int, ...], ...]
# Random arguments with which a function that was not shown is tried, and seconds for all of them.
TRIES, PATIENCE = 3000, 30.0
PAGE = mmap.PAGESIZE
# A divisor of nothing stops the processor: words of these names are tried so large only that
# nothing the kernel divides by is zero.
DIVISORS = ("pulse", "length", "extended_duration", "window_length")
LEAST = 24
# Time passed back makes windows of other sizes than they are: the kernel refuses that first.
NOW, AT, TIMES = "now", "at", (1 << 45) - 1
FEW, MANY = 8, 500


@dataclass(frozen=True)
class Difference:
    """A run in which the bytes and the source leave something different."""

    text: str


class Loaded:
    """An image in memory that may be executed; only for a process that may die of it."""

    def __init__(self, image: Image) -> None:
        self.image = image
        low = min(each.address for each in image.segments)
        high = max(each.address + len(each.data) for each in image.segments)
        protection = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        self.memory = mmap.mmap(-1, -(-(high - low) // PAGE) * PAGE + PAGE, prot=protection)
        for each in image.segments:
            at = each.address - low
            self.memory[at : at + len(each.data)] = each.data
        self.shift = ctypes.addressof(ctypes.c_char.from_buffer(self.memory)) - low

    def run(self, source: Source, subject: Subject, given: Numbers) -> tuple[Numbers, int | None]:
        """Call a function; the words of its arguments afterwards, and what it returned."""
        held: list[ctypes.Array[ctypes.c_int64] | ctypes.c_int64] = []
        for parameter, each in zip(subject.parameters, given, strict=True):
            if parameter.type in source.program.records:
                held.append((ctypes.c_int64 * len(each))(*each))
            else:
                held.append(ctypes.c_int64(each[0]))
        kinds = [ctypes.c_int64 if isinstance(e, ctypes.c_int64) else type(e) for e in held]
        pointers = [k if k is ctypes.c_int64 else ctypes.POINTER(k) for k in kinds]
        returns = None if subject.returns == NONE else ctypes.c_int64
        call = ctypes.CFUNCTYPE(returns, *pointers)(
            self.image.functions[subject.symbol].address + self.shift
        )
        result = call(*[e if isinstance(e, ctypes.c_int64) else ctypes.byref(e) for e in held])
        left = tuple((e.value,) if isinstance(e, ctypes.c_int64) else tuple(e) for e in held)
        return left, result


def meant(source: Source, subject: Subject, given: Numbers) -> tuple[Numbers, int | None] | None:
    """The same by the source, on the same words; None where it divides by zero."""
    values: list[Value] = []
    for parameter, each in zip(subject.parameters, given, strict=True):
        if parameter.type in source.program.records:
            numbers = [words.integer(number) for number in each]
            values.append(Reference(list(numbers), 0, parameter.type, len(numbers)))
        elif parameter.type == "bool":
            values.append(words.truth(bool(each[0])))
        else:
            values.append(words.integer(each[0]))
    meaning = Meaning(source, Known())
    result = meaning.outcome(subject, values)
    if any(fixed(right) == 0 for _, right in meaning.divisions):
        return None
    left = tuple(
        tuple([known(word(term)) for term in value.words()])
        if isinstance(value, Reference)
        else (known(as_machine(word(value))),)
        for value in values
    )
    return left, None if result is None else known(as_machine(result))


def known(value: Word) -> int:
    """The number of a word that must be constant."""
    number = fixed(value)
    if number is None:
        raise ValueError(f"{value!r} is no constant")
    return number


# ---- arguments -------------------------------------------------------------------------------


def constants(image: Image, source: Source, subject: Subject) -> list[int]:
    """The numbers that the tests of a function speak of, and their neighbours."""
    found = {0, 1, -1, 2}
    try:
        execution = Execution(image, image.functions[subject.symbol], source, subject)
        for end in execution.ends(source.entry(subject, {})):
            for test in end.path.known.tests:
                found |= numbers_in(test)
    except (NotUnderstoodError, TooLongError):
        return sorted(found)
    return sorted({each + step for each in found for step in (-1, 0, 1)})


def numbers_in(root: Word) -> set[int]:
    """Every constant of a test, as long as it is a signed word."""
    found: set[int] = set()
    waiting, seen = [root], {root}
    while waiting:
        each = waiting.pop()
        constant, _ = words.polynomial(each) if each.width else (0, ())
        found.update(value for value in (constant, -constant) if -(1 << 62) < value < 1 << 62)
        new = [kid for kid in each.kids if kid not in seen]
        if len(seen) < MANY:
            seen.update(new)
            waiting.extend(new)
    return found


def draw(
    source: Source, subject: Subject, split: Split, pool: Sequence[int], seed: random.Random
) -> Numbers:
    """Random words: numbers of the tests, copies of other words, small ones, and any."""
    found: list[tuple[int, ...]] = []
    mood = seed.random()
    earlier: list[int] = []
    start = 0
    for parameter in subject.parameters:
        names: Sequence[str] = (parameter.name,)
        if parameter.type in source.program.records:
            names = source.layout.names[parameter.type]
        numbers = []
        for name in names:
            value = number(pool, earlier, seed, mood)
            if name in split:
                value = seed.choice(split[name])
            if parameter.type == "bool":
                value &= 1
            if name.rpartition(".")[2] in DIVISORS and value < LEAST:
                value = LEAST + abs(value) % 5000
            if name == NOW:
                value = start = value & TIMES
            elif parameter.name == AT:
                value = start + (value & TIMES)
            numbers.append(value)
            earlier.append(value)
        found.append(tuple(numbers))
    return tuple(found)


def number(pool: Sequence[int], earlier: list[int], seed: random.Random, mood: float) -> int:
    """One random word."""
    chance = seed.random()
    if mood < 0.5:  # words as a state in use holds them
        if chance < 0.5:
            return seed.randrange(3)
        if chance < 0.8:
            return seed.choice(pool)
        return seed.randrange(1 << seed.randrange(1, 40))
    if chance < 0.3:
        return seed.choice(pool)
    if chance < 0.5 and earlier:
        return seed.choice(earlier[-FEW:])
    if chance < 0.8:
        return seed.randrange(-8, 9)
    return words.signed(seed.getrandbits(64) >> seed.randrange(0, 40), 64)


# ---- looking for a difference ----------------------------------------------------------------


def find_difference(
    image: Image, source: Source, subject: Subject, split: Split
) -> Difference | None:
    """Run a function that was not shown on many words: where does it leave the source?

    Words that the proof splits into cases have the values of the cases only.
    """
    tried: Numbers = ()
    with apart(_search, image, source, subject, split) as (channel, _):
        while channel.poll(PATIENCE):
            try:
                said = channel.recv()
            except EOFError:
                stops = "the object stops the processor there"
                return Difference(f"{shown(source, subject, tried)}: {stops}")
            if isinstance(said, Difference) or said is None:
                return said
            tried = said
    return None


def _search(
    image: Image, source: Source, subject: Subject, split: Split, channel: Connection
) -> None:
    faulthandler.disable()
    loaded, seed = Loaded(image), random.Random(subject.symbol)
    pool = constants(image, source, subject)
    for _ in range(TRIES):
        given = draw(source, subject, split, pool, seed)
        try:
            wanted = meant(source, subject, given)
        except (UndecidedError, ValueError):
            continue
        if wanted is None:
            continue
        channel.send(given)
        got = loaded.run(source, subject, given)
        if got != wanted:
            channel.send(Difference(told(source, subject, given, got, wanted)))
            return
    channel.send(None)


def told(
    source: Source,
    subject: Subject,
    given: Numbers,
    got: tuple[Numbers, int | None],
    wanted: tuple[Numbers, int | None],
) -> str:
    """Where a run of the object and the source part, in named fields."""
    found = []
    if got[1] != wanted[1]:
        found.append(f"returns {got[1]}, and the source {wanted[1]}")
    for name, mine, theirs in zip(
        named(source, subject), flat(got[0]), flat(wanted[0]), strict=True
    ):
        if mine != theirs:
            found.append(f"leaves {name} = {mine}, and the source {theirs}")
    return f"{shown(source, subject, given)}: {'; '.join(found[:FEW])}"


def shown(source: Source, subject: Subject, given: Numbers) -> str:
    """The arguments of a call; of many words those that are not 0."""
    pairs = list(zip(named(source, subject), flat(given), strict=False))
    if len(pairs) > FEW:
        pairs = [(name, value) for name, value in pairs if value]
    return f"with {', '.join(f'{name} = {value}' for name, value in pairs)}"


def named(source: Source, subject: Subject) -> Iterator[str]:
    """Every word of the arguments by name."""
    for parameter in subject.parameters:
        if parameter.type in source.program.records:
            for name in source.layout.names[parameter.type]:
                yield f"{parameter.name}.{name}"
        else:
            yield parameter.name


def flat(numbers: Numbers) -> Iterator[int]:
    """All words in one row."""
    for each in numbers:
        yield from each
