"""The closed lists of the kernel's words: kinds, sources, modes, reasons, alarms, in sentences.

Every member is one constant of `kernel/records.py` without its prefix, with the same value; a test
holds that none is missing on either side. A sentence says what happened and what is allowed or
what to do; it is what the command line and the pump print.

An outcome carries exactly one reason, the first that applies, in the order of the guards:
    any event      CORRUPT_STATE, KIND, RANGE, SOURCE, CLOCK_BACKWARD, CLOCK_AHEAD
    a request      ID_RANGE, ID_REUSED, ID_OLD, FUTURE, EXPIRED
    a dose, a rate what blocks delivery (the mode, BUSY, LOCKOUT, GLUCOSE_MISSING, GLUCOSE_LOW,
                   DURATION), then the amount: AMOUNT, the caps, RESERVOIR, WINDOW, DAY, ON_BOARD
    else           the kind's own guards, as in its `..._reason` function in the kernel
NOTHING_DUE and SPEED only ever explain an accepted tick, the LIMITS reasons only an adoption.
"""

from enum import IntEnum, IntFlag
from typing import Self

from dosekernel.kernel import records


class Word(IntEnum):
    """A constant of the kernel with the sentence that explains it."""

    sentence: str

    def __new__(cls, value: int, sentence: str = "") -> Self:
        """A member from its constant and its sentence."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    @property
    def label(self) -> str:
        """The name in lower case, words apart, as a screen shows it."""
        return self.name.lower().replace("_", " ")


class Kind(Word):
    """What an event is."""

    TICK = records.TICK, "Time has passed: the kernel may release what is due."
    CONFIRM = records.CONFIRM, "The motor reports how much of a release it delivered."
    UNCERTAIN = (
        records.UNCERTAIN,
        "The motor cannot say how much of a release it delivered: all of it counts as delivered.",
    )
    FAULT = records.FAULT, "The pump reports a fault: everything stops."
    BOLUS = records.BOLUS, "A bolus is asked for, to be given now."
    EXTENDED_BOLUS = records.EXTENDED_BOLUS, "A bolus is asked for, spread over a time."
    CANCEL_BOLUS = records.CANCEL_BOLUS, "Every bolus that is still owed is cancelled."
    SET_BASAL = records.SET_BASAL, "The programmed basal rate changes."
    TEMP_BASAL = records.TEMP_BASAL, "A temporary rate is asked for, with its end."
    CANCEL_TEMP_BASAL = records.CANCEL_TEMP_BASAL, "The temporary rate ends now."
    SUSPEND = records.SUSPEND, "All delivery stops until it is resumed."
    RESUME = records.RESUME, "A suspension ends: the basal rate goes on, a bolus does not."
    LOAD_RESERVOIR = records.LOAD_RESERVOIR, "A reservoir with this much drug has been put in."
    PRIME = records.PRIME, "The tubing is to be filled, into the air."
    INSERT_SET = records.INSERT_SET, "A new infusion set has been inserted at a site."
    FILL_CANNULA = records.FILL_CANNULA, "The cannula is to be filled, in the body."
    CONNECT = records.CONNECT, "The tubing has been connected to the body."
    DISCONNECT = records.DISCONNECT, "The tubing has been disconnected from the body."
    GLUCOSE = records.GLUCOSE, "A sensor reading has arrived."
    ACKNOWLEDGE = records.ACKNOWLEDGE, "The person has seen a fault or a gap."


class Source(Word):
    """Who reports or asks."""

    USER = records.USER, "The person at the pump; may ask for everything."
    SCHEDULE = records.SCHEDULE, "The day's basal programme; may only set the basal rate."
    CONTROLLER = (
        records.CONTROLLER,
        "A closed-loop controller; boluses and temporary rates up to its own caps, and stops.",
    )
    REMOTE = (
        records.REMOTE,
        "A remote; boluses up to its own cap, rates not above the programmed one, and stops.",
    )


class Status(Word):
    """What was decided."""

    ACCEPTED = records.ACCEPTED, "The event was accepted."
    REFUSED = records.REFUSED, "The event was refused and nothing has changed."
    REPEATED = records.REPEATED, "The event had been accepted before and adds nothing."
    CORRUPT = records.CORRUPT, "The memory is damaged: nothing is delivered."


class Path(Word):
    """Where a release goes."""

    NONE = records.PATH_NONE, "Nothing is released."
    PATIENT = records.PATH_PATIENT, "The release goes to the patient."
    AIR = records.PATH_AIR, "The release fills the tubing, into the air."


class Mode(Word):
    """What the pump is doing."""

    NOT_READY = (
        records.MODE_NOT_READY,
        "Not ready: load a reservoir, prime, insert a set, connect and fill the cannula.",
    )
    DELIVERING = records.MODE_DELIVERING, "The basal rate and boluses are delivered."
    SUSPENDED = records.MODE_SUSPENDED, "Delivery is suspended until it is resumed."
    LOW_SUSPENDED = (
        records.MODE_LOW_SUSPENDED,
        "Suspended because glucose is low or predicted low; ends on recovery or by a resume.",
    )
    FAULTED = records.MODE_FAULTED, "Stopped by a fault: acknowledge it, then resume."
    DISCONNECTED = records.MODE_DISCONNECTED, "The pump is disconnected from the body."
    EXPIRED = records.MODE_EXPIRED, "The infusion set has expired: change it."
    EMPTY = records.MODE_EMPTY, "The reservoir is empty: change it."


class Cause(Word):
    """What a fault was; an unknown code counts as OTHER."""

    OCCLUSION = records.CAUSE_OCCLUSION, "The flow is blocked: check tubing, cannula and site."
    MOTOR = records.CAUSE_MOTOR, "The motor does not move as it should."
    OVERFLOW = records.CAUSE_OVERFLOW, "More has flowed than was released."
    AIR = records.CAUSE_AIR, "There is air in the line: disconnect and prime."
    OTHER = records.CAUSE_OTHER, "The pump reports a fault of another kind."
    DELIVERY = (
        records.CAUSE_DELIVERY,
        "The motor's report does not match its release, or two releases stayed uncertain.",
    )


class Reason(Word):
    """Why an event was refused, or why a tick released nothing."""

    NONE = records.REASON_NONE, "There is nothing to explain."
    CORRUPT_STATE = (
        records.REASON_CORRUPT_STATE,
        "The memory is damaged, so nothing is delivered: only a whole saved state or a fresh "
        "start is allowed.",
    )
    KIND = records.REASON_KIND, "There is no such kind of event: kinds are 1 to 20."
    RANGE = (
        records.REASON_RANGE,
        "A value of the event is out of its range: no field may be negative or above its maximum.",
    )
    SOURCE = (
        records.REASON_SOURCE,
        "Whoever asks may not ask for this: only the user may ask for everything.",
    )
    CLOCK_BACKWARD = (
        records.REASON_CLOCK_BACKWARD,
        "The event's time is before the kernel's own: time may only go forward.",
    )
    CLOCK_AHEAD = (
        records.REASON_CLOCK_AHEAD,
        "The event's time is more than 31 days ahead: check the clock.",
    )
    ID_RANGE = (
        records.REASON_ID_RANGE,
        "The request's id is out of range: allowed are ids from 1 that are above the last "
        "accepted one by at most 4294967296.",
    )
    ID_REUSED = (
        records.REASON_ID_REUSED,
        "This id was already used for another request: each request needs a fresh id.",
    )
    ID_OLD = (
        records.REASON_ID_OLD,
        "A later request has been accepted already: a replayed or late request is not carried out.",
    )
    FUTURE = (
        records.REASON_FUTURE,
        "It was issued after the time it arrived: check the clock of whoever sent it.",
    )
    EXPIRED = (
        records.REASON_EXPIRED,
        "The request was issued too long ago: ask again if it is still wanted.",
    )
    SEQUENCE = (
        records.REASON_SEQUENCE,
        "The report is not about the release that waits for one, so it settles nothing.",
    )
    GLUCOSE_RANGE = (
        records.REASON_GLUCOSE_RANGE,
        "The reading is no glucose value: allowed are 20 to 1000 mg/dL.",
    )
    GLUCOSE_OLD = (
        records.REASON_GLUCOSE_OLD,
        "The reading is not newer than the last one, so it is not used.",
    )
    GLUCOSE_STALE = (
        records.REASON_GLUCOSE_STALE,
        "The reading is too old to be used: check the sensor.",
    )
    FAULTED = (
        records.REASON_FAULTED,
        "A fault has stopped the pump: mend its cause, acknowledge it, then resume; after three "
        "faults in 10 minutes change the set.",
    )
    NOT_READY = (
        records.REASON_NOT_READY,
        "The pump is not ready: it needs a reservoir, a primed line, an inserted set and a "
        "filled cannula.",
    )
    DISCONNECTED = (
        records.REASON_DISCONNECTED,
        "The pump is disconnected from the body: connect it first.",
    )
    SET_EXPIRED = (
        records.REASON_SET_EXPIRED,
        "The infusion set is past its expiry: change the set.",
    )
    EMPTY = records.REASON_EMPTY, "The reservoir is empty: change it."
    SUSPENDED = (
        records.REASON_SUSPENDED,
        "Delivery is suspended: resume it first.",
    )
    LOW_SUSPENDED = (
        records.REASON_LOW_SUSPENDED,
        "Delivery is suspended because glucose is low or predicted low: it goes on when glucose "
        "recovers, or by a resume.",
    )
    UNCONFIRMED = (
        records.REASON_UNCONFIRMED,
        "The last release has not been reported yet: nothing more leaves until it is confirmed "
        "or declared uncertain.",
    )
    BUSY = (
        records.REASON_BUSY,
        "A dose is still being given, or its end is not reported yet: wait for it or cancel it.",
    )
    LOCKOUT = (
        records.REASON_LOCKOUT,
        "The last bolus ended too short a time ago: wait until the lockout is over.",
    )
    GLUCOSE_MISSING = (
        records.REASON_GLUCOSE_MISSING,
        "There is no fresh sensor reading: a controller may not raise delivery without one.",
    )
    GLUCOSE_LOW = (
        records.REASON_GLUCOSE_LOW,
        "Glucose is low or predicted low: a controller may not raise delivery now.",
    )
    DURATION = (
        records.REASON_DURATION,
        "The duration is not allowed: it must be above 0 and within the limit for who asks.",
    )
    AMOUNT = (
        records.REASON_AMOUNT,
        "The amount is not allowed: it must be above 0 and a whole number of pulses.",
    )
    BOLUS_CAP = (
        records.REASON_BOLUS_CAP,
        "The bolus is larger than the limit for who asks.",
    )
    RATE_CAP = (
        records.REASON_RATE_CAP,
        "The rate is higher than the limit for who asks.",
    )
    RESERVOIR = (
        records.REASON_RESERVOIR,
        "The reservoir does not hold enough for this and for what is already owed.",
    )
    WINDOW = (
        records.REASON_WINDOW,
        "It would take the short window over its limit, with room kept for the basal rate.",
    )
    DAY = (
        records.REASON_DAY,
        "It would take 24 hours over their limit, with room kept for the basal rate.",
    )
    ON_BOARD = (
        records.REASON_ON_BOARD,
        "Too much drug would be acting in the body at once: wait until some of it has acted.",
    )
    CONNECTED = (
        records.REASON_CONNECTED,
        "The pump is connected to the body: disconnect it first.",
    )
    CAPACITY = (
        records.REASON_CAPACITY,
        "The fill is not what a reservoir can hold: allowed is above 0, up to its capacity.",
    )
    PRIME_CAP = (
        records.REASON_PRIME_CAP,
        "This reservoir's primes would be more than the limit in all.",
    )
    FILL_CAP = (
        records.REASON_FILL_CAP,
        "This cannula's fills would be more than the limit in all.",
    )
    NOT_PRIMED = (
        records.REASON_NOT_PRIMED,
        "The line is not primed: prime it first, disconnected, so that no air goes in.",
    )
    NOT_INSERTED = (
        records.REASON_NOT_INSERTED,
        "No infusion set is inserted: insert one first.",
    )
    FILLED = (
        records.REASON_FILLED,
        "The cannula is filled already, or needs no fill.",
    )
    NOT_SUSPENDED = (
        records.REASON_NOT_SUSPENDED,
        "Delivery is not suspended, so there is nothing to resume.",
    )
    NO_TEMPORARY = (
        records.REASON_NO_TEMPORARY,
        "No temporary rate is running, so there is none to cancel.",
    )
    NOTHING_TO_ACKNOWLEDGE = (
        records.REASON_NOTHING_TO_ACKNOWLEDGE,
        "There is no fault and no gap to acknowledge.",
    )
    NOTHING_DUE = (
        records.REASON_NOTHING_DUE,
        "Less than one pulse is due: the rest is kept for the next tick.",
    )
    SPEED = (
        records.REASON_SPEED,
        "The bolus flows as fast as it may: the rest follows at the next ticks.",
    )
    LIMITS = (
        records.REASON_LIMITS,
        "The limits contradict themselves or are out of range: nothing was adopted.",
    )
    LIMITS_WINDOW = (
        records.REASON_LIMITS_WINDOW,
        "The limits have another window length, which only a fresh start may change: nothing "
        "was adopted.",
    )
    LIMITS_PULSE = (
        records.REASON_LIMITS_PULSE,
        "The limits have another pulse, which may change only while disconnected with nothing "
        "owed or unconfirmed: nothing was adopted.",
    )
    LIMITS_STATE = (
        records.REASON_LIMITS_STATE,
        "What runs, is owed or was given already exceeds the new limits: nothing was adopted.",
    )
    NOT_LOADED = (
        records.REASON_NOT_LOADED,
        "No reservoir is loaded: load one first.",
    )


class Alarm(IntFlag):
    """What needs attention: true while its cause lasts; an outcome carries the sum of them."""

    CORRUPT = records.ALARM_CORRUPT
    FAULT = records.ALARM_FAULT
    LATCHED = records.ALARM_LATCHED
    UNCERTAIN = records.ALARM_UNCERTAIN
    UNCONFIRMED = records.ALARM_UNCONFIRMED
    GAP = records.ALARM_GAP
    EMPTY = records.ALARM_EMPTY
    RESERVOIR_LOW = records.ALARM_RESERVOIR_LOW
    RESERVOIR_AGE = records.ALARM_RESERVOIR_AGE
    SET_AGE = records.ALARM_SET_AGE
    SET_EXPIRED = records.ALARM_SET_EXPIRED
    SUSPENDED = records.ALARM_SUSPENDED
    LOW_SUSPENDED = records.ALARM_LOW_SUSPENDED

    @property
    def names(self) -> list[str]:
        """The names of the alarms that are true, in the order of the table."""
        return [alarm.name for alarm in Alarm if alarm in self and alarm.name]

    @property
    def sentence(self) -> str:
        """What happened and what to do, for each alarm that is true."""
        return " ".join(ALARM_SENTENCES[alarm] for alarm in Alarm if alarm in self)


ALARM_SENTENCES: dict[Alarm, str] = {
    Alarm.CORRUPT: "The memory is damaged and nothing is delivered: start from a saved state.",
    Alarm.FAULT: "A fault has stopped the pump: mend its cause, acknowledge it, then resume.",
    Alarm.LATCHED: "Three faults in 10 minutes: nothing is delivered until a new set is inserted.",
    Alarm.UNCERTAIN: "A dose may not have been given, and counts as given: check glucose.",
    Alarm.UNCONFIRMED: "A release has not been reported in time: check the pump.",
    Alarm.GAP: "The pump was without time for too long: what was owed has been cancelled.",
    Alarm.EMPTY: "The reservoir is empty: change it.",
    Alarm.RESERVOIR_LOW: "The reservoir is low: change it soon.",
    Alarm.RESERVOIR_AGE: "The reservoir is past its life: change it.",
    Alarm.SET_AGE: "The infusion set is past its life: change it.",
    Alarm.SET_EXPIRED: "The infusion set has expired and delivers nothing: change it.",
    Alarm.SUSPENDED: "Delivery has been suspended for longer than the reminder: resume it?",
    Alarm.LOW_SUSPENDED: "Delivery is suspended because glucose is low or predicted low.",
}
