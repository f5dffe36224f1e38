"""Every limit in one table: its unit, its range, what 0 means, and what it is for.

The kernel holds the same ranges as guards (`kernel/limits.py`); a test walks every boundary of
this table and asks the kernel, so that the two cannot drift apart.
"""

from dataclasses import dataclass

from dosekernel.kernel.records import (
    AGE_LONGEST,
    DAY,
    EXTENDED_LONGEST,
    GAP_LONGEST,
    GLUCOSE_MAX,
    GLUCOSE_MIN,
    HOUR,
    PULSE_MAX,
    RATE_MAX,
    VOLUME_MAX,
    WHOLE,
    WINDOW_FOUR_HOURS,
    WINDOW_HOUR,
)

from .quantity import DURATION, FRACTION, GLUCOSE, RATE, SPEED, VOLUME, Quantity

NONE = "none allowed"
OFF = "off"
REFUSED = ""  # 0 is out of range


@dataclass(frozen=True)
class Limit:
    """One limit. A bound is in kernel units, or the name of another limit."""

    name: str
    quantity: Quantity
    low: int | str
    high: int | str
    zero: str
    meaning: str
    choices: tuple[int, ...] = ()
    off_below: bool = False  # 0 is allowed as well, though it lies below `low`


LIMITS: tuple[Limit, ...] = (
    Limit("pulse", VOLUME, 1, PULSE_MAX, REFUSED, "the smallest volume that the motor can move"),
    Limit(
        "reservoir_capacity", VOLUME, "pulse", VOLUME_MAX, REFUSED, "what a full reservoir holds"
    ),
    Limit(
        "reservoir_low",
        VOLUME,
        0,
        "reservoir_capacity",
        "no warning before empty",
        "at or below this an alarm warns that the reservoir is low",
    ),
    Limit(
        "reservoir_life",
        DURATION,
        0,
        AGE_LONGEST,
        OFF,
        "a reservoir older than this raises an alarm",
    ),
    Limit("set_life", DURATION, 0, AGE_LONGEST, OFF, "a set older than this raises an alarm"),
    Limit("set_expiry", DURATION, 0, AGE_LONGEST, OFF, "a set older than this delivers no more"),
    Limit(
        "prime_max",
        VOLUME,
        0,
        VOLUME_MAX,
        "off: no prime is needed, and none is allowed",
        "the most that may fill the tubing for each reservoir",
    ),
    Limit(
        "cannula_fill",
        VOLUME,
        0,
        VOLUME_MAX,
        "off: a steel needle needs no fill, and none is allowed",
        "the most that may fill the cannula for each insertion",
    ),
    Limit("bolus_max", VOLUME, 0, VOLUME_MAX, NONE, "the largest bolus, whoever asks"),
    Limit("bolus_lockout", DURATION, 0, DAY, OFF, "no bolus sooner than this after the last"),
    Limit(
        "extended_duration_max",
        DURATION,
        0,
        EXTENDED_LONGEST,
        NONE,
        "the longest extended bolus",
    ),
    Limit(
        "request_age_max",
        DURATION,
        0,
        DAY,
        "a request must be issued at the instant it arrives",
        "a request older than this is refused",
    ),
    Limit("delivery_speed", SPEED, 1, RATE_MAX, REFUSED, "how fast a bolus may flow"),
    Limit("basal_max", RATE, 0, "delivery_speed", NONE, "the highest basal or temporary rate"),
    Limit(
        "basal_reserve",
        RATE,
        0,
        "basal_max",
        "no room is kept",
        "the basal rate that every window keeps room for; no programme may go above it",
    ),
    Limit("temp_duration_max", DURATION, 0, DAY, NONE, "the longest temporary rate"),
    Limit(
        "window_length",
        DURATION,
        WINDOW_HOUR,
        WINDOW_FOUR_HOURS,
        REFUSED,
        "the length of the short rolling window",
        choices=(WINDOW_HOUR, WINDOW_FOUR_HOURS),
    ),
    Limit("window_max", VOLUME, 0, VOLUME_MAX, NONE, "the most in any short window, basal too"),
    Limit("day_max", VOLUME, 0, VOLUME_MAX, NONE, "the most in any 24 hours, basal too"),
    Limit(
        "on_board_max",
        VOLUME,
        0,
        VOLUME_MAX,
        NONE,
        "no bolus or controller increase may take the drug still acting, basal too, above this",
    ),
    Limit(
        "action_remaining",
        FRACTION,
        0,
        WHOLE,
        "the drug acts no more",
        "the fraction of a dose that still acts, each 20 minutes from 0 to 8h",
    ),
    Limit(
        "controller_bolus_max", VOLUME, 0, "bolus_max", NONE, "the largest bolus of a controller"
    ),
    Limit("controller_basal_max", RATE, 0, "basal_max", NONE, "the highest rate of a controller"),
    Limit(
        "controller_duration_max",
        DURATION,
        0,
        "temp_duration_max",
        NONE,
        "the longest temporary rate of a controller",
    ),
    Limit("remote_bolus_max", VOLUME, 0, "bolus_max", NONE, "the largest bolus of a remote"),
    Limit(
        "glucose_low",
        GLUCOSE,
        GLUCOSE_MIN,
        GLUCOSE_MAX,
        OFF,
        "a reading at or below this suspends delivery",
        off_below=True,
    ),
    Limit(
        "glucose_resume",
        GLUCOSE,
        0,
        GLUCOSE_MAX,
        "only together with glucose_low = 0",
        "a reading at or above this ends a low suspension",
    ),
    Limit(
        "glucose_predict",
        DURATION,
        0,
        HOUR,
        "no prediction",
        "how far ahead a fall is followed to predict a low",
    ),
    Limit(
        "glucose_stale",
        DURATION,
        0,
        HOUR,
        "a reading counts only at its own instant",
        "a reading older than this counts as missing",
    ),
    Limit("glucose_suspend_max", DURATION, 1, DAY, REFUSED, "the longest low suspension"),
    Limit("suspend_reminder", DURATION, 0, DAY, OFF, "a longer suspension raises an alarm"),
    Limit(
        "gap_max",
        DURATION,
        1,
        GAP_LONGEST,
        REFUSED,
        "the longest time without a tick; only this much basal is made up after it",
    ),
    Limit("confirm_max", DURATION, 1, GAP_LONGEST, REFUSED, "the longest that a release may take"),
)

BY_NAME: dict[str, Limit] = {limit.name: limit for limit in LIMITS}
UNITS = ("U", "mg", "mL")
