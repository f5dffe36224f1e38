"""Every theorem that must exist: a sorted list, kept by hand; a run that proves other ones fails.

A theorem's statements are predicates of `properties`. It is about a kernel function, which is run
on unknown words with the functions named in `opens` opened and all others known by their contract.
`totality` and the contracts of all functions are proved beside these, function by function.
"""

from dosekernel.kernel.records import (
    ACKNOWLEDGE,
    ACTION_SLOT,
    DAY_SLOT,
    SLOTS,
    SPANS,
    TICK,
    WINDOW_FOUR_HOURS,
    WINDOW_HOUR,
)

from .theorem import Theorem

SLOT_LENGTHS = (WINDOW_HOUR // SPANS, WINDOW_FOUR_HOURS // SPANS, ACTION_SLOT, DAY_SLOT)

# Functions whose contract is proved for each value of an argument; that no value is left out is an
# obligation of its own.
CASES: dict[str, dict[str, tuple[int, ...]]] = {
    "advance": {"shift": tuple(range(SLOTS + 1))},
    "peak": {"length": SLOT_LENGTHS},
    "slots_passed": {"length": SLOT_LENGTHS},
}

# One event kind at a time, and whatever is no kind at all.
KINDS = {"event.kind": tuple(range(TICK, ACKNOWLEDGE + 1))}

# The way from the entry to the functions that do one thing each.
WAY = (
    "act",
    "ask_set",
    "ask_therapy",
    "consider",
    "step",
    "stop",
    "take_report",
    "take_request",
    "tick",
)

THEOREMS: tuple[Theorem, ...] = (
    Theorem(
        name="blocked",
        title="Nothing reaches the patient unless the pump is whole, connected, filled and running",
        statements=("blocked", "released_whole", "to_the_air", "window_caps"),
        about="step",
        opens=WAY,
        cases=KINDS,
        cover="delivers_to_the_patient",
    ),
    Theorem(
        name="bolus-cap",
        title="An accepted bolus is within its source's cap; no more is delivered for it",
        statements=("bolus_cap", "bolus_counted"),
        about="step",
        opens=WAY,
        cases=KINDS,
        cover="accepts_a_bolus",
    ),
    Theorem(
        name="clock",
        title="Time never goes backward",
        statements=("clock",),
        about="step",
        opens=WAY,
        cases=KINDS,
        cover="accepts_an_extended_bolus",
    ),
    Theorem(
        name="corruption",
        title="A memory with any damaged word delivers nothing, says so and is left as it was",
        statements=("corruption", "soundness"),
        about="step",
        opens=WAY,
        cases=KINDS,
        cover="finds_corruption",
    ),
    Theorem(
        name="corruption-seen",
        title="Any change to one of the two copies, of one word or of many, is seen",
        statements=("corruption_seen",),
        about="step",
        cover="finds_corruption",
    ),
    Theorem(
        name="exactly-once",
        title="An accepted request has a new id; a repeat owes nothing; old ids are refused",
        statements=("exactly_once", "ids_rise", "old_ids", "repeats_known"),
        about="step",
        opens=WAY,
        cases=KINDS,
        cover="repeats_a_bolus",
    ),
    Theorem(
        name="limits",
        title="No event changes the limits",
        statements=("limits_kept",),
        about="step",
        opens=WAY,
        cases=KINDS,
        cover="accepts_a_bolus",
    ),
    Theorem(
        name="refusal",
        title="A refusal leaves every word of the memory as it was",
        statements=("refusal",),
        about="step",
        opens=WAY,
        cases=KINDS,
        cover="refuses_a_bolus",
    ),
    Theorem(
        name="reservoir",
        title="The reservoir stays in range and changes by what was released, loaded or in excess",
        statements=("reservoir",),
        about="step",
        opens=WAY,
        cases=KINDS,
        cover="primes",
    ),
    Theorem(
        name="source",
        title="No source obtains a kind or an amount outside its row",
        statements=("source",),
        about="step",
        opens=WAY,
        cases=KINDS,
        cover="accepts_a_bolus",
    ),
    Theorem(
        name="stop",
        title="From every sound memory a stop is accepted; owed rises only by what was accepted",
        statements=("owed_rises", "stays_stopped", "stop_accepted"),
        about="step",
        opens=WAY,
        cases=KINDS,
        cover="stops_a_bolus",
    ),
)
