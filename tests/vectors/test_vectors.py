"""One vector file through every face: they all answer alike, and a wrong word in it is named."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import dosekernel
from dosekernel import Interpreted, Kernel

from . import make, report, vector_file
from .faces import DifferenceError, play, play_batch, play_together
from .vector_file import FILE, History, Step, VectorError, Vectors

HERE = Path(__file__).parent
LARGEST = 400_000  # bytes; the file is read by people and kept in version control
STRICT = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror"]


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return vector_file.read()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The C file and the runner, compiled as a user would."""
    folder, include = tmp_path_factory.mktemp("vectors"), dosekernel.get_include()
    target = folder / "host"
    sources = [HERE / "host.c", HERE / "runner.c", Path(include) / "dosekernel.c"]
    compiler = shutil.which("cc") or "gcc"
    subprocess.run([compiler, *STRICT, f"-I{include}", *sources, "-o", target], check=True)
    return target


def run(program: Path, words: bytes, folder: Path) -> tuple[int, str]:
    """The program's exit code, and what it printed."""
    path = folder / "vectors.bin"
    path.write_bytes(words)
    done = subprocess.run([program, path], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def broken(vectors: Vectors, place: int, field: str) -> tuple[Vectors, History, int]:
    """One expected word changed; the history it is in, and the number of its event."""
    histories = list(vectors.histories)
    history = histories[place]
    number, step = next(
        (number, move)
        for number, move in enumerate(history.moves, 1)
        if isinstance(move, Step) and number > 3
    )
    if field == "state":
        wrong = replace(step, state=step.state ^ 1)
    else:
        words = list(step.outcome)
        words[vector_file.OUTCOME_FIELDS.index(field)] += 1
        wrong = replace(step, outcome=tuple(words))
    moves = tuple(wrong if move is step else move for move in history.moves)
    histories[place] = History(history.start, moves)
    return replace(vectors, histories=tuple(histories)), history, number


# ---- the file


def test_the_file_is_what_the_generator_makes() -> None:
    made = make.make()
    assert not make.unreached(made)
    differs = "dosing.jsonl differs: python -m tests.vectors.make, then read the difference"
    assert vector_file.text_of(made) == FILE.read_text(encoding="utf-8"), differs


def test_the_file_is_small_and_reads_back(vectors: Vectors) -> None:
    assert FILE.stat().st_size < LARGEST
    assert vectors.steps > 2000
    assert vector_file.text_of(vectors) == FILE.read_text(encoding="utf-8")


def test_what_is_not_reached_is_named(vectors: Vectors) -> None:
    fewer = replace(vectors, histories=vectors.histories[:3])
    missing = make.unreached(fewer)
    assert {"REASON_DAY", "MODE_FAULTED", "ALARM_GAP", "kind 10", "H70", "status 3"} <= set(missing)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1,2]", "line 2: .*1 words; allowed: 26 whole numbers"),
        ("{}", "line 2: KeyError"),
        ("{", "line 2: .*allowed: one JSON value"),
        ("[" + "1," * 26 + '"0"]', "line 2: .*before the first history"),
    ],
)
def test_a_wrong_line_is_named(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.jsonl"
    first = FILE.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(f"{first}\n{line}\n", encoding="utf-8")
    with pytest.raises(VectorError, match=message):
        vector_file.read(path)


def test_one_other_word_always_changes_the_sum() -> None:
    words = [7] * 390
    sums = {vector_file.sum_of([*words[:i], 8, *words[i + 1 :]]) for i in range(390)}
    assert len(sums) == 390
    assert vector_file.sum_of(words) not in sums


# ---- the faces


@pytest.mark.parametrize("kind", [Interpreted, Kernel], ids=["interpreted", "extension"])
def test_python_agrees(kind: type[Kernel] | type[Interpreted], vectors: Vectors) -> None:
    assert play(kind, vectors) == vectors.steps


@pytest.mark.parametrize("as_array", [False, True], ids=["one-kernel", "array-of-states"])
def test_numpy_agrees(as_array: bool, vectors: Vectors) -> None:
    assert play_batch(vectors, as_array) == vectors.steps


def test_numpy_agrees_on_many_pumps_at_once(vectors: Vectors) -> None:
    assert play_together(vectors) == make.WALK_STEPS * len(make.SEEDS)


def test_c_agrees(program: Path, vectors: Vectors, tmp_path: Path) -> None:
    status, printed = run(program, vector_file.binary_of(vectors), tmp_path)
    found = report.read(printed, vectors)
    assert found.differences == ()
    assert status == 0
    assert found.complete(vectors)


# ---- a wrong word is found


@pytest.mark.parametrize("field", ["status", "alarms", "rate", "state"])
def test_a_wrong_word_is_named(field: str, program: Path, vectors: Vectors, tmp_path: Path) -> None:
    wrong, history, number = broken(vectors, 7, field)
    status, printed = run(program, vector_file.binary_of(wrong), tmp_path)
    found = report.read(printed, wrong)
    assert status == 1
    assert found.failed == 1
    assert not found.complete(wrong)
    name = field if field == "state" else f"outcome.{field}"
    (told,) = found.differences
    assert f'history "{history.start.name}", event {number}, {name}: expected' in told
    with pytest.raises(DifferenceError, match=f"{name}: expected"):
        play(Kernel, wrong)
    with pytest.raises(DifferenceError, match=f"outcome.status|{name}: expected"):
        play_batch(broken(vectors, 7, "status")[0], as_array=False)


def test_words_that_are_no_vectors_are_refused(
    program: Path, vectors: Vectors, tmp_path: Path
) -> None:
    words = vector_file.binary_of(vectors)
    for other in (words[:8], words[:-8], words[8:], b"\0" * 800, words[:24] + words[32:]):
        status, printed = run(program, other, tmp_path)
        assert status == 1
        assert "differs" in printed
        assert not report.read(printed, vectors).complete(vectors)


def test_a_program_that_tells_nothing_is_no_success(vectors: Vectors) -> None:
    with pytest.raises(ValueError, match="told no tally"):
        report.read("nothing\n", vectors)
