"""The theorems about glucose."""

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "glucose/controller",
        "A controller raises the rate only on a fresh reading that is not low",
        "temporary_reason",
        "controller_sees",
        "allows_an_increase",
        ("controller_reason", "increase_reason"),
    ),
    rule(
        "glucose/end",
        "What ends a low suspension also holds off the next",
        "end_low_suspension",
        "low_ended_exactly",
        "changes",
    ),
    rule(
        "glucose/expiry",
        "A low suspension ends after its longest time, whatever the sensor does",
        "expire_low_suspension",
        "low_expired_exactly",
        "gives_up_suspending",
        ("end_low_suspension",),
    ),
    rule(
        "glucose/foretold",
        "A low is foretold when the line through two readings reaches it in time",
        "foretold_low",
        "foretold_meaning",
        "foretells",
        ("slope",),
    ),
    rule(
        "glucose/held",
        "After a low suspension was ended none starts for a time",
        "held",
        "held_meaning",
        "is_true",
    ),
    rule(
        "glucose/increase",
        "An increase needs a fresh reading that is not low and foretells no low",
        "increase_reason",
        "increase_guards",
        "finds_glucose_low",
    ),
    rule(
        "glucose/low",
        "Low is at or below the threshold, or foretold to be",
        "low",
        "low_meaning",
        "is_true",
        ("slope",),
    ),
    rule(
        "glucose/reading",
        "A reading is kept; it suspends or resumes, and does no more",
        "take_reading",
        "reading_taken_exactly",
        "suspends_for_low",
        ("end_raised_temporary",),
    ),
    rule(
        "glucose/reading-guards",
        "A reading is in range, newer than the last, and neither stale nor from the future",
        "reading_reason",
        "reading_guards",
        "gives_no_reason",
    ),
)
