"""Many steps in one call, over numpy arrays, without Python's lock.

A row of `EVENT` or `OUTCOME` is a C struct of the kernel, word for word. Fields that are left 0 are
0: unlike `Event(...)`, no `issued_at` or `source` is filled in.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dosekernel.kernel import records

from . import _native
from .compiled import Kernel
from .errors import InputError, InputTypeError

WORD = np.dtype(np.int64)
EVENT = np.dtype([(name, WORD) for name in _native.EVENT_FIELDS])
OUTCOME = np.dtype([(name, WORD) for name in _native.OUTCOME_FIELDS])
STATE_WORDS = len(records.Memory().words())

Rows = NDArray[np.void]
Words = NDArray[np.int64]


def step_many(kernel: Kernel | Words, events: Rows) -> Rows:
    """The outcome of every event, in the same shape.

    `kernel` is a `Kernel`, which takes all events in order; or an array of states, int64 of shape
    `(n, STATE_WORDS)` as made by `states_of`, changed in place: `events` then has the shape `(n,)`
    or `(n, m)`, and state i takes the events of row i in order.
    Raises `InputTypeError` for an array of another layout, before any step.
    """
    asked = _event_words(events)
    outcomes = np.zeros(events.shape, OUTCOME)
    told = outcomes.view(WORD).reshape(-1, len(_native.OUTCOME_FIELDS))
    if isinstance(kernel, Kernel):
        kernel._step_many(asked, told)
        return outcomes
    _check_states(kernel, events)
    _native.step_states(kernel, asked, told)
    return outcomes


def states_of(kernels: list[Kernel]) -> Words:
    """The states of these kernels as rows for `step_many`."""
    rows = [np.frombuffer(kernel.state, dtype="<i8") for kernel in kernels]
    return np.array(rows, dtype=WORD).reshape(len(rows), STATE_WORDS)


def _event_words(events: Any) -> Words:
    if not isinstance(events, np.ndarray) or events.dtype != EVENT:
        found = getattr(events, "dtype", type(events).__name__)
        raise InputTypeError(f"events: {found}; allowed: an array of dosekernel.batch.EVENT")
    flat = np.ascontiguousarray(events).reshape(-1)
    return flat.view(WORD).reshape(-1, len(_native.EVENT_FIELDS))


def _check_states(states: Any, events: Rows) -> None:
    if not isinstance(states, np.ndarray) or states.dtype != WORD:
        found = getattr(states, "dtype", type(states).__name__)
        raise InputTypeError(f"states: {found}; allowed: a Kernel, or an int64 array of states")
    if states.ndim != 2 or states.shape[1] != STATE_WORDS:
        raise InputError(f"states: shape {states.shape}; allowed: (n, {STATE_WORDS})")
    if not states.flags.c_contiguous or not states.flags.writeable:
        raise InputError("states: allowed: a contiguous array that can be written")
    if events.ndim not in (1, 2) or events.shape[0] != states.shape[0]:
        raise InputError(
            f"events: shape {events.shape}; allowed: ({states.shape[0]},) or ({states.shape[0]}, m)"
        )
