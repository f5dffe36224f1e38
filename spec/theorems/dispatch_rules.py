"""The theorems about which guard and which effect belong to each kind of event."""

from ..theorem import Theorem
from .rules import rule
from .steps import KINDS

SET = ("connect", "insert", "load", "owe_fill", "prime")
THERAPY = ("end_temporary", "owe_bolus", "program_rate", "run_temporary")
STOPS = (
    "book_excess",
    "cancel",
    "cancel_body",
    "cancel_prime",
    "clear_outstanding",
    "complete",
    "confirm",
    "end_low_suspension",
    "end_raised_temporary",
    "fault",
    "suspend",
    "uncertain",
)


def by_kind(
    name: str,
    title: str,
    about: str,
    statements: tuple[str, ...],
    cover: str,
    opens: tuple[str, ...],
) -> Theorem:
    """A theorem that statements hold of every call of one function, an event kind at a time."""
    return Theorem(name, title, about, statements, opens, KINDS, cover)


THEOREMS: tuple[Theorem, ...] = (
    by_kind(
        "dispatch/report",
        "Every report has the guard and the effect of its kind, and no other's",
        "take_report",
        ("report_effect", "report_guarded", "report_told"),
        "confirms",
        (*STOPS, "release_prime", "release_therapy", "take_reading", "tick"),
    ),
    by_kind(
        "dispatch/request",
        "Every request has the guard and the effect of its kind, and no other's",
        "take_request",
        ("allowable_told", "request_effect", "request_guarded"),
        "resumes",
        (
            *SET,
            *THERAPY,
            "acknowledge",
            "ask_set",
            "ask_therapy",
            "end_low_suspension",
            "remember",
            "resume",
        ),
    ),
    by_kind(
        "dispatch/set",
        "Every handling of reservoir and set has its own guard and its own effect",
        "ask_set",
        ("set_asked",),
        "primes_the_tubing",
        SET,
    ),
    rule(
        "dispatch/set-kinds",
        "Five kinds handle reservoir and set, and no other",
        "is_set",
        "set_kinds",
        "is_true",
    ),
    by_kind(
        "dispatch/therapy",
        "Every bolus and rate has its own guard and its own effect",
        "ask_therapy",
        ("therapy_asked",),
        "programs_a_rate",
        THERAPY,
    ),
)
