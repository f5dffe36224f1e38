"""The theorems about the adoption of limits: a pump's first ones and other ones."""

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "adopt",
        "Limits change as a whole, to valid ones that the state satisfies, or nothing changes",
        "adopt",
        ("adopted_in_time", "adopted_whole", "other_pulse_at_rest", "refused_adoption"),
        "adopts_other_limits",
    ),
    rule(
        "adopt/limits",
        "New limits change nothing but themselves; another pulse un-loads the reservoir",
        "change_limits",
        ("limits_changed_exactly", "limits_guards"),
        "changes_the_pulse",
    ),
    rule(
        "adopt/reasons",
        "Adoption names the first thing in its way: the time, what a gap would cancel, the limits",
        "adopt",
        "adoption_reasons",
        "refuses_busy",
    ),
    rule(
        "initialise",
        "A fresh pump has its limits and its time; all else is nothing, or never was",
        "initialise",
        ("fresh_guards", "fresh_pump"),
        "starts_afresh",
    ),
)
