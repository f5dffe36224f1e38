# cython: language_level=3, boundscheck=False, wraparound=False
"""Events, outcomes and the compiled kernel as Python objects over the C structs themselves."""

cimport cython
from cpython.object cimport Py_EQ, Py_NE
from libc.stdint cimport int64_t

from dosekernel cimport (
    dosekernel_adopt,
    dosekernel_event,
    dosekernel_init,
    dosekernel_limits,
    dosekernel_outcome,
    dosekernel_state,
    dosekernel_step,
    dosekernel_version,
)

from .errors import BusyError, InputError, InputTypeError
from dosekernel.spec.reasons import Alarm, Cause, Kind, Mode, Path, Reason, Source, Status

cdef extern from "Python.h":
    long long PyLong_AsLongLongAndOverflow(object, int *) except? -1

EVENT_WORDS = sizeof(dosekernel_event) // sizeof(int64_t)
OUTCOME_WORDS = sizeof(dosekernel_outcome) // sizeof(int64_t)
LIMITS_WORDS = sizeof(dosekernel_limits) // sizeof(int64_t)
STATE_WORDS = sizeof(dosekernel_state) // sizeof(int64_t)

EVENT_FIELDS = (
    "kind", "id", "at", "issued_at", "source", "amount", "rate", "duration", "glucose", "code",
)
OUTCOME_FIELDS = (
    "status", "reason", "pulses", "path", "amount", "allowable", "not_given", "alarms", "mode",
    "sequence", "reservoir", "on_board", "window_total", "day_total", "owed", "rate",
)

cdef object _Alarm = Alarm
cdef object _Cause = Cause
cdef object _Kind = Kind
cdef object _Source = Source
cdef dict _KINDS = {int(member): member for member in Kind}
cdef dict _SOURCES = {int(member): member for member in Source}
cdef dict _STATUSES = {int(member): member for member in Status}
cdef dict _REASONS = {int(member): member for member in Reason}
cdef dict _PATHS = {int(member): member for member in Path}
cdef dict _MODES = {int(member): member for member in Mode}
cdef object _USER = Source.USER


cdef object _not_a_word(object value, str field, object enumeration):
    allowed = "an int" if enumeration is None else f"an int or a member of {enumeration.__name__}"
    return InputTypeError(
        f"{field}: {value!r} is a {type(value).__name__}; allowed: {allowed}, in kernel units"
    )


cdef int _check_name(int64_t word, str field, dict names) except -1:
    if word not in names:
        raise InputError(f"outcome: {field}: {word}; allowed: {', '.join(map(str, names))}")
    return 0


cdef inline int64_t _word(object value, str field, object enumeration) except? -1:
    """An exact int, or a member of the field's own enumeration, within 64 bits."""
    cdef int overflow = 0
    cdef int64_t word
    if type(value) is not int and (enumeration is None or type(value) is not enumeration):
        raise _not_a_word(value, field, enumeration)
    word = PyLong_AsLongLongAndOverflow(value, &overflow)
    if overflow:
        shown = value if value.bit_length() < 256 else f"an int of {value.bit_length()} bits"
        raise InputError(f"{field}: {shown} does not fit in 64 bits")
    return word


@cython.final
@cython.freelist(256)
cdef class Event:
    """What happens or is asked for: `Event(Kind.BOLUS, id=7, at=1000, amount=2_500_000)`.

    Every value is an int in kernel units, or a member of the field's own enumeration; what is left
    out is 0, but `source` is USER and `issued_at` is `at`. Events are immutable, comparable and
    hashable. `InputError` for what no event can hold; whether it makes sense the kernel says.
    """

    cdef dosekernel_event words_of_event

    def __init__(
        self, object kind=None, *, object id=0, object at=0, object issued_at=None,
        object source=_USER, object amount=0, object rate=0, object duration=0,
        object glucose=0, object code=0, **unknown,
    ):
        cdef dosekernel_event *event = &self.words_of_event
        if unknown:
            raise InputTypeError(
                f"{', '.join(sorted(unknown))}: no such field of an event; "
                f"allowed: {', '.join(EVENT_FIELDS)}"
            )
        if kind is None:
            raise InputTypeError("kind: an event needs one; allowed: a member of Kind")
        event.kind = _word(kind, "kind", _Kind)
        event.id = _word(id, "id", None)
        event.at = _word(at, "at", None)
        event.issued_at = event.at if issued_at is None else _word(issued_at, "issued_at", None)
        event.source = _word(source, "source", _Source)
        event.amount = _word(amount, "amount", None)
        event.rate = _word(rate, "rate", None)
        event.duration = _word(duration, "duration", None)
        event.glucose = _word(glucose, "glucose", None)
        event.code = _word(code, "code", _Cause)

    @staticmethod
    def from_words(words):
        """The record of these ints, in the order of the C struct; `InputError` for others."""
        cdef Event event = Event.__new__(Event)
        _read_words(<int64_t *>&event.words_of_event, words, EVENT_WORDS, "event", EVENT_FIELDS)
        return event

    @property
    def kind(self):
        """what happens or is asked for: a kind, from TICK on; TICK .. ACKNOWLEDGE"""
        return _KINDS.get(self.words_of_event.kind, self.words_of_event.kind)

    @property
    def id(self):
        """a request's number, above that of every earlier request; of CONFIRM and UNCERTAIN the
        `sequence` of the release; else 0; 0 .. ID_MAX"""
        return self.words_of_event.id

    @property
    def at(self):
        """when it arrives, by the program's one monotonic clock; milliseconds, 0 .. TIME_MAX"""
        return self.words_of_event.at

    @property
    def issued_at(self):
        """when it was asked for, or a reading was taken; milliseconds, 0 .. TIME_MAX"""
        return self.words_of_event.issued_at

    @property
    def source(self):
        """who asks or reports; USER .. REMOTE"""
        return _SOURCES.get(self.words_of_event.source, self.words_of_event.source)

    @property
    def amount(self):
        """of a bolus, fill, prime or reservoir; what CONFIRM reports as delivered; what FAULT
        reports as flowed beyond what was released; micro-units, 0 .. VOLUME_MAX"""
        return self.words_of_event.amount

    @property
    def rate(self):
        """of SET_BASAL and TEMP_BASAL; micro-units per hour, 0 .. RATE_MAX"""
        return self.words_of_event.rate

    @property
    def duration(self):
        """of EXTENDED_BOLUS and TEMP_BASAL; milliseconds, 0 .. TIME_MAX"""
        return self.words_of_event.duration

    @property
    def glucose(self):
        """the reading of GLUCOSE, else 0; mg/dL, GLUCOSE_MIN .. GLUCOSE_MAX"""
        return self.words_of_event.glucose

    @property
    def code(self):
        """the site of INSERT_SET, the cause of FAULT; 0 .. CODE_MAX"""
        return self.words_of_event.code

    @property
    def words(self):
        """All fields as ints, in the order of the C struct."""
        return _words(<int64_t *>&self.words_of_event, EVENT_WORDS)

    def __richcmp__(self, other, int operation):
        return _compare(self, other, Event, operation)

    def __hash__(self):
        return hash(("event", self.words))

    def __reduce__(self):
        return (Event.from_words, (self.words,))

    def __repr__(self):
        return _representation(self, EVENT_FIELDS)


@cython.final
@cython.freelist(256)
cdef class Outcome:
    """What a kernel decided about an event, what the motor must do now, and what a display needs.

    `str(outcome)` is one line for people. Outcomes are immutable, comparable and hashable.
    """

    cdef dosekernel_outcome words_of_outcome

    def __init__(self):
        raise InputTypeError("Outcome: only a kernel makes outcomes; allowed: Kernel.step(Event)")

    @staticmethod
    def from_words(words):
        """The record of these ints, in the order of the C struct; `InputError` for others."""
        cdef Outcome outcome = Outcome.__new__(Outcome)
        _read_words(
            <int64_t *>&outcome.words_of_outcome, words, OUTCOME_WORDS, "outcome", OUTCOME_FIELDS
        )
        _check_name(outcome.words_of_outcome.status, "status", _STATUSES)
        _check_name(outcome.words_of_outcome.reason, "reason", _REASONS)
        _check_name(outcome.words_of_outcome.path, "path", _PATHS)
        _check_name(outcome.words_of_outcome.mode, "mode", _MODES)
        return outcome

    @property
    def status(self):
        """what was decided; ACCEPTED .. CORRUPT"""
        return _STATUSES[self.words_of_outcome.status]

    @property
    def reason(self):
        """why: the first that applies; REASON_NONE .. REASON_NOT_LOADED"""
        return _REASONS[self.words_of_outcome.reason]

    @property
    def pulses(self):
        """whole pulses that the motor moves now: all that it may ever do; 0 .. VOLUME_MAX"""
        return self.words_of_outcome.pulses

    @property
    def path(self):
        """where they go; PATH_NONE .. PATH_AIR"""
        return _PATHS[self.words_of_outcome.path]

    @property
    def amount(self):
        """the volume of these pulses: pulses x limits.pulse; micro-units, 0 .. VOLUME_MAX"""
        return self.words_of_outcome.amount

    @property
    def allowable(self):
        """of a bolus: the largest that would be accepted now, for its source; micro-units, 0 ..
        VOLUME_MAX"""
        return self.words_of_outcome.allowable

    @property
    def not_given(self):
        """what was owed and now never will be given; micro-units, 0 or more"""
        return self.words_of_outcome.not_given

    @property
    def alarms(self):
        """the sum of all alarms that are true; 0 .. 2 * ALARM_LOW_SUSPENDED - 1"""
        return _Alarm(self.words_of_outcome.alarms)

    @property
    def mode(self):
        """what the pump is doing; MODE_NOT_READY .. MODE_EMPTY"""
        return _MODES[self.words_of_outcome.mode]

    @property
    def sequence(self):
        """the number of the last release; its CONFIRM or UNCERTAIN carries it as `id`; 0 ..
        ID_MAX"""
        return self.words_of_outcome.sequence

    @property
    def reservoir(self):
        """what the reservoir holds, by what was committed; micro-units, 0 .. VOLUME_MAX"""
        return self.words_of_outcome.reservoir

    @property
    def on_board(self):
        """drug still acting: a safety bound, never too low; micro-units, 0 .. ON_BOARD_RANGE"""
        return self.words_of_outcome.on_board

    @property
    def window_total(self):
        """committed in the short window; micro-units, 0 .. TOTAL_MAX"""
        return self.words_of_outcome.window_total

    @property
    def day_total(self):
        """committed in 24 hours; micro-units, 0 .. TOTAL_MAX"""
        return self.words_of_outcome.day_total

    @property
    def owed(self):
        """accepted and not yet released, basal apart; micro-units, 0 .. 2 * VOLUME_MAX"""
        return self.words_of_outcome.owed

    @property
    def rate(self):
        """the basal rate that runs now, 0 unless delivering; micro-units per hour, 0 .. RATE_MAX"""
        return self.words_of_outcome.rate

    @property
    def words(self):
        """All fields as ints, in the order of the C struct."""
        return _words(<int64_t *>&self.words_of_outcome, OUTCOME_WORDS)

    def __richcmp__(self, other, int operation):
        return _compare(self, other, Outcome, operation)

    def __hash__(self):
        return hash(("outcome", self.words))

    def __reduce__(self):
        return (Outcome.from_words, (self.words,))

    def __repr__(self):
        return _representation(self, OUTCOME_FIELDS)

    def __str__(self):
        from .wording import outcome_in_words
        return outcome_in_words(self)


@cython.auto_pickle(False)
cdef class CompiledKernel:
    """One state in the C layout; the faces above it check and explain."""

    cdef dosekernel_state memory
    cdef bint busy

    def step(self, event):
        """Decide one event: its `Outcome`. A refusal leaves every word of the state as it was."""
        cdef Outcome outcome = Outcome.__new__(Outcome)
        if type(event) is not Event:
            raise InputTypeError(f"step: {event!r} is a {type(event).__name__}; allowed: an Event")
        if self.busy:
            raise _busy()
        dosekernel_step(
            &self.memory, &(<Event>event).words_of_event, &outcome.words_of_outcome
        )
        return outcome

    def _initialise(self, limits, at):
        cdef dosekernel_limits words
        _read_words(<int64_t *>&words, limits, LIMITS_WORDS, "limits")
        return dosekernel_init(&self.memory, &words, _word(at, "at", None))

    def _adopt(self, limits, at):
        cdef dosekernel_limits words
        if self.busy:
            raise _busy()
        _read_words(<int64_t *>&words, limits, LIMITS_WORDS, "limits")
        return dosekernel_adopt(&self.memory, &words, _word(at, "at", None))

    def _words(self):
        if self.busy:
            raise _busy()
        return _words(<int64_t *>&self.memory, STATE_WORDS)

    def _set_words(self, words):
        _read_words(<int64_t *>&self.memory, words, STATE_WORDS, "state")

    def _step_many(self, const int64_t[:, ::1] events, int64_t[:, ::1] outcomes):
        if self.busy:
            raise _busy()
        self.busy = True
        try:
            _step_each(<int64_t *>&self.memory, 0, 1, events, outcomes)
        finally:
            self.busy = False


def version():
    """The version, layout and hash of the source that the compiled kernel says it is."""
    return dosekernel_version().decode("ascii")


def step_states(
    int64_t[:, ::1] states not None,
    const int64_t[:, ::1] events not None,
    int64_t[:, ::1] outcomes not None,
):
    """Row i of `states` takes the events of its own rows, in order, without the GIL.

    `events` and `outcomes` hold the same number of rows for each state, one state after another.
    """
    cdef Py_ssize_t count = states.shape[0]
    if count == 0:
        return
    if states.shape[1] != STATE_WORDS:
        raise InputError(f"states: {states.shape[1]} words each; allowed: {STATE_WORDS}")
    _step_each(&states[0, 0], STATE_WORDS, count, events, outcomes)


cdef int _step_each(
    int64_t *states, Py_ssize_t stride, Py_ssize_t count,
    const int64_t[:, ::1] events, int64_t[:, ::1] outcomes,
) except -1:
    cdef Py_ssize_t rows = events.shape[0]
    cdef Py_ssize_t each, state, row
    if events.shape[1] != EVENT_WORDS or outcomes.shape[1] != OUTCOME_WORDS:
        raise InputError("events, outcomes: not rows of their own layout")
    if rows != outcomes.shape[0] or rows % count != 0:
        raise InputError(f"events: {rows} rows do not divide among {count} states")
    each = rows // count
    with nogil:
        for state in range(count):
            for row in range(state * each, (state + 1) * each):
                dosekernel_step(
                    <dosekernel_state *>(states + state * stride),
                    <dosekernel_event *>&events[row, 0],
                    <dosekernel_outcome *>&outcomes[row, 0],
                )
    return 0


cdef object _busy():
    return BusyError("this kernel is being stepped by step_many in another thread")


cdef int _read_words(
    int64_t *target, object words, Py_ssize_t expected, str record, tuple fields=()
) except -1:
    """All of a record's words, or an error and none of them."""
    cdef Py_ssize_t index
    cdef list given = list(words)
    cdef list checked = []
    if len(given) != expected:
        raise InputError(f"{record}: {len(given)} words; allowed: {expected}")
    for index in range(expected):
        field = fields[index] if fields else f"{record}, word {index}"
        checked.append(_word(given[index], field, None))
    for index in range(expected):
        target[index] = checked[index]
    return 0


cdef tuple _words(int64_t *source, Py_ssize_t count):
    cdef Py_ssize_t index
    return tuple([source[index] for index in range(count)])


cdef object _compare(object left, object right, object kind, int operation):
    if operation not in (Py_EQ, Py_NE) or type(left) is not kind or type(right) is not kind:
        return NotImplemented
    return (left.words == right.words) == (operation == Py_EQ)


cdef str _representation(object record, tuple fields):
    parts = []
    for field in fields:
        value = getattr(record, field)
        name = getattr(value, "name", None)
        parts.append(f"{field}={type(value).__name__}.{name}" if name else f"{field}={value}")
    return f"{type(record).__name__}({', '.join(parts)})"
