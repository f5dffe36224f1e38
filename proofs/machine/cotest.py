"""The words that a function was lifted to, evaluated beside native runs of the same bytes.

Thousands of random arguments at once: on each path the rows that pass its tests are followed, every
call on the way is made natively on the words that the path passes, and what is returned and left in
every record must be what the processor returns and leaves. Each row must take exactly one path.
"""

import ctypes
import faulthandler
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dosekernel.spec.tree import NONE, Parameter

from ..terms import AND, CHOICE, CONDITION, INTEGER, NOT, OR, PRODUCT, SUM, TRUTH, VARIABLE, ZERO
from . import words
from .apart import apart
from .execute import End, Execution
from .image import Image
from .meaning import Source, Subject
from .native import AT, DIVISORS, LEAST, NOW, TIMES, Loaded, constants
from .paths import CELL
from .words import (
    APPLY,
    BELOW_SIGNED,
    BELOW_UNSIGNED,
    BIT_AND,
    BIT_OR,
    BIT_XOR,
    HOLDS,
    MEANINGS,
    RIGHT_SIGNED,
    Word,
    after_parts,
    mask,
)

Rows = NDArray[Any]
# Rows that are followed at once.
BATCH = 4000
PATIENCE = 600.0


@dataclass(frozen=True)
class CoTest:
    """What came of one function."""

    symbol: str
    rows: int = 0
    paths: int = 0
    reached: int = 0
    wrong: str = ""


def cotest(
    image: Image, source: Source, symbol: str, cases: Sequence[Mapping[str, int]], rows: int
) -> CoTest:
    """So many random rows of one function, in a process of its own."""
    with apart(_work, image, source, symbol, cases, rows) as (said, process):
        if not said.poll(PATIENCE):
            return CoTest(symbol, wrong="not done in time")
        try:
            found = said.recv()
        except EOFError:
            process.join()
            return CoTest(symbol, wrong=f"the processor stopped it (code {process.exitcode})")
        return found if isinstance(found, CoTest) else CoTest(symbol, wrong=str(found))


def _work(
    image: Image,
    source: Source,
    symbol: str,
    cases: Sequence[Mapping[str, int]],
    rows: int,
    channel: Connection,
) -> None:
    faulthandler.disable()
    try:
        channel.send(followed(image, source, symbol, cases, rows))
    except Exception as error:  # whatever breaks is an answer: not tested
        channel.send(f"{type(error).__name__}: {error}")
    channel.close()


def followed(
    image: Image, source: Source, symbol: str, cases: Sequence[Mapping[str, int]], rows: int
) -> CoTest:
    """All rows of a function, in batches, shared out among its cases."""
    subject = source.subject(symbol)
    assert subject is not None
    native = Natives(image, source)
    pool = constants(image, source, subject)
    chance = np.random.default_rng(len(symbol) + sum(symbol.encode()))
    done, paths, reached = 0, 0, 0
    share = -(-rows // len(cases))
    for case in cases:
        execution = Execution(image, image.functions[symbol], source, subject)
        ends = list(execution.ends(source.entry(subject, dict(case))))
        hits = np.zeros(len(ends), np.int64)
        left = share
        while left > 0:
            count = min(BATCH, left)
            given = drawn(source, subject, case, pool, count, chance)
            hits += batch(execution, ends, native, subject, given)
            left, done = left - count, done + count
        paths, reached = paths + len(ends), reached + int(np.count_nonzero(hits))
    return CoTest(symbol, done, paths, reached)


def batch(
    execution: Execution, ends: list[End], native: "Natives", subject: Subject, given: list[Rows]
) -> NDArray[np.int64]:
    """How many rows took each path; ValueError where words and processor part."""
    left, result = native.run(subject, given)
    count = len(given[0]) if given else 1
    hits, entry = np.zeros(len(ends), np.int64), entry_words(native.source, subject, given)
    for at, end in enumerate(ends):
        rows = Evaluation(native, entry, np.arange(count))
        if not all(rows.keep(test) for test in end.path.known.tests):
            continue
        hits[at] = len(rows.rows)
        if subject.returns != NONE:
            rax = end.path.registers[execution.offset("RAX")]
            rows.hold(rax, result, f"{subject.symbol} returns")
        for parameter, after in zip(subject.parameters, left, strict=True):
            if parameter.type in native.source.program.records:
                cells = [
                    end.path.memory[parameter.name, CELL * word] for word in range(after.shape[1])
                ]
                rows.hold_all(cells, after, parameter.name)
    if hits.sum() != count:
        raise ValueError(f"{count} rows took {hits.sum()} paths")
    return hits


def entry_words(source: Source, subject: Subject, given: list[Rows]) -> dict[Word, Rows]:
    """The words on entry by their variables."""
    found: dict[Word, Rows] = {}
    for parameter, each in zip(subject.parameters, given, strict=True):
        if parameter.type in source.program.records:
            for at, name in enumerate(source.layout.names[parameter.type]):
                found[words.variable(f"{parameter.name}.{name}")] = each[:, at]
        elif parameter.type == "bool":
            found[words.condition(parameter.name)] = each[:, 0] != 0
        else:
            found[words.variable(parameter.name)] = each[:, 0]
    return found


# ---- rows of words ---------------------------------------------------------------------------


class Evaluation:
    """Words on the rows that are left; signed 64-bit numbers, or Python's own where wider."""

    def __init__(self, native: "Natives", entry: dict[Word, Rows], rows: Rows) -> None:
        self.native, self.rows, self.entry = native, rows, entry
        self.values: dict[Word, Rows] = {}
        self.chance = np.random.default_rng(len(entry))
        self.matrices: dict[Word, Rows] = {}
        self.calls: dict[tuple[str, tuple[Word, ...]], tuple[list[Rows], Rows]] = {}

    def keep(self, test: Word) -> bool:
        """Go on with the rows on which a test holds; False if there are none."""
        kept = self.value(test).astype(bool)
        if kept.all():
            return True
        self.rows = self.rows[kept]
        self.values = {word: value[kept] for word, value in self.values.items()}
        self.matrices = {word: value[kept] for word, value in self.matrices.items()}
        self.calls = {
            key: ([each[kept] for each in left], result[kept])
            for key, (left, result) in self.calls.items()
        }
        return bool(len(self.rows))

    def hold_all(self, cells: list[Word], after: Rows, name: str) -> None:
        """Every word of a record; those that are as they were are looked at together."""
        same = [at for at, cell in enumerate(cells) if cell in self.entry]
        for at, cell in enumerate(cells):
            if cell not in self.entry:
                self.hold(cell, after[:, at], f"{name}[{at}]")
        before = np.stack([self.entry[cells[at]] for at in same], axis=1) if same else after[:, :0]
        if not np.array_equal(before[self.rows], after[self.rows][:, same]):
            raise ValueError(f"{name}: a word that is not written changed")

    def hold(self, word: Word, native: Rows, what: str) -> None:
        """A word must be what the processor left, on every row."""
        differs = np.flatnonzero(self.value(word) != native[self.rows])
        if len(differs):
            at = differs[0]
            raise ValueError(
                f"{what} is {native[self.rows][at]}, and was lifted to {self.value(word)[at]}"
            )

    def value(self, root: Word) -> Rows:
        """A word on all rows."""
        for word in after_parts(root, self.values, all_parts):
            self.values[word] = self.computed(word)
        return self.values[root]

    def computed(self, word: Word) -> Rows:
        """One word of words that are known."""
        count = len(self.rows)
        if word.operator in (INTEGER, TRUTH):
            return np.full(count, word.data, dtype=object if word.width > 64 else np.int64)
        if word in self.entry:
            return self.entry[word][self.rows]
        if word.operator in (VARIABLE, CONDITION):
            # What a callee left behind, or a register on entry: it may be anything.
            return self.chance.integers(-(1 << 63), (1 << 63) - 1, count) >> (64 - word.width)
        if word.operator in (APPLY, HOLDS):
            return self.called(word)
        kids = [self.values[kid] for kid in word.kids]
        if word.operator in FAST and all(kid.width in (0, 64) for kid in (word, *word.kids)):
            made: Rows = FAST[word.operator](kids, word.data)
            return made
        compute = MEANINGS[word.operator]
        inner, bits = word.kids[0].width, mask(word.width)
        lists = [(self.values[kid].astype(object) & mask(kid.width)).tolist() for kid in word.kids]
        found = [compute(world, inner, word.data) & bits for world in zip(*lists, strict=True)]
        return self.signed(found, word.width)

    def signed(self, found: list[int], width: int) -> Rows:
        """Unsigned numbers as signed words."""
        if width == 0:
            return np.array(found, dtype=np.int64)
        top = 1 << (width - 1)
        numbers = [value - 2 * top if value & top else value for value in found]
        return np.array(numbers, dtype=object if width > 64 else np.int64)

    def called(self, word: Word) -> Rows:
        """What a call returned or left, made natively on the words that it was given."""
        name, _, rest = str(word.data).partition(" ")
        key = (name, word.kids)
        subject = self.native.source.by_name[name]
        if key not in self.calls:
            given = [self.matrix(kid) for kid in word.kids]
            self.calls[key] = self.native.run(subject, given)
        left, result = self.calls[key]
        if rest == "returns":
            return result
        parameter, _, place = rest.removeprefix("leaves ").partition("[")
        names = [each.name for each in subject.parameters]
        return left[names.index(parameter)][:, int(place.rstrip("]"))]

    def matrix(self, word: Word) -> Rows:
        """An argument: one column, or a column for each word of a record."""
        if word not in self.matrices:
            columns = [self.values[each] for each in parts(word)]
            self.matrices[word] = np.ascontiguousarray(np.stack(columns, axis=1), dtype=np.int64)
        return self.matrices[word]


def weighed(kids: list[Rows], data: object) -> Rows:
    """A sum, which wraps."""
    assert isinstance(data, tuple)
    total = np.full(len(kids[0]), data[0], dtype=np.int64)
    for kid, factor in zip(kids, data[1:], strict=True):
        total += kid * np.int64(factor)
    return total


def multiplied(kids: list[Rows], _: object) -> Rows:
    """A product, which wraps."""
    product = kids[0]
    for kid in kids[1:]:
        product = product * kid
    return product


# The operations on 64-bit words that are met most, on whole columns.
FAST: dict[str, Callable[[list[Rows], Any], Rows]] = {
    SUM: weighed,
    PRODUCT: multiplied,
    ZERO: lambda kids, _: kids[0] == 0,
    BELOW_SIGNED: lambda kids, _: kids[0] < kids[1],
    BELOW_UNSIGNED: lambda kids, _: kids[0].view(np.uint64) < kids[1].view(np.uint64),
    NOT: lambda kids, _: ~kids[0].astype(bool),
    AND: lambda kids, _: np.logical_and.reduce([kid.astype(bool) for kid in kids]),
    OR: lambda kids, _: np.logical_or.reduce([kid.astype(bool) for kid in kids]),
    CHOICE: lambda kids, _: np.where(kids[0].astype(bool), kids[1], kids[2]),
    RIGHT_SIGNED: lambda kids, data: kids[0] >> data,
    BIT_AND: lambda kids, _: kids[0] & kids[1],
    BIT_OR: lambda kids, _: kids[0] | kids[1],
    BIT_XOR: lambda kids, _: kids[0] ^ kids[1],
}


def parts(word: Word) -> tuple[Word, ...]:
    """The words of a record that is passed, or the word itself."""
    return word.kids if word.operator == APPLY and word.data == "record" else (word,)


def all_parts(word: Word) -> tuple[Word, ...]:
    """The words that a word is made of, those of its records one by one."""
    return tuple([part for kid in word.kids for part in parts(kid)])


# ---- the processor ---------------------------------------------------------------------------


class Natives:
    """The functions of an object, called row by row."""

    def __init__(self, image: Image, source: Source) -> None:
        self.source, self.loaded = source, Loaded(image)
        self.entries: dict[str, Any] = {}

    def run(self, subject: Subject, given: list[Rows]) -> tuple[list[Rows], Rows]:
        """What a function leaves in its arguments and returns, on each row."""
        left = [each.copy() for each in given]
        count = len(given[0]) if given else 1
        result = np.zeros(count, np.int64)
        call = self.entry(subject)
        steps = [self.step(*pair) for pair in zip(subject.parameters, left, strict=True)]
        returns = subject.returns != NONE
        for row in range(count):
            said = call(*[start + row * step if step else each[row]
                          for start, step, each in steps])  # fmt: skip
            if returns:
                result[row] = said
        return left, result

    def step(self, parameter: Parameter, each: Rows) -> tuple[int, int, list[int]]:
        """Where an argument's first row lies and how far the next; or the numbers themselves."""
        if parameter.type in self.source.program.records:
            return each.ctypes.data, each.strides[0], []
        return 0, 0, each[:, 0].tolist()

    def entry(self, subject: Subject) -> Any:
        """A function by its address."""
        if subject.symbol not in self.entries:
            kinds = [
                ctypes.c_void_p if each.type in self.source.program.records else ctypes.c_int64
                for each in subject.parameters
            ]
            returns = None if subject.returns == NONE else ctypes.c_int64
            address = self.loaded.image.functions[subject.symbol].address + self.loaded.shift
            self.entries[subject.symbol] = ctypes.CFUNCTYPE(returns, *kinds)(address)
        return self.entries[subject.symbol]


def drawn(
    source: Source,
    subject: Subject,
    case: Mapping[str, int],
    pool: Sequence[int],
    count: int,
    chance: np.random.Generator,
) -> list[Rows]:
    """Random arguments, a row each: numbers of the tests, copies, small ones, and any."""
    found: list[Rows] = []
    usual = chance.random(count) < 0.5
    earlier: list[Rows] = []
    for parameter in subject.parameters:
        names: Sequence[str] = (parameter.name,)
        if parameter.type in source.program.records:
            names = source.layout.names[parameter.type]
        columns = []
        for name in names:
            column = number(pool, earlier, usual, count, chance)
            if parameter.type == "bool":
                column &= 1
            if name in case:
                column[:] = case[name]
            if name.rpartition(".")[2] in DIVISORS:
                column = np.where(column < LEAST, LEAST + chance.integers(0, 5000, count), column)
            if name == NOW:
                column = column & TIMES
            elif parameter.name == AT:
                column = after(column & TIMES, source, subject, found)
            columns.append(column)
            earlier.append(column)
        found.append(np.ascontiguousarray(np.stack(columns, axis=1)))
    return found


def after(column: Rows, source: Source, subject: Subject, found: list[Rows]) -> Rows:
    """A time that is not before the state's own: inner functions are given no other."""
    for parameter, each in zip(subject.parameters, found, strict=False):
        names = source.layout.names.get(parameter.type, ())
        if NOW in names:
            later: Rows = each[:, names.index(NOW)] + column
            return later
    return column


def number(
    pool: Sequence[int],
    earlier: list[Rows],
    usual: Rows,
    count: int,
    chance: np.random.Generator,
) -> Rows:
    """One random word for each row."""
    kind = np.where(usual, chance.random(count), 1 + chance.random(count))
    small = chance.integers(0, 3, count)
    known = chance.choice(np.array(pool, dtype=np.int64), count)
    sized = chance.integers(0, 1 << 40, count) >> chance.integers(0, 40, count)
    any_word = chance.integers(-(1 << 63), (1 << 63) - 1, count) >> chance.integers(0, 40, count)
    copied = earlier[-1 - int(chance.integers(0, min(8, len(earlier))))] if earlier else small
    return np.select(
        [kind < 0.5, kind < 0.8, kind < 1.0, kind < 1.3, kind < 1.5, kind < 1.8],
        [small, known, sized, known, copied, chance.integers(-8, 9, count)],
        any_word,
    )
