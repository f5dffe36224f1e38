"""The theorems about the gate and what a tick lets go."""

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "delivery/fill",
        "A fill leaves in whole pulses, as far as room and speed allow",
        "release_fill",
        "fill_released",
        "ends_a_fill",
        ("release",),
    ),
    rule(
        "delivery/gate",
        "What may leave, how much, and for what",
        "may_release",
        "gate_meaning",
        "is_true",
    ),
    rule(
        "delivery/path",
        "Only a prime goes to the air",
        "path_of",
        "path_meaning",
        "is_positive",
    ),
    rule(
        "delivery/prime",
        "A prime leaves in whole pulses, as far as reservoir and speed allow",
        "release_prime",
        "prime_released",
        "ends_a_prime",
        ("release",),
    ),
    rule(
        "delivery/release",
        "A release is booked in full in the same step, and nothing else changes",
        "release",
        (
            "released_exactly",
            "release_told",
        ),
        "releases_for_a_purpose",
    ),
    rule(
        "delivery/room",
        "What is in the reservoir and under both caps",
        "body_room",
        "body_room_meaning",
        "is_positive",
    ),
    rule(
        "delivery/shares",
        "Basal first, then the normal bolus, then what is due of the extended one",
        "release_therapy",
        (
            "therapy_shares",
            "therapy_withheld",
        ),
        "releases_both",
        ("release",),
    ),
    rule(
        "delivery/speed",
        "What the motor can deliver since the last release",
        "speed_room",
        "speed_meaning",
        "is_positive",
        ("flow",),
    ),
    rule(
        "delivery/tick",
        "A tick releases one thing at a time, and says why nothing leaves",
        "tick",
        "tick_order",
        "releases_for_a_purpose",
        ("release_prime", "release_therapy"),
    ),
    rule(
        "delivery/withheld",
        "A full window is named first, then a full day, then the motor's speed",
        "withheld_reason",
        "withheld_guards",
        "gives_a_reason",
    ),
)
