"""Many steps in one call, over numpy arrays, without Python's lock.

A row of `EVENT`, `OUTCOME` or `STATE` is a C struct of the kernel, word for word. A field left 0
is 0: unlike `Event(...)`, no `issued_at` or `source` is filled in.

    events = np.zeros(1000, dosekernel.batch.EVENT)
    events["kind"], events["source"] = Kind.TICK, Source.USER
    events["at"] = events["issued_at"] = 60_000 * np.arange(1000)

    outcomes = step_many(kernel, events)             # one pump, a thousand events
    states = states_of(pumps)                        # many pumps, here their states in one array
    outcomes = step_many(states, events)             # one event each, or a row of events each
    states["state"]["reservoir"].min()               # by name, in micro-units
    np.save("pumps.npy", states)                     # and back: np.load("pumps.npy")

Threads may step arrays at one time as long as no state is in two of their calls.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dosekernel.kernel import records
from dosekernel.kernel.contract import Record

from . import _native
from .compiled import Kernel
from .errors import InputError, InputTypeError

WORD = np.dtype(np.int64)
STATE_WORDS = len(records.Memory().words())

Rows = NDArray[np.void]
Words = NDArray[np.int64]


def _struct(record: type[Record]) -> np.dtype[np.void]:
    """A record's layout with its fields by name, arrays and nested records as they are."""
    fields: list[tuple[Any, ...]] = []
    for name, kind in record.__annotations__.items():
        declared = getattr(record, name, None)
        if isinstance(declared, list):
            fields.append((name, WORD, (len(declared),)))
        else:
            fields.append((name, WORD if kind is int else _struct(kind)))
    return np.dtype(fields)


EVENT = _struct(records.Event)
OUTCOME = _struct(records.Outcome)
STATE = _struct(records.Memory)


def step_many(kernel: Kernel | Rows | Words, events: Rows) -> Rows:
    """The outcome of every event, in the same shape.

    `kernel` is a `Kernel`, which takes all events in order; or an array of states as `states_of`
    makes it, changed in place: `events` then has the shape `(n,)` or `(n, m)`, and state i takes
    the events of row i in order. States are `STATE` of shape `(n,)`, or the same memory as int64
    of shape `(n, STATE_WORDS)`. A state that is not sound is left as it is, its outcome CORRUPT.
    Raises `InputTypeError` or `InputError` for an array of another layout, before any step.
    """
    asked = _event_words(events)
    outcomes = np.zeros(events.shape, OUTCOME)
    told = outcomes.view(WORD).reshape(-1, len(_native.OUTCOME_FIELDS))
    if isinstance(kernel, Kernel):
        kernel._step_many(asked, told)
        return outcomes
    _native.step_states(_state_words(kernel, events), asked, told)
    return outcomes


def states_of(kernels: Sequence[Kernel]) -> Rows:
    """The states of these kernels, for `step_many` and `np.save`: `STATE` of shape `(n,)`.

    The kernels stay as they are.
    """
    whole = b"".join(kernel.state for kernel in kernels)
    return np.frombuffer(whole, dtype="<i8").astype(WORD).view(STATE)


def kernels_of(states: Rows | Words) -> list[Kernel]:
    """A kernel that goes on from each of these states.

    `states` is what `states_of` made, or the same as int64 of shape `(n, STATE_WORDS)`. Raises
    `StateError` for one that is not sound.
    """
    words = np.ascontiguousarray(states).view(WORD).reshape(-1, STATE_WORDS)
    return [Kernel.from_state(None, row.astype("<i8").tobytes()) for row in words]


def _event_words(events: Any) -> Words:
    if not isinstance(events, np.ndarray) or events.dtype != EVENT:
        found = getattr(events, "dtype", type(events).__name__)
        raise InputTypeError(f"events: {found}; allowed: an array of dosekernel.batch.EVENT")
    flat = np.ascontiguousarray(events).reshape(-1)
    return flat.view(WORD).reshape(-1, len(_native.EVENT_FIELDS))


def _state_words(states: Any, events: Rows) -> Words:
    if not isinstance(states, np.ndarray) or states.dtype not in (STATE, WORD):
        found = getattr(states, "dtype", type(states).__name__)
        raise InputTypeError(
            f"states: {found}; allowed: a Kernel, or an array of dosekernel.batch.STATE or of int64"
        )
    shape = (len(states),) if states.dtype == STATE else (len(states), STATE_WORDS)
    if states.shape != shape:
        raise InputError(
            f"states: shape {states.shape}; allowed: (n,) of STATE, (n, {STATE_WORDS})"
        )
    if not states.flags.c_contiguous or not states.flags.writeable:
        raise InputError("states: allowed: a contiguous array that can be written")
    if events.ndim not in (1, 2) or events.shape[0] != states.shape[0]:
        raise InputError(
            f"events: shape {events.shape}; allowed: ({states.shape[0]},) or ({states.shape[0]}, m)"
        )
    return states.view(WORD).reshape(-1, STATE_WORDS)
