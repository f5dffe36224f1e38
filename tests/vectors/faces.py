"""The vectors on the Python faces: each replays a history and raises at the first difference."""

from collections.abc import Iterator, Sequence

import numpy as np

from dosekernel import Event, Interpreted, Kernel
from dosekernel.batch import EVENT, STATE_WORDS, WORD, Rows, step_many
from dosekernel.face import WORDS

from .vector_file import OUTCOME_FIELDS, Adopt, Damage, History, Step, Vectors, sum_of


class DifferenceError(AssertionError):
    """A face that answers otherwise than the file: which history, line, field."""


def compare(history: History, line: int, field: str, expected: object, found: object) -> None:
    """Raise if they differ."""
    if expected != found:
        name = history.start.name
        raise DifferenceError(
            f'line {line}, history "{name}", {field}: expected {expected}, found {found}'
        )


def compare_outcome(history: History, step: Step, found: Sequence[int]) -> None:
    """Every word of an outcome."""
    for field, one, two in zip(OUTCOME_FIELDS, step.outcome, found, strict=True):
        compare(history, step.line, f"outcome.{field}", one, int(two))


def start(kind: type[Kernel] | type[Interpreted], vectors: Vectors, history: History) -> "Face":
    """A pump of a face at the start of a history."""
    begin = history.start
    kernel = kind.__new__(kind)
    kernel._set_words([0] * WORDS)
    reason = kernel._initialise(vectors.limits[begin.limits], begin.at)
    compare(history, begin.line, "returned", begin.reason, reason)
    compare(history, begin.line, "state", begin.state, sum_of(kernel._words()))
    return kernel


Face = Kernel | Interpreted


def disturb(kernel: Face, vectors: Vectors, history: History, move: Adopt | Damage) -> None:
    """Other limits, or a damaged word."""
    if isinstance(move, Adopt):
        reason = kernel._adopt(vectors.limits[move.limits], move.at)
        compare(history, move.line, "returned", move.reason, reason)
    else:
        words = list(kernel._words())
        words[move.word] = move.value
        kernel._set_words(words)
    compare(history, move.line, "state", move.state, sum_of(kernel._words()))


def play(kind: type[Kernel] | type[Interpreted], vectors: Vectors) -> int:
    """Every history, event by event; returns how many events were compared."""
    steps = 0
    for history in vectors.histories:
        kernel = start(kind, vectors, history)
        for move in history.moves:
            if not isinstance(move, Step):
                disturb(kernel, vectors, history, move)
                continue
            outcome = kernel.step(Event.from_words(move.event))
            compare_outcome(history, move, outcome.words)
            compare(history, move.line, "state", move.state, sum_of(kernel._words()))
            steps += 1
    return steps


def stretches(history: History) -> Iterator[list[Step] | Adopt | Damage]:
    """A history as runs of events, and what comes between them."""
    run: list[Step] = []
    for move in history.moves:
        if isinstance(move, Step):
            run.append(move)
            continue
        if run:
            yield run
        run = []
        yield move
    if run:
        yield run


def play_batch(vectors: Vectors, as_array: bool) -> int:
    """Every history with `step_many`: on one kernel, or on an array of states."""
    steps = 0
    for history in vectors.histories:
        kernel = start(Kernel, vectors, history)
        assert isinstance(kernel, Kernel)
        for stretch in stretches(history):
            if not isinstance(stretch, list):
                disturb(kernel, vectors, history, stretch)
                continue
            events = np.array([step.event for step in stretch], dtype=WORD).view(EVENT).reshape(-1)
            told = _batch_of_states(kernel, events) if as_array else step_many(kernel, events)
            rows = told.view(WORD).reshape(-1, len(OUTCOME_FIELDS))
            for step, row in zip(stretch, rows, strict=True):
                compare_outcome(history, step, row.tolist())
            last = stretch[-1]
            compare(history, last.line, "state", last.state, sum_of(kernel._words()))
            steps += len(stretch)
    return steps


def play_together(vectors: Vectors) -> int:
    """All random walks at once, a row of states for each; returns how many events were compared."""
    walks = [each for each in vectors.histories if each.start.name.startswith("random walk")]
    moves = [[move for move in walk.moves if isinstance(move, Step)] for walk in walks]
    kernels = [start(Kernel, vectors, walk) for walk in walks]
    states = np.array([kernel._words() for kernel in kernels], dtype=WORD)
    asked = np.array([[step.event for step in each] for each in moves], dtype=WORD)
    told = step_many(states, asked.view(EVENT).reshape(asked.shape[:2]))
    for walk, steps, outcomes, state in zip(walks, moves, told, states, strict=True):
        rows = outcomes.view(WORD).reshape(-1, len(OUTCOME_FIELDS))
        for step, row in zip(steps, rows, strict=True):
            compare_outcome(walk, step, row.tolist())
        compare(walk, steps[-1].line, "state", steps[-1].state, sum_of(state.tolist()))
    return int(told.size)


def _batch_of_states(kernel: Kernel, events: Rows) -> Rows:
    """Three pumps in the same state take the same events; all must end alike."""
    states = np.array([kernel._words()] * 3, dtype=WORD).reshape(3, STATE_WORDS)
    told = step_many(states, np.stack([events] * 3))
    assert (states == states[0]).all()
    assert (told == told[0]).all()
    kernel._set_words(states[0].tolist())
    first: Rows = told[0].copy()
    return first
