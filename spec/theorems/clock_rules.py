"""The theorems about what passes with time."""

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "clock/caught-up",
        "The state at a later time, every word of it; no low suspension outlasts its time",
        "catch_up",
        (
            "caught_up_exactly",
            "low_suspension_ends",
        ),
        "goes_on_through_a_gap",
        (
            "pass_time",
            "accrue",
            "run_extended",
            "expire_low_suspension",
            "end_low_suspension",
            "end_raised_temporary",
            "cancel",
            "cancel_body",
            "cancel_prime",
            "settle",
        ),
    ),
    rule(
        "clock/passed",
        "With time basal is metered, an extended bolus runs, a temporary rate ends",
        "pass_time",
        "time_passed_exactly",
        "ends_and_meters",
        (
            "accrue",
            "run_extended",
        ),
    ),
    rule(
        "clock/undeliverable",
        "What can no longer be delivered is cancelled and told, and no more changes",
        "settle",
        "undeliverable_exactly",
        "cancels_an_extended_bolus",
        (
            "cancel_body",
            "cancel_prime",
        ),
    ),
)
