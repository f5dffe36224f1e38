"""The theorems about the kernel's own invariant."""

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "state/basal",
        "Rates within the limit, and no temporary rate without an end ahead",
        "basal_valid",
        "basal_ranges",
        "is_true",
    ),
    rule(
        "state/body-owed",
        "Owed to the patient is the sum of normal bolus, extended bolus and fill",
        "body_owed",
        "all_body_owed",
        "is_positive",
    ),
    rule(
        "state/clock",
        "Nothing that the kernel remembers lies in its future",
        "clock_valid",
        "clock_ranges",
        "is_true",
    ),
    rule(
        "state/extended-left",
        "What is left of an extended bolus and what was given make up all of it",
        "extended_left",
        "left_of_extended",
        "is_positive",
    ),
    rule(
        "state/owed",
        "What is owed is in range; an extended bolus is whole or absent",
        "owed_valid",
        "owed_ranges",
        "is_true",
    ),
    rule(
        "state/release",
        "Something waits for a purpose, or nothing does",
        "release_valid",
        "release_ranges",
        "is_true",
    ),
    rule(
        "state/set",
        "What is connected was loaded and inserted",
        "set_valid",
        "set_ranges",
        "is_true",
    ),
    rule(
        "state/sound",
        "A state is sound if its limits are valid and each group is in range",
        "state_valid",
        "sound_state",
        "is_true",
    ),
    rule(
        "state/stops",
        "Suspension, faults and readings are in range",
        "stops_valid",
        "stop_ranges",
        "is_true",
    ),
    rule(
        "state/window",
        "No slot is below nothing, and all together are in range",
        "window_valid",
        "window_ranges",
        "is_true",
    ),
    rule(
        "state/windows",
        "All three windows are sound",
        "windows_valid",
        "sound_windows",
        "is_true",
    ),
)
