"""What each field of a record means, its unit and its range: what the header says above it.

The limits come from the table in `spec`; the other records' tables stand here, where they are
told. A bound is a number, a constant's name without its prefix, or another field's name; "" is no
bound other than the word's own. Tests hold the ranges against what really comes out of the kernel.
"""

from dataclasses import dataclass

from dosekernel.kernel import records
from dosekernel.spec.limits_table import LIMITS, Limit
from dosekernel.spec.quantity import DURATION, FRACTION, GLUCOSE, RATE, SPEED, VOLUME
from dosekernel.spec.reasons import ALARM_SENTENCES, Cause, Kind, Mode, Path, Reason, Source, Status

MICRO, HOURLY, MS, SUGAR, METERED = (
    "micro-units",
    "micro-units per hour",
    "milliseconds",
    "mg/dL",
    "micro-units x ms/h",
)
UNITS = {
    VOLUME.name: MICRO,
    RATE.name: HOURLY,
    SPEED.name: HOURLY,
    DURATION.name: MS,
    GLUCOSE.name: SUGAR,
    FRACTION.name: f"1/{records.WHOLE} of a dose",
}
# The constants by which a limit's range is told.
BOUNDS = {
    getattr(records, name): name
    for name in (
        *("PULSE_MAX", "VOLUME_MAX", "RATE_MAX", "AGE_LONGEST", "EXTENDED_LONGEST", "DAY", "HOUR"),
        *("WHOLE", "GLUCOSE_MIN", "GLUCOSE_MAX", "WINDOW_FOUR_HOURS"),
    )
}
Bound = int | str


@dataclass(frozen=True)
class Field:
    """One field."""

    meaning: str
    unit: str
    low: Bound
    high: Bound

    def told(self) -> str:
        """As the header says it."""
        span = f"{self.low} or more" if self.high == "" else f"{self.low} .. {self.high}"
        if self.low == self.high == "":
            span = "any"
        return f"{self.meaning}; {f'{self.unit}, ' if self.unit else ''}{span}"


def _flag(meaning: str) -> Field:
    return Field(meaning, "", 0, 1)


def _volume(meaning: str, high: Bound = "VOLUME_MAX") -> Field:
    return Field(meaning, MICRO, 0, high)


def _instant(meaning: str, low: Bound = "NEVER", high: Bound = "now") -> Field:
    return Field(meaning, MS, low, high)


EVENT = {
    "kind": Field("what happens or is asked for: a kind, from TICK on", "", "TICK", "ACKNOWLEDGE"),
    "id": Field(
        "a request's number, above that of every earlier request; of CONFIRM and UNCERTAIN the "
        "`sequence` of the release; else 0",
        "",
        0,
        "ID_MAX",
    ),
    "at": Field("when it arrives, by the program's one monotonic clock", MS, 0, "TIME_MAX"),
    "issued_at": Field("when it was asked for, or a reading was taken", MS, 0, "TIME_MAX"),
    "source": Field("who asks or reports", "", "USER", "REMOTE"),
    "amount": Field(
        "of a bolus, fill, prime or reservoir; what CONFIRM reports as delivered; what FAULT "
        "reports as flowed beyond what was released",
        MICRO,
        0,
        "VOLUME_MAX",
    ),
    "rate": Field("of SET_BASAL and TEMP_BASAL", HOURLY, 0, "RATE_MAX"),
    "duration": Field("of EXTENDED_BOLUS and TEMP_BASAL", MS, 0, "TIME_MAX"),
    "glucose": Field("the reading of GLUCOSE, else 0", SUGAR, "GLUCOSE_MIN", "GLUCOSE_MAX"),
    "code": Field("the site of INSERT_SET, the cause of FAULT", "", 0, "CODE_MAX"),
}
OUTCOME = {
    "status": Field("what was decided", "", "ACCEPTED", "CORRUPT"),
    "reason": Field("why: the first that applies", "", "REASON_NONE", "REASON_NOT_LOADED"),
    "pulses": Field(
        "whole pulses that the motor moves now: all that it may ever do", "", 0, "VOLUME_MAX"
    ),
    "path": Field("where they go", "", "PATH_NONE", "PATH_AIR"),
    "amount": _volume("the volume of these pulses: pulses x limits.pulse"),
    "allowable": _volume("of a bolus: the largest that would be accepted now, for its source"),
    "not_given": Field("what was owed and now never will be given", MICRO, 0, ""),
    "alarms": Field("the sum of all alarms that are true", "", 0, "2 * ALARM_LOW_SUSPENDED - 1"),
    "mode": Field("what the pump is doing", "", "MODE_NOT_READY", "MODE_EMPTY"),
    "sequence": Field(
        "the number of the last release; its CONFIRM or UNCERTAIN carries it as `id`",
        "",
        0,
        "ID_MAX",
    ),
    "reservoir": _volume("what the reservoir holds, by what was committed"),
    "on_board": Field(
        "drug still acting: a safety bound, never too low", MICRO, 0, "ON_BOARD_RANGE"
    ),
    "window_total": _volume("committed in the short window", "TOTAL_MAX"),
    "day_total": _volume("committed in 24 hours", "TOTAL_MAX"),
    "owed": _volume("accepted and not yet released, basal apart", "2 * VOLUME_MAX"),
    "rate": Field("the basal rate that runs now, 0 unless delivering", HOURLY, 0, "RATE_MAX"),
}
STATE = {
    "layout": Field("the version of this layout", "", "LAYOUT", "LAYOUT"),
    "now": Field("the kernel's own time: that of the last accepted event", MS, 0, "TIME_MAX"),
    "basal_rate": Field("the programmed basal rate", HOURLY, 0, "limits.basal_max"),
    "temporary_rate": Field("the temporary rate", HOURLY, 0, "limits.basal_max"),
    "temporary_until": Field("when the temporary rate ends", MS, 0, "TIME_MAX + DAY"),
    "carry": Field("basal metered and not yet released", METERED, 0, ""),
    "bolus_owed": _volume("of the normal bolus, not yet released"),
    "bolus_ended": _instant("when the last bolus ended"),
    "extended_amount": _volume("the extended bolus in all"),
    "extended_duration": Field("its whole time", MS, 0, "EXTENDED_LONGEST"),
    "extended_elapsed": Field("its time so far", MS, 0, "extended_duration"),
    "extended_given": _volume("released of it so far", "extended_amount"),
    "fill_owed": _volume("of the cannula fill, not yet released"),
    "prime_owed": _volume("of the prime, not yet released"),
    "reservoir": _volume("what the reservoir holds", "limits.reservoir_capacity"),
    "reservoir_at": _instant("when it was loaded"),
    "loaded": _flag("a reservoir is in"),
    "primed": _flag("the tubing is full"),
    "prime_fresh": _flag("the last prime has not been used up"),
    "prime_used": _volume("primed for this reservoir"),
    "inserted": _flag("a set is in the body"),
    "site": Field("where", "", 0, "CODE_MAX"),
    "set_at": _instant("when it was inserted"),
    "filled": _flag("the cannula is full"),
    "fill_used": _volume("filled for this cannula"),
    "connected": _flag("the tubing is connected to the body"),
    "suspended": _flag("suspended by a request"),
    "suspended_at": _instant("since when"),
    "faulted": _flag("a fault stops the pump"),
    "latched": _flag("three faults: a new set is needed"),
    "fault_code": Field("the cause of the last fault", "", 0, "CAUSE_DELIVERY"),
    "fault_amount": _volume("what it reported as over-flow"),
    "fault_issued": Field("when it was issued, as it said", MS, "", ""),
    "fault_at": _instant("when it arrived"),
    "fault_before": _instant("when the fault before it arrived", high="fault_at"),
    "gap": _flag("there was a gap without time, not yet acknowledged"),
    "outstanding": _volume("the release that waits for its report"),
    "outstanding_class": Field("what it is for", "", "RELEASE_NONE", "RELEASE_PRIME"),
    "outstanding_bolus": _volume("its part of a normal bolus", "outstanding"),
    "outstanding_ends": _flag("it ends what it is for"),
    "outstanding_stopped": _flag("a stop came after it"),
    "released_at": _instant("when the last release was", low=0),
    "sequence": Field("its number", "", 0, "ID_MAX"),
    "uncertain": _flag("a release was declared uncertain, and none confirmed since"),
    "committed": _volume("all that may have gone into the patient", "ID_MAX"),
    "confirmed": _volume("all that was reported as delivered", "ID_MAX"),
    "glucose": Field("the last reading, 0: none", SUGAR, 0, "GLUCOSE_MAX"),
    "glucose_at": _instant("when it was taken"),
    "glucose_before": Field("the one before it, 0: none", SUGAR, 0, "GLUCOSE_MAX"),
    "glucose_before_at": _instant("when that was taken", high="glucose_at"),
    "low_suspended": _flag("suspended because glucose is low or predicted low"),
    "low_since": _instant("since when"),
    "low_ended": _instant("when the last low suspension ended"),
}
# Records within records: what each is there for.
NESTED = {
    "State": {
        "limits": "the limits in force",
        "last": "the last request that was accepted, or the last stop that moved the id",
        "window": "what went to the patient, by slots of the short window",
        "day": "what went to the patient, by slots of 24 hours",
        "action": "what went to the patient, by slots of the time in which it acts",
    },
    "Memory": {
        "state": "every word",
        "inverse": "every word again, as its bitwise inverse",
    },
}
WINDOW = {"slots": _volume("what was released in each slot", "TOTAL_MAX")}


def _limit(limit: Limit) -> Field:
    """A limit, as its table says."""
    meaning = f"{limit.meaning} (0: {limit.zero})" if limit.zero else limit.meaning
    low = 0 if limit.off_below else limit.low
    spans = [
        bound if isinstance(bound, str) else BOUNDS.get(bound, bound) for bound in (low, limit.high)
    ]
    if limit.off_below:
        meaning += f", else from {BOUNDS.get(int(limit.low), limit.low)} on"
    if limit.choices:
        names = " or ".join(str(BOUNDS.get(choice, choice)) for choice in limit.choices)
        meaning += f": {names}"
    return Field(meaning, UNITS[limit.quantity.name], spans[0], spans[1])


FIELDS: dict[str, dict[str, Field]] = {
    "Limits": {limit.name: _limit(limit) for limit in LIMITS},
    "Event": EVENT,
    "Outcome": OUTCOME,
    "State": STATE,
    "Window": WINDOW,
}


def _sentences() -> dict[tuple[str, int], str]:
    """The sentence of each constant that has one, by its name and value."""
    prefixes = {Mode: "MODE_", Cause: "CAUSE_", Reason: "REASON_", Path: "PATH_"}
    found = {
        (prefixes.get(kind, "") + member.name, int(member)): member.sentence
        for kind in (Kind, Source, Status, Path, Mode, Cause, Reason)
        for member in kind
    }
    alarms = {
        (f"ALARM_{alarm.name}", int(alarm)): sentence for alarm, sentence in ALARM_SENTENCES.items()
    }
    return found | alarms


SENTENCES = _sentences()


CONSTANTS = {
    "MINUTE": "a minute, in milliseconds",
    "HOUR": "an hour, in milliseconds",
    "DAY": "a day, in milliseconds",
    "VOLUME_MAX": "the largest volume of a field, in micro-units",
    "TOTAL_MAX": "the largest sum of a window, in micro-units",
    "RATE_MAX": "the highest rate, in micro-units per hour",
    "TIME_MAX": "the last instant, in milliseconds",
    "ID_MAX": "the largest id; counters stay there",
    "ID_STEP_MAX": "how far an id may be above the last accepted one",
    "AHEAD_MAX": "how far an event may be ahead of the kernel's time, in milliseconds",
    "CODE_MAX": "the largest code: a site's number or a fault's cause",
    "PULSE_MAX": "the largest pulse, in micro-units",
    "GAP_LONGEST": "the longest gap that limits may allow, in milliseconds",
    "EXTENDED_LONGEST": "the longest extended bolus that limits may allow, in milliseconds",
    "AGE_LONGEST": "the longest life of reservoir or set that limits may allow, in milliseconds",
    "GLUCOSE_MIN": "the lowest reading, in mg/dL",
    "GLUCOSE_MAX": "the highest reading, in mg/dL",
    "SLOTS": "slots of a window",
    "SPANS": "slots that make up a window's length",
    "DAY_SLOT": "a slot of the day's window, in milliseconds",
    "ACTION_SLOT": "a slot of the window of acting drug, in milliseconds",
    "WINDOW_HOUR": "a short window of an hour, in milliseconds",
    "WINDOW_FOUR_HOURS": "a short window of four hours, in milliseconds",
    "WHOLE": "a whole dose, in parts of `action_remaining`",
    "READINGS_NEAREST": "the least time between them, in milliseconds",
    "READINGS_FARTHEST": "the most time between them, in milliseconds",
    "RELEASE_NONE": "nothing waits for a report",
    "RELEASE_THERAPY": "basal and boluses, to the patient",
    "RELEASE_FILL": "the cannula's fill, counted as if in the body",
    "RELEASE_PRIME": "the tubing's fill, into the air",
}


def constant_told(name: str, value: int) -> str:
    """What the header says of a constant; "" if the source's own comment above it says all."""
    return SENTENCES.get((name, value), "") or CONSTANTS.get(name, "")


def told_of(record: str, field: str) -> str:
    """What the header says of a field, "" of one that is not in a table."""
    found = FIELDS.get(record, {}).get(field)
    return found.told() if found else NESTED.get(record, {}).get(field, "")
