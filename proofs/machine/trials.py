"""Wrong objects, on purpose: flipped bits, and faults of the source compiled into the object alone.

None may pass. One may be proved only where the operations are the same, or where what was changed
decides nothing: those are listed, and run beside the source on this processor.
"""

import random
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path

from dosekernel.compile import CompileError, build_c
from dosekernel.spec.language import LanguageError, kernel_files, parse_kernel

from ..mutants.generate import Mutant, mutants
from .apart import apart
from .execute import Execution, TooLongError
from .image import Code, Image, read_image
from .judge import Settings, Standing, judge
from .lift import NotUnderstoodError, lift
from .meaning import Source, Subject
from .native import Split, find_difference

# Seconds for one wrong function; one that takes longer is not proved.
PATIENCE = 30.0


class Fate(StrEnum):
    """What became of a wrong object."""

    REFUSED = "not proved"
    SLOW = "not proved in time"
    SAME = "the same operations"
    EQUAL = "proved equal: it decides nothing"
    UNREACHED = "never run"
    PASSED = "PASSED"


@dataclass(frozen=True)
class Trial:
    """One wrong object: what was changed, and what became of it."""

    symbol: str
    change: str
    fate: Fate
    detail: str = ""


def fate_of(image: Image, source: Source, symbol: str, settings: Settings) -> tuple[Fate, str]:
    """Judge one function in a process of its own, which is ended when its time is up."""
    with apart(_judge, image, source, symbol, settings) as (said, _):
        if not said.poll(PATIENCE):
            return Fate.SLOW, ""
        try:
            standing, detail = said.recv()
        except EOFError:
            return Fate.REFUSED, "the prover itself stopped"
        return (Fate.PASSED if standing is Standing.PROVED else Fate.REFUSED), detail


def _judge(
    image: Image, source: Source, symbol: str, settings: Settings, channel: Connection
) -> None:
    found = judge(image, source, symbol, settings)
    channel.send((found.standing, f"{found.standing.value}: {found.detail}"))


# ---- flipped bits ----------------------------------------------------------------------------


def flips(
    image: Image, source: Source, settings: Settings, count: int, seed: int
) -> Iterator[Trial]:
    """Flip so many bits, one at a time, each in some function."""
    chance = random.Random(seed)
    codes = [
        image.functions[symbol] for symbol in sorted(source.subjects) if symbol in image.functions
    ]
    for _ in range(count):
        code = chance.choices(codes, weights=[len(each.data) for each in codes])[0]
        at, bit = chance.randrange(len(code.data)), chance.randrange(8)
        wrong = with_bytes(image, code, at, bytes([code.data[at] ^ 1 << bit]))
        fate, detail = fate_of(wrong, source, code.name, settings)
        if fate is Fate.PASSED:
            split = settings.cases.get(source.subjects[code.name].name, {})
            fate, detail = survivor(image, wrong, source, (code, at), split)
        yield Trial(code.name, f"{code.address + at:#x} bit {bit}", fate, detail)


def survivor(
    image: Image, wrong: Image, source: Source, place: tuple[Code, int], split: Split
) -> tuple[Fate, str]:
    """A flip that was proved: the same operations, or equal on every run that was tried."""
    code, at = place
    before, after = operations(image, code), operations(wrong, wrong.functions[code.name])
    if before == after:
        return Fate.SAME, ""
    subject = source.subjects[code.name]
    difference = find_difference(wrong, source, subject, split)
    changed = [f"{a[1]} is now {b[1]}" for a, b in zip(before, after, strict=False) if a != b]
    if difference is not None:
        return Fate.PASSED, difference.text
    fate = Fate.EQUAL if reached(wrong, source, subject, at) else Fate.UNREACHED
    return fate, "; ".join(changed[:2])


def reached(image: Image, source: Source, subject: Subject, at: int) -> bool:
    """True if some path comes by the instruction that holds a byte; so too if that is not known."""
    execution = Execution(image, image.functions[subject.symbol], source, subject)
    try:
        list(execution.ends(source.entry(subject, {})))
    except (NotUnderstoodError, TooLongError):
        return True
    address = image.functions[subject.symbol].address + at
    return any(
        each <= address < execution.instructions[each].after
        for each in execution.visited & execution.instructions.keys()
    )


def operations(image: Image, code: Code) -> list[tuple[object, str]]:
    """What a function does, instruction by instruction, in the lifter's operations."""
    try:
        found = lift(image, code).values()
    except NotUnderstoodError:
        return []
    return [((each.address, each.operations), each.text) for each in found]


def with_bytes(image: Image, code: Code, at: int, data: bytes) -> Image:
    """The image with some bytes of a function changed."""
    address = code.address + at
    segments = []
    for each in image.segments:
        start = address - each.address
        if 0 <= start < len(each.data):
            changed = each.data[:start] + data + each.data[start + len(data) :]
            segments.append(replace(each, data=changed))
        else:
            segments.append(each)
    new = replace(code, data=code.data[:at] + data + code.data[at + len(data) :])
    functions = {**image.functions, code.name: new}
    return replace(image, segments=tuple(segments), functions=functions)


# ---- faults of the source, in the object alone -----------------------------------------------


def faults(
    kernel: Path, source: Source, settings: Settings, compiler: Sequence[str], count: int, seed: int
) -> Iterator[Trial]:
    """So many faults of the kernel's source, compiled; each function held against the true source.

    One build takes one fault of each function: functions are judged one by one.
    """
    sources = {path.name: path.read_text(encoding="utf-8") for path in kernel_files(kernel)}
    modules = {name.removesuffix(".py"): text for name, text in sources.items()}
    known = {each.name: symbol for symbol, each in source.subjects.items()}
    waiting = [each for each in mutants(modules, parse_kernel(kernel)) if each.function in known]
    random.Random(seed).shuffle(waiting)
    waiting = waiting[:count]
    while waiting:
        batch: dict[str, Mutant] = {}
        for each in waiting:
            batch.setdefault(each.function, each)
        waiting = [each for each in waiting if each not in batch.values()]
        for mutant, image in built(modules, list(batch.values()), compiler):
            change = f"{mutant.module}:{mutant.line} {mutant.shown}"
            symbol = known[mutant.function]
            if isinstance(image, str):
                yield Trial(symbol, change, Fate.REFUSED, f"it is no kernel: {image}")
                continue
            fate, detail = fate_of(image, source, symbol, settings)
            if fate is Fate.PASSED:
                split = settings.cases.get(mutant.function, {})
                # Alone: a run goes through its callees, and here they have faults too.
                alone = compiled(modules, [mutant], compiler)
                difference = find_difference(alone, source, source.subjects[symbol], split)
                if difference is None:
                    fate, detail = Fate.EQUAL, ""
                else:
                    detail = difference.text
            yield Trial(symbol, change, fate, detail)


def built(
    modules: dict[str, str], batch: list[Mutant], compiler: Sequence[str]
) -> Iterator[tuple[Mutant, Image | str]]:
    """The object of a kernel with these faults; one by one if they cannot be built together."""
    try:
        image: Image | str = compiled(modules, batch, compiler)
    except (LanguageError, CompileError, SyntaxError) as error:
        if len(batch) > 1:
            half = len(batch) // 2
            yield from built(modules, batch[:half], compiler)
            yield from built(modules, batch[half:], compiler)
            return
        image = str(error)
    for mutant in batch:
        yield mutant, image


def compiled(modules: dict[str, str], batch: list[Mutant], compiler: Sequence[str]) -> Image:
    """Write a kernel with its faults, make C of it, compile that, and read the object."""
    texts = dict(modules)
    for mutant in sorted(batch, key=lambda each: -each.start):
        text = texts[mutant.module]
        texts[mutant.module] = text[: mutant.start] + mutant.text + text[mutant.end :]
    with tempfile.TemporaryDirectory() as name:
        kernel = Path(name) / "kernel"
        kernel.mkdir()
        for module, text in texts.items():
            (kernel / f"{module}.py").write_text(text, encoding="utf-8")
        return compiled_c(build_c(kernel, Path(name) / "c").c_path, compiler)


def compiled_c(path: Path, compiler: Sequence[str]) -> Image:
    """The object of a C file."""
    made = path.with_suffix(".o")
    command = [*compiler, f"-I{path.parent}", "-c", str(path), "-o", str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CompileError(done.stderr.strip().partition("\n")[0])
    return read_image(made)
