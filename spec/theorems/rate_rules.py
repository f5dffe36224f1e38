"""The theorems about basal rates."""

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "rates/committed",
        "Room is kept for the largest of programmed rate, temporary rate and reserve",
        "committed_rate",
        "committed_meaning",
        "commits_the_reserve",
    ),
    rule(
        "rates/controller",
        "A controller's increase needs glucose and room on board; a decrease nothing",
        "controller_reason",
        "controller_guards",
        "refuses_an_increase",
        ("flow",),
    ),
    rule(
        "rates/end-guards",
        "A temporary rate that runs can be ended; for a controller that can be an increase",
        "end_temporary_reason",
        "end_guards",
        "gives_no_reason",
    ),
    rule(
        "rates/in-force",
        "The temporary rate while it runs, else the programmed one",
        "rate_in_force",
        "in_force_meaning",
        "is_positive",
    ),
    rule(
        "rates/program",
        "The programmed rate changes and nothing else does",
        "program_rate",
        "programmed_exactly",
        "changes",
    ),
    rule(
        "rates/rate-guards",
        "A rate within its cap is refused only above the committed rate, for want of room",
        "rate_reason",
        "rate_guards",
        "gives_no_reason",
    ),
    rule(
        "temp-ends/cancel",
        "A temporary rate ends when that is asked for, and nothing else changes",
        "end_temporary",
        "temporary_ended_exactly",
        "changes",
    ),
    rule(
        "temp-ends/guards",
        "A temporary rate is refused for the first cause that holds, accepted if none does",
        "temporary_reason",
        "temporary_guards",
        "allows_a_controller",
    ),
    rule(
        "temp-ends/run",
        "A temporary rate has an end, and nothing else changes",
        "run_temporary",
        "temporary_exactly",
        "changes",
    ),
)
