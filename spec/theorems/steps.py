"""The theorems about any one step of the kernel, an event kind at a time."""

from dosekernel.kernel.records import ACKNOWLEDGE, TICK

from ..theorem import Theorem

# One event kind at a time, and whatever is no kind at all.
KINDS = {"event.kind": tuple(range(TICK, ACKNOWLEDGE + 1))}

# The way from the entry to the functions that do one thing each; and what room means.
WAY = (
    "act",
    "ask_set",
    "ask_therapy",
    "consider",
    "fits",
    "step",
    "stop",
    "take_report",
    "take_request",
    "tick",
)


def of_a_step(name: str, title: str, statements: tuple[str, ...], cover: str) -> Theorem:
    """A theorem about any one step, an event kind at a time, over the contracts on the way."""
    return Theorem(name, title, "step", statements, WAY, KINDS, cover)


BLOCKED = of_a_step(
    name="blocked",
    title="Nothing reaches the patient unless the pump is whole, connected, filled and running",
    statements=("blocked", "released_whole", "to_the_air", "window_caps"),
    cover="delivers_to_the_patient",
)
CLOCK = of_a_step(
    name="clock",
    title="Time never goes backward",
    statements=("clock",),
    cover="accepts_an_extended_bolus",
)
CORRUPTION = of_a_step(
    name="corruption",
    title="A memory with any damaged word delivers nothing, says so and is left as it was",
    statements=("corruption",),
    cover="finds_corruption",
)
SOUNDNESS = of_a_step(
    name="soundness",
    title="Every event that is decided starts from a sound memory and leaves a sound memory",
    statements=("soundness",),
    cover="delivers_to_the_patient",
)
LIMITS = of_a_step(
    name="limits",
    title="No event changes the limits",
    statements=("limits_kept",),
    cover="accepts_a_bolus",
)

THEOREMS: tuple[Theorem, ...] = (
    BLOCKED,
    CLOCK,
    CORRUPTION,
    LIMITS,
    SOUNDNESS,
    of_a_step(
        name="bolus-cap",
        title="An accepted bolus is within its source's cap; no more is delivered for it",
        statements=("bolus_cap", "bolus_counted"),
        cover="accepts_a_bolus",
    ),
    Theorem(
        name="corruption-seen",
        title="Any change to one of the two copies, of one word or of many, is seen",
        statements=("corruption_seen",),
        about="memory_sealed",
        cover="is_true",
    ),
    of_a_step(
        name="exactly-once",
        title="An accepted request has a new id; a repeat owes nothing; old ids are refused",
        statements=("exactly_once", "ids_rise", "old_ids", "repeats_known"),
        cover="repeats_a_bolus",
    ),
    of_a_step(
        name="refusal",
        title="A refusal leaves every word of the memory as it was",
        statements=("refusal",),
        cover="refuses_a_bolus",
    ),
    of_a_step(
        name="reservoir",
        title="The reservoir stays in range and changes by what was released, loaded or in excess",
        statements=("reservoir",),
        cover="primes",
    ),
    of_a_step(
        name="source",
        title="No source obtains a kind or an amount outside its row",
        statements=("source",),
        cover="accepts_a_bolus",
    ),
    of_a_step(
        name="stop",
        title="From every sound memory a stop is accepted; owed rises only by what was accepted",
        statements=("owed_rises", "stays_stopped", "stop_accepted"),
        cover="stops_a_bolus",
    ),
)
