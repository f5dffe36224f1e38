"""Every constant and every record of the kernel: the only place where the layout is written.

Units, one for each quantity, so names end in none:
    volume    micro-units: 1e-6 of the drug's own unit (U, mg, mL)
    rate      micro-units per hour
    time      milliseconds of a monotonic clock; a duration is a difference of two
    glucose   mg/dL
    metered   micro-units x milliseconds per hour (rate x duration); HOUR of them are a micro-unit
"""

from .contract import Record, array

# The version of the layout below. A state of another version is not a state of this kernel.
LAYOUT = 1

MINUTE = 60000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Ranges. They leave room in 63 bits for every product that the kernel forms; the proof says so.
VOLUME_MAX = 274877906944  # 2 ** 38
TOTAL_MAX = 1099511627776  # 2 ** 40
RATE_MAX = 17179869184  # 2 ** 34
TIME_MAX = 1152921504606846976  # 2 ** 60
ID_MAX = 1152921504606846976  # 2 ** 60
ID_STEP_MAX = 4294967296  # 2 ** 32: nothing may use up all ids at once
AHEAD_MAX = 31 * DAY  # nothing may move the clock so far that the pump is of no more use
CODE_MAX = 1073741824  # 2 ** 30
PULSE_MAX = 1073741824  # 2 ** 30
GAP_LONGEST = HOUR
EXTENDED_LONGEST = 8 * HOUR
AGE_LONGEST = 31 * DAY
GLUCOSE_MIN = 20  # below it a sensor sends error codes
GLUCOSE_MAX = 1000

# A rolling window: SLOTS slots, each 1/SPANS of the window's length, always over-cover it.
SLOTS = 25
SPANS = 24
DAY_SLOT = DAY // SPANS
ACTION_SLOT = EXTENDED_LONGEST // SPANS  # drug acts for at most 8 h
WINDOW_HOUR = HOUR
WINDOW_FOUR_HOURS = 4 * HOUR
WHOLE = 65536  # the fraction 1 in the table of the drug that still acts

# Two readings foretell a third if they are this far apart.
READINGS_NEAREST = 4 * MINUTE
READINGS_FARTHEST = 16 * MINUTE

# The third fault within FAULT_SPAN latches.
FAULT_SPAN = 10 * MINUTE

# The time of what has not happened.
NEVER = -1

# Event kinds.
TICK = 1
CONFIRM = 2
UNCERTAIN = 3
FAULT = 4
BOLUS = 5
EXTENDED_BOLUS = 6
CANCEL_BOLUS = 7
SET_BASAL = 8
TEMP_BASAL = 9
CANCEL_TEMP_BASAL = 10
SUSPEND = 11
RESUME = 12
LOAD_RESERVOIR = 13
PRIME = 14
INSERT_SET = 15
FILL_CANNULA = 16
CONNECT = 17
DISCONNECT = 18
GLUCOSE = 19
ACKNOWLEDGE = 20

# Sources of an event.
USER = 1
SCHEDULE = 2
CONTROLLER = 3
REMOTE = 4

# Status of an outcome.
ACCEPTED = 1
REFUSED = 2
REPEATED = 3
CORRUPT = 4

# Where a release goes.
PATH_NONE = 0
PATH_PATIENT = 1
PATH_AIR = 2

# What a release is for: fixed when it starts.
RELEASE_NONE = 0
RELEASE_THERAPY = 1
RELEASE_FILL = 2
RELEASE_PRIME = 3

# What the pump is doing; the first that applies, in the order of `infusion_set.body_mode`.
MODE_NOT_READY = 1
MODE_DELIVERING = 2
MODE_SUSPENDED = 3
MODE_LOW_SUSPENDED = 4
MODE_FAULTED = 5
MODE_DISCONNECTED = 6
MODE_EXPIRED = 7
MODE_EMPTY = 8

# Causes of a FAULT; an unknown code counts as CAUSE_OTHER.
CAUSE_OCCLUSION = 1
CAUSE_MOTOR = 2
CAUSE_OVERFLOW = 3
CAUSE_AIR = 4
CAUSE_OTHER = 5
CAUSE_DELIVERY = 6  # found by the kernel: a confirmation that does not match its release

# Why: exactly one for each outcome, the first that applies in the order of the guards.
REASON_NONE = 0
REASON_CORRUPT_STATE = 1
REASON_KIND = 2
REASON_RANGE = 3
REASON_SOURCE = 4
REASON_CLOCK_BACKWARD = 5
REASON_CLOCK_AHEAD = 6
REASON_ID_RANGE = 7
REASON_ID_REUSED = 8
REASON_ID_OLD = 9
REASON_FUTURE = 10
REASON_EXPIRED = 11
REASON_SEQUENCE = 12
REASON_GLUCOSE_RANGE = 13
REASON_GLUCOSE_OLD = 14
REASON_GLUCOSE_STALE = 15
REASON_FAULTED = 16
REASON_NOT_READY = 17
REASON_DISCONNECTED = 18
REASON_SET_EXPIRED = 19
REASON_EMPTY = 20
REASON_SUSPENDED = 21
REASON_LOW_SUSPENDED = 22
REASON_UNCONFIRMED = 23
REASON_BUSY = 24
REASON_LOCKOUT = 25
REASON_GLUCOSE_MISSING = 26
REASON_GLUCOSE_LOW = 27
REASON_DURATION = 28
REASON_AMOUNT = 29
REASON_BOLUS_CAP = 30
REASON_RATE_CAP = 31
REASON_RESERVOIR = 32
REASON_WINDOW = 33
REASON_DAY = 34
REASON_ON_BOARD = 35
REASON_CONNECTED = 36
REASON_CAPACITY = 37
REASON_PRIME_CAP = 38
REASON_FILL_CAP = 39
REASON_NOT_PRIMED = 40
REASON_NOT_INSERTED = 41
REASON_FILLED = 42
REASON_NOT_SUSPENDED = 43
REASON_NO_TEMPORARY = 44
REASON_NOTHING_TO_ACKNOWLEDGE = 45
REASON_NOTHING_DUE = 46
REASON_SPEED = 47
REASON_LIMITS = 48
REASON_LIMITS_WINDOW = 49
REASON_LIMITS_PULSE = 50
REASON_LIMITS_STATE = 51
REASON_NOT_LOADED = 52

# Alarms: levels, true while the cause lasts; an outcome carries the sum of those that are true.
ALARM_CORRUPT = 1
ALARM_FAULT = 2
ALARM_LATCHED = 4
ALARM_UNCERTAIN = 8
ALARM_UNCONFIRMED = 16
ALARM_GAP = 32
ALARM_EMPTY = 64
ALARM_RESERVOIR_LOW = 128
ALARM_RESERVOIR_AGE = 256
ALARM_SET_AGE = 512
ALARM_SET_EXPIRED = 1024
ALARM_SUSPENDED = 2048
ALARM_LOW_SUSPENDED = 4096


class Limits(Record):
    """What a prescription allows: adopted as a whole, by its own call, after `limits_valid`."""

    pulse: int
    reservoir_capacity: int
    reservoir_low: int
    reservoir_life: int
    set_life: int
    set_expiry: int
    prime_max: int
    cannula_fill: int
    bolus_max: int
    bolus_lockout: int
    extended_duration_max: int
    request_age_max: int
    delivery_speed: int
    basal_max: int
    basal_reserve: int
    temp_duration_max: int
    window_length: int
    window_max: int
    day_max: int
    on_board_max: int
    action_remaining: list[int] = array(SLOTS)
    controller_bolus_max: int
    controller_basal_max: int
    controller_duration_max: int
    remote_bolus_max: int
    glucose_low: int
    glucose_resume: int
    glucose_predict: int
    glucose_stale: int
    glucose_suspend_max: int
    suspend_reminder: int
    gap_max: int
    confirm_max: int


class Window(Record):
    """A rolling window: `slots[0]` is the slot of now, `slots[i]` the one i slots ago."""

    slots: list[int] = array(SLOTS)


class Event(Record):
    """What happened or is asked for; a field that a kind does not use is 0.

    `id` numbers a request; for CONFIRM and UNCERTAIN it is the `sequence` of the release.
    `code` is the site of INSERT_SET and the cause of FAULT.
    """

    kind: int
    id: int
    at: int
    issued_at: int
    source: int
    amount: int
    rate: int
    duration: int
    glucose: int
    code: int


class State(Record):
    """All that the kernel remembers."""

    layout: int
    limits: Limits
    now: int
    last: Event  # the last request that was accepted, or the last stop that moved the id
    # basal
    basal_rate: int
    temporary_rate: int
    temporary_until: int  # 0: no temporary rate
    carry: int  # metered basal not yet released
    # boluses, and all else that is owed
    bolus_owed: int
    bolus_ended: int
    extended_amount: int  # 0: no extended bolus
    extended_duration: int
    extended_elapsed: int
    extended_given: int
    fill_owed: int
    prime_owed: int
    # reservoir and infusion set
    reservoir: int
    reservoir_at: int
    loaded: int
    primed: int
    prime_fresh: int  # primed, and not yet used up by an insertion or a connection
    prime_used: int
    inserted: int
    site: int
    set_at: int
    filled: int
    fill_used: int
    connected: int
    # stops and faults
    suspended: int
    suspended_at: int
    faulted: int
    latched: int
    fault_code: int
    fault_amount: int
    fault_issued: int
    fault_at: int
    fault_before: int
    gap: int
    # the release that waits for its report, and the two ledgers
    outstanding: int
    outstanding_class: int
    outstanding_bolus: int  # the part of it that is a normal bolus
    outstanding_ends: int  # it ends the normal bolus, the fill or the prime
    outstanding_stopped: int  # a stop came after it
    released_at: int
    sequence: int
    uncertain: int
    committed: int
    confirmed: int
    # glucose
    glucose: int
    glucose_at: int
    glucose_before: int
    glucose_before_at: int
    low_suspended: int
    low_since: int
    low_ended: int
    # rolling windows of what was released to the patient
    window: Window
    day: Window
    action: Window


class Memory(Record):
    """A state, and the bitwise inverse of its every word."""

    state: State
    inverse: State


class Outcome(Record):
    """What was decided, what the motor must do, and what a display needs."""

    status: int
    reason: int
    pulses: int
    path: int
    amount: int
    allowable: int
    not_given: int
    alarms: int
    mode: int
    sequence: int
    reservoir: int
    on_board: int
    window_total: int
    day_total: int
    owed: int
    rate: int
