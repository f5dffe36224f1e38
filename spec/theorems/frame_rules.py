"""The theorems about what any one step leaves alone, and about what its outcome says."""

from ..theorem import Theorem
from .steps import KINDS

# The way from the entry's two ways through to the functions that do one thing each.
WAY = ("ask_set", "ask_therapy", "consider", "stop", "take_report", "take_request", "tick")


def of_an_act(name: str, title: str, statements: tuple[str, ...], cover: str) -> Theorem:
    """A theorem about whatever happens to a sound state, an event kind at a time."""
    return Theorem(name, title, "act", statements, WAY, KINDS, cover)


THEOREMS: tuple[Theorem, ...] = (
    of_an_act(
        "frame",
        "Each kind of event changes only the words that are its own",
        (
            "frame_of_releases",
            "frame_of_stops",
            "frame_of_the_rest",
            "frame_of_the_set",
        ),
        "primes",
    ),
    of_an_act(
        "outcomes",
        "One status, and a reason exactly where there is something to explain",
        ("statuses", "ticks_accepted"),
        "finds_nothing_due",
    ),
    of_an_act(
        "temp-ends/step",
        "No temporary rate outlives its end, none is longer than allowed, none comes unasked",
        ("temporary_bounded",),
        "ends_a_temporary_rate",
    ),
)
