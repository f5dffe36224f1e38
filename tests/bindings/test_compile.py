"""Kernel to C: plain text without a library, and the same words as the interpreted kernel."""

import ctypes
import importlib
import itertools
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import dosekernel
import dosekernel.kernel
from dosekernel.compile import VERSION, Built, CompileError, build_c, layout, symbols, word_count
from dosekernel.spec.language import LanguageError, parse_kernel
from dosekernel.spec.limits import Limits, preset_names

KERNEL = Path(dosekernel.kernel.__file__ or "").parent
MINI = Path(__file__).parent / "mini_kernel"
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
STRICT = ["-std=c11", "-ffreestanding", "-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror"]
LEVELS = ["-O0", "-O1", "-O2", "-O3", "-Os"]
ENTRIES = {"dosekernel_init", "dosekernel_adopt", "dosekernel_step", "dosekernel_version"}


def run(*command: str | Path) -> str:
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def mini_kernel(folder: Path) -> Path:
    """A small kernel with every construct of the language, written out as modules."""
    kernel = folder / "mini_kernel"
    kernel.mkdir()
    for path in sorted(MINI.glob("*.txt")):
        shutil.copy(path, kernel / f"{path.stem}.py")
    shutil.copy(KERNEL / "contract.py", kernel)
    return kernel


@dataclass(frozen=True)
class Case:
    """A kernel, what was built of it, its compiled entries and its interpreted modules."""

    kernel: Path
    built: Built
    library: ctypes.CDLL
    records: ModuleType
    step: ModuleType


def load(folder: Path, name: str) -> tuple[ModuleType, ModuleType]:
    """The interpreted kernel of a folder."""
    if folder == KERNEL:
        package = "dosekernel.kernel"
    else:
        package = name
        sys.path.insert(0, str(folder.parent))
    try:
        records = importlib.import_module(f"{package}.records")
        return records, importlib.import_module(f"{package}.step")
    finally:
        if folder != KERNEL:
            sys.path.remove(str(folder.parent))


@pytest.fixture(scope="module", params=["mini_kernel", "kernel"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp(request.param)
    kernel = KERNEL
    if request.param == "mini_kernel":
        kernel = mini_kernel(folder)
    built = build_c(kernel, folder / "out")
    shared = folder / "kernel.so"
    run(COMPILERS[0], "-O2", "-fPIC", "-shared", "-fvisibility=hidden", built.c_path, "-o", shared)
    library = ctypes.CDLL(str(shared))
    for entry in ("dosekernel_init", "dosekernel_adopt", "dosekernel_step"):
        getattr(library, entry).restype = ctypes.c_int64
    library.dosekernel_version.restype = ctypes.c_char_p
    records, step = load(kernel, request.param)
    return Case(kernel, built, library, records, step)


# ---- the text


@pytest.mark.parametrize("compiler", COMPILERS)
def test_it_compiles_clean_and_needs_no_symbol(case: Case, compiler: str, tmp_path: Path) -> None:
    target = tmp_path / "kernel.o"
    for level, more in itertools.product(LEVELS, (STRICT, ["-fwrapv", "-DDOSEKERNEL_PROVED"])):
        run(compiler, *more, level, "-c", case.built.c_path, "-o", target)
        assert run("nm", "-u", target).strip() == "", (compiler, level)
        exported = {line.split()[-1] for line in run("nm", "-g", target).splitlines()}
        assert exported == ENTRIES
        # A user's plain build has no flag of ours.
    run(compiler, "-O3", "-march=native", "-c", case.built.c_path, "-o", target)
    assert run("nm", "-u", target).strip() == ""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_proved_build_keeps_every_function(case: Case, compiler: str, tmp_path: Path) -> None:
    target = tmp_path / "kernel.o"
    run(compiler, "-O2", "-DDOSEKERNEL_PROVED", "-c", case.built.c_path, "-o", target)
    kept = {line.split()[-1] for line in run("nm", target).splitlines()}
    assert set(symbols(parse_kernel(case.kernel)).values()) <= kept


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("standard", ["c99", "c11", "c++11", "c++17"])
def test_the_header_stands_alone(case: Case, compiler: str, standard: str, tmp_path: Path) -> None:
    language = "c++" if "++" in standard else "c"
    user = tmp_path / f"user.{language}"
    user.write_text('#include "dosekernel.h"\n')
    flags = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-std={standard}", "-fsyntax-only"]
    run(compiler, "-x", language, *flags, "-I", case.built.header_path.parent, user)


def test_only_plain_c_is_left(case: Case) -> None:
    text = case.built.c_path.read_text() + case.built.header_path.read_text()
    assert not re.search(r"pyx|Pyx|PyObject|Python\.h|CYTHON|\bgoto L0\b", text)
    assert set(re.findall(r"#include (\S+)", text)) == {'"dosekernel.h"', "<stdint.h>"}
    assert not re.search(r"\b(int|long|float|double|malloc)\b(?! \*)", _code(case.built.c_path))


def _code(path: Path) -> str:
    return re.sub(r'/\*.*?\*/|"[^"]*"', "", path.read_text(), flags=re.DOTALL)


def test_the_header_warns_and_names_every_constant_and_field(case: Case) -> None:
    text = case.built.header_path.read_text()
    for phrase in ("one sequencer", "safety bound", "do not overlap", "not a medical device"):
        assert phrase in text
    program = parse_kernel(case.kernel)
    for name in program.constants:
        assert f"#define DOSEKERNEL_{name} " in text
    for record in program.records.values():
        for word in record.words:
            assert re.search(rf"^    \w+ {word.name}[\[;]", text, re.MULTILINE)


# ---- the bytes


def test_the_same_source_gives_the_same_bytes(case: Case, tmp_path: Path) -> None:
    again = build_c(case.kernel, tmp_path)
    assert again.c_hash == case.built.c_hash
    assert again.c_path.read_bytes() == case.built.c_path.read_bytes()
    assert again.header_path.read_bytes() == case.built.header_path.read_bytes()


def test_a_build_is_repeated_only_if_something_changed(tmp_path: Path) -> None:
    kernel = mini_kernel(tmp_path)
    first = build_c(kernel, tmp_path / "out")
    stamp = first.c_path.stat().st_mtime_ns
    assert build_c(kernel, tmp_path / "out") == first
    assert first.c_path.stat().st_mtime_ns == stamp
    text = first.c_path.read_text()
    first.c_path.write_text(text + "/* changed */\n")
    assert build_c(kernel, tmp_path / "out") == first
    assert first.c_path.read_text() == text
    window = kernel / "window.py"
    window.write_text(window.read_text().replace("amount == 7", "amount == 8"))
    changed = build_c(kernel, tmp_path / "out")
    assert changed.source_hash != first.source_hash
    assert changed.c_hash != first.c_hash


def test_the_version_names_the_source(case: Case) -> None:
    version = case.library.dosekernel_version().decode()
    assert version.startswith(f"dosekernel {VERSION} layout ")
    assert version.endswith(case.built.source_hash)


def test_the_version_is_that_of_the_package() -> None:
    assert dosekernel.__version__ == VERSION


# ---- what is refused


def test_source_outside_the_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text("while True:\n    pass\n")
    with pytest.raises(LanguageError, match=r"step\.py:1: while may not end"):
        build_c(tmp_path, tmp_path / "out")


def test_a_kernel_without_an_entry_is_refused(tmp_path: Path) -> None:
    (tmp_path / "step.py").write_text("def step(at: int) -> int:\n    return at\n")
    with pytest.raises(CompileError, match="the kernel defines no function initialise"):
        build_c(tmp_path, tmp_path / "out")


def test_two_things_of_one_name_are_refused(tmp_path: Path) -> None:
    kernel = mini_kernel(tmp_path)
    for path in (kernel / "window.py", kernel / "step.py"):
        path.write_text(re.sub(r"\bhalf\b", "init", path.read_text()))
    with pytest.raises(CompileError, match="dosekernel_init: both the function init"):
        build_c(kernel, tmp_path / "out")


def test_a_constant_with_the_name_of_a_macro_is_refused(tmp_path: Path) -> None:
    kernel = mini_kernel(tmp_path)
    for path in kernel.glob("*.py"):
        path.write_text(re.sub(r"\bLOWEST\b", "INTERNAL", path.read_text()))
    with pytest.raises(CompileError, match="DOSEKERNEL_INTERNAL: a constant with the name"):
        build_c(kernel, tmp_path / "out")


# ---- the words


def test_the_layout_is_the_one_that_c_asserts(case: Case) -> None:
    program = parse_kernel(case.kernel)
    places = layout(program)
    for record, words in places.items():
        assert [offset for _, offset in words] == list(range(word_count(program, record)))
        assert len(words) == len(getattr(case.records, record)().words())
    text = case.built.header_path.read_text()
    state = dict(places["State"])
    assert f"__builtin_offsetof(dosekernel_words, now) == {state['now'] * 8}, " in text
    assert places["Window"][3] == ("slots[3]", 3)


class Pair:
    """One record twice: interpreted, and as words for C."""

    def __init__(self, case: Case, record: str) -> None:
        self.python = getattr(case.records, record)()
        self.c = (ctypes.c_int64 * len(self.python.words()))()

    def set(self, words: list[int]) -> None:
        self.python.set_words(words)
        for position, word in enumerate(words):
            self.c[position] = word

    def agree(self) -> bool:
        return bool(self.python.words() == list(self.c))


def both(case: Case, entry: str, symbol: str, *arguments: Any) -> int:
    """Run both kernels; every word and the value returned must agree."""
    expected = getattr(case.step, entry)(
        *(each.python if isinstance(each, Pair) else each for each in arguments)
    )
    found = getattr(case.library, symbol)(
        *(each.c if isinstance(each, Pair) else ctypes.c_int64(each) for each in arguments)
    )
    assert found == expected
    for each in arguments:
        assert not isinstance(each, Pair) or each.agree()
    return int(found)


def limits_for(case: Case) -> list[list[int]]:
    """Limits to adopt: those of the presets, or any for the small kernel."""
    if case.kernel != KERNEL:
        return [[1], [900]]
    return [Limits.load(name).to_record().words() for name in preset_names()]


def events(case: Case, chance: random.Random) -> Iterator[list[int]]:
    """A life of events: sane ones mostly, times that advance, ids that rise; and noise."""
    count = len(case.records.Event().words())
    at, number = 0, 0
    for kind in (13, 14, 2, 15, 17, 16, 1, 2, 8, *(chance.randint(0, 21) for _ in range(400))):
        at += chance.choice((0, 1000, 60_000, 300_000, 3_600_000))
        number += chance.choice((0, 1, 1, 1, 5))
        if count == 2:
            yield [at, chance.randint(-5, 2**40)]
            continue
        amount = chance.choice(
            (0, 50_000, 100_000, 1_000_000, 200_000_000, chance.randint(0, 2**38))
        )
        rate = chance.choice((0, 500_000, 1_000_000, chance.randint(0, 2**34)))
        duration = chance.choice((0, 1_800_000, 7_200_000))
        words = [kind, number, at, at, chance.choice((1, 1, 1, 2, 3, 4)), amount, rate, duration]
        yield [*words, chance.choice((0, 50, 90, 180)), chance.randint(0, 6)]
        if chance.random() < 0.05:
            yield [chance.randint(-(2**63), 2**63 - 1) for _ in range(count)]


@pytest.mark.parametrize("seed", range(6))
def test_compiled_and_interpreted_agree_word_for_word(case: Case, seed: int) -> None:
    chance = random.Random(seed)
    limits, memory = Pair(case, "Limits"), Pair(case, "Memory")
    event, outcome = Pair(case, "Event"), Pair(case, "Outcome")
    choices = limits_for(case)
    limits.set(choices[seed % len(choices)])
    memory.set([chance.randint(-5, 5) for _ in memory.c])
    assert both(case, "initialise", "dosekernel_init", memory, limits, 0) == 0
    statuses = set()
    for words in events(case, chance):
        event.set(words)
        statuses.add(both(case, "step", "dosekernel_step", memory, event, outcome))
        if chance.random() < 0.05:
            limits.set(chance.choice(choices))
            both(case, "adopt", "dosekernel_adopt", memory, limits, words[0])
    assert len(statuses) >= (1 if case.kernel != KERNEL else 2)


def test_any_words_at_all_agree(case: Case) -> None:
    chance = random.Random(7)
    memory, limits = Pair(case, "Memory"), Pair(case, "Limits")
    event, outcome = Pair(case, "Event"), Pair(case, "Outcome")
    half = len(memory.c) // 2
    for _ in range(200):
        state = [chance.choice((0, 1, -1, chance.randint(-(2**62), 2**62))) for _ in range(half)]
        memory.set([*state, *(-1 - word for word in state)])
        if case.kernel == KERNEL or chance.random() < 0.5:
            memory.c[half] = ~memory.c[half]
            memory.set(list(memory.c))
        event.set([chance.randint(-(2**63), 2**63 - 1) for _ in event.c])
        outcome.set([chance.randint(-9, 9) for _ in outcome.c])
        limits.set([chance.randint(-9, 9) for _ in limits.c])
        if case.kernel == KERNEL:
            assert both(case, "initialise", "dosekernel_init", memory, limits, 0) != 0
        assert memory.agree()
        if memory.c[half] != -1 - memory.c[0]:
            both(case, "step", "dosekernel_step", memory, event, outcome)


# ---- a program that links it

PROGRAM = """\
#include <stdio.h>
#include "dosekernel.h"

int main(void) {
    static dosekernel_state state;
    static dosekernel_limits limits;
    static dosekernel_event event;
    static dosekernel_outcome outcome;
    int64_t value, *words = (int64_t *)&limits;
    for (size_t i = 0; i < sizeof limits / sizeof value; i++) {
        if (scanf("%lld", (long long *)&value) != 1) return 2;
        words[i] = value;
    }
    printf("%lld", (long long)dosekernel_init(&state, &limits, 0));
    event.kind = DOSEKERNEL_TICK;
    event.source = DOSEKERNEL_USER;
    event.at = DOSEKERNEL_MINUTE;
    printf(" %lld", (long long)dosekernel_step(&state, &event, &outcome));
    printf(" %lld %lld\\n", (long long)outcome.pulses, (long long)state.state.now);
    state.state.now++;
    printf("%lld\\n", (long long)dosekernel_step(&state, &event, &outcome));
    return 0;
}
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_small_program_links_it(compiler: str, tmp_path: Path) -> None:
    built = build_c(KERNEL, tmp_path)
    (tmp_path / "program.c").write_text(PROGRAM)
    target = tmp_path / "program"
    run(compiler, "-O2", tmp_path / "program.c", built.c_path, "-o", target)
    words = Limits.load("insulin-u100").to_record().words()
    done = subprocess.run(
        [target], input=" ".join(map(str, words)), capture_output=True, text=True, check=True
    )
    first, corrupt = done.stdout.splitlines()
    assert first == "0 1 0 60000"
    assert corrupt == "4"
