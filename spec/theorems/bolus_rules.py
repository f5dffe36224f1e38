"""The theorems about boluses."""

from dosekernel.kernel.records import BOLUS, EXTENDED_BOLUS

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "bolus/allowable",
        "What is allowable is the largest bolus that would be accepted",
        "allowable",
        "largest_allowed",
        "allows_some",
        ("bolus_reason",),
    ),
    rule(
        "bolus/busy",
        "One bolus of a kind at a time, until its last release is settled",
        "busy",
        "busy_meaning",
        "is_true",
    ),
    rule(
        "bolus/cap",
        "Each source has its cap",
        "source_cap",
        "cap_meaning",
        "is_positive",
    ),
    rule(
        "bolus/guards",
        "A bolus is refused for the first cause that holds, and accepted if none does",
        "bolus_reason",
        "bolus_guards",
        "gives_no_reason",
    ),
    rule(
        "bolus/owed",
        "An accepted bolus is owed in full, and nothing else changes",
        "owe_bolus",
        "bolus_owed_exactly",
        "changes",
    ),
    rule(
        "bolus/ready",
        "Mode, another bolus, lockout, glucose and duration, in this order",
        "bolus_ready",
        "ready_guards",
        "gives_no_reason",
    ),
    rule(
        "bolus/spare",
        "What still fits under a cap, to the micro-unit",
        "spare",
        "spare_meaning",
        "is_positive",
    ),
    rule(
        "cancel/all",
        "To cancel leaves nothing owed, tells how much it was and changes nothing else",
        "cancel",
        "all_cancelled_exactly",
        "changes",
        (
            "cancel_body",
            "cancel_prime",
        ),
    ),
    rule(
        "cancel/body",
        "Nothing is owed to the patient any more; a bolus that is cancelled has ended",
        "cancel_body",
        "body_cancelled_exactly",
        "changes",
    ),
    rule(
        "cancel/prime",
        "No prime is owed any more",
        "cancel_prime",
        "prime_cancelled_exactly",
        "changes",
    ),
    rule(
        "exact-refusal/bolus",
        "A well-formed bolus is refused exactly above what is allowable",
        "bolus_reason",
        "exact_refusal",
        "refuses_for_its_amount",
        ("allowable",),
    ),
    Theorem(
        name="exact-refusal/whole",
        title="From the entry on: a fresh, well-formed bolus is accepted if and only if allowable",
        about="consider",
        statements=("refused_exactly",),
        opens=("take_request", "ask_therapy", "bolus_reason", "allowable"),
        cases={"event.kind": (BOLUS, EXTENDED_BOLUS)},
        cover="takes_a_bolus",
    ),
    rule(
        "extended/counted",
        "What is released for a bolus is taken off it, and the last of it ends it",
        "count_bolus",
        "counted_exactly",
        "ends_both",
    ),
    rule(
        "extended/due",
        "An extended bolus runs evenly and sums up exactly",
        "extended_due",
        (
            "even_pace",
            "exact_sum",
        ),
        "is_positive",
        ("spread",),
    ),
    rule(
        "extended/pauses",
        "An extended bolus's clock stands while a normal bolus is owed",
        "run_extended",
        "clock_pauses",
        "pauses",
    ),
    rule(
        "lockout",
        "No bolus within the lockout after the end of the last",
        "locked_out",
        "lockout_meaning",
        "is_true",
    ),
    rule(
        "lockout/spacing",
        "An accepted bolus keeps its distance from the end of the last",
        "bolus_reason",
        "spaced",
        "allows_after_a_lockout",
    ),
)
