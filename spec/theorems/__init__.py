"""The theorems, by subject: each names its statements in `spec/properties` and what covers it."""

from ..theorem import Theorem
from . import (
    adoption_rules,
    arithmetic_rules,
    bolus_rules,
    clock_rules,
    delivery_rules,
    dispatch_rules,
    frame_rules,
    glucose_rules,
    halt_rules,
    histories,
    limit_rules,
    monotone,
    rate_rules,
    readout_rules,
    request_rules,
    set_rules,
    state_rules,
    steps,
    stop_rules,
)

# In the order of their names, whatever the order of the modules.
THEOREMS: tuple[Theorem, ...] = tuple(
    sorted(
        (
            *adoption_rules.THEOREMS,
            *arithmetic_rules.THEOREMS,
            *bolus_rules.THEOREMS,
            *clock_rules.THEOREMS,
            *delivery_rules.THEOREMS,
            *dispatch_rules.THEOREMS,
            *frame_rules.THEOREMS,
            *glucose_rules.THEOREMS,
            *halt_rules.THEOREMS,
            *histories.THEOREMS,
            *limit_rules.THEOREMS,
            *monotone.THEOREMS,
            *rate_rules.THEOREMS,
            *readout_rules.THEOREMS,
            *request_rules.THEOREMS,
            *set_rules.THEOREMS,
            *state_rules.THEOREMS,
            *steps.THEOREMS,
            *stop_rules.THEOREMS,
        ),
        key=lambda theorem: theorem.name,
    )
)
