"""The theorems about what any one step leaves alone, and about what its outcome says."""

from ..theorem import Theorem
from .rules import rule

# The way from the entry's two ways through to the functions that do one thing each.
WAY = ("ask_set", "ask_therapy", "consider", "stop", "take_report", "take_request", "tick")

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "frame",
        "Each kind of event changes only the words that are its own",
        "act",
        (
            "frame_of_releases",
            "frame_of_stops",
            "frame_of_the_rest",
            "frame_of_the_set",
        ),
        "primes",
        WAY,
    ),
    rule(
        "outcomes",
        "One status, and a reason exactly where there is something to explain",
        "act",
        ("statuses", "ticks_accepted"),
        "finds_nothing_due",
        WAY,
    ),
    rule(
        "temp-ends/step",
        "No temporary rate outlives its end, none is longer than allowed, none comes unasked",
        "act",
        ("temporary_bounded",),
        "ends_a_temporary_rate",
        WAY,
    ),
)
