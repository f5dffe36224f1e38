# cython: language_level=3
"""Many pumps through a day at C's speed: `dosekernel_step` called from Cython, without the GIL."""

from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

from dosekernel cimport (
    DOSEKERNEL_CONFIRM,
    DOSEKERNEL_DAY,
    DOSEKERNEL_MINUTE,
    DOSEKERNEL_TICK,
    DOSEKERNEL_USER,
    dosekernel_event,
    dosekernel_outcome,
    dosekernel_state,
    dosekernel_step,
)


cdef int64_t day(dosekernel_state *state, int64_t start) noexcept nogil:
    """What a pump gives in a day of ticks, each release confirmed in full."""
    cdef dosekernel_event event
    cdef dosekernel_outcome outcome
    cdef int64_t given = 0
    cdef int64_t at = start
    memset(&event, 0, sizeof(event))
    event.source = DOSEKERNEL_USER
    while at < start + DOSEKERNEL_DAY:
        at += DOSEKERNEL_MINUTE
        event.kind, event.id, event.amount = DOSEKERNEL_TICK, 0, 0
        event.at = event.issued_at = at
        dosekernel_step(state, &event, &outcome)
        if outcome.pulses > 0:
            given += outcome.amount
            event.kind, event.id, event.amount = DOSEKERNEL_CONFIRM, outcome.sequence, outcome.amount
            dosekernel_step(state, &event, &outcome)
    return given


def days(states, int64_t start):
    """For each saved state (`Kernel.state`) what that pump gives in the day from `start` on."""
    cdef dosekernel_state state
    cdef int64_t given
    cdef bytes saved
    found = []
    for saved in states:
        if len(saved) != sizeof(state):
            raise ValueError(f"a state of {len(saved)} bytes; allowed: {sizeof(state)}")
        memcpy(&state, <const char *>saved, sizeof(state))
        with nogil:
            given = day(&state, start)
        found.append(given)
    return found
