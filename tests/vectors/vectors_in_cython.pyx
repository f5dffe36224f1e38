# cython: language_level=3
"""The vectors through the kernel's Cython declarations, as a stranger's module would use them."""

from libc.string cimport memset

from dosekernel cimport (
    dosekernel_adopt,
    dosekernel_event,
    dosekernel_init,
    dosekernel_limits,
    dosekernel_outcome,
    dosekernel_state,
    dosekernel_step,
    int64_t,
)

STATE_WORDS = sizeof(dosekernel_state) // sizeof(int64_t)
LIMITS_WORDS = sizeof(dosekernel_limits) // sizeof(int64_t)
EVENT_WORDS = sizeof(dosekernel_event) // sizeof(int64_t)
OUTCOME_WORDS = sizeof(dosekernel_outcome) // sizeof(int64_t)


cdef fill(int64_t *target, words, Py_ssize_t count):
    cdef Py_ssize_t place
    if len(words) != count:
        raise ValueError(f"{len(words)} words; allowed: {count}")
    for place in range(count):
        target[place] = words[place]


cdef class Pump:
    """One state, in the layout of C."""

    cdef dosekernel_state state

    def __init__(self):
        memset(&self.state, 0, sizeof(self.state))

    def initialise(self, words, int64_t at):
        cdef dosekernel_limits limits
        fill(<int64_t *>&limits, words, LIMITS_WORDS)
        return dosekernel_init(&self.state, &limits, at)

    def adopt(self, words, int64_t at):
        cdef dosekernel_limits limits
        fill(<int64_t *>&limits, words, LIMITS_WORDS)
        return dosekernel_adopt(&self.state, &limits, at)

    def step(self, words):
        """The status returned, and the outcome's words."""
        cdef dosekernel_event event
        cdef dosekernel_outcome outcome
        cdef int64_t status
        fill(<int64_t *>&event, words, EVENT_WORDS)
        with nogil:
            status = dosekernel_step(&self.state, &event, &outcome)
        told = <int64_t *>&outcome
        return status, [told[place] for place in range(OUTCOME_WORDS)]

    def words(self):
        told = <int64_t *>&self.state
        return [told[place] for place in range(STATE_WORDS)]

    def damage(self, Py_ssize_t place, int64_t value):
        if not 0 <= place < STATE_WORDS:
            raise IndexError(f"word {place}; allowed: 0 to {STATE_WORDS - 1}")
        (<int64_t *>&self.state)[place] = value
