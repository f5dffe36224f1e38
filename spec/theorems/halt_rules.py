"""The theorems about what a stop does beside stopping, and what any event is told."""

from ..theorem import Theorem
from .rules import rule
from .steps import KINDS

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "stop/echo",
        "A stop is repeated exactly if it is the very fault that stands",
        "stop",
        "echoes_only",
        "echoes",
    ),
    rule(
        "stop/effects",
        "A stop acts at its time, uses its id, and a fault stands as it was reported",
        "stop",
        ("fault_as_reported", "overflow_counted", "stop_id", "stop_time"),
        "counts_an_overflow",
        (
            "book_excess",
            "cancel",
            "cancel_prime",
            "catch_up",
            "fault",
            "raise_id",
            "remember",
            "settle",
        ),
    ),
    rule(
        "stop/kept",
        "A stop marks what waits, cancels all that is owed and tells it",
        "stop",
        ("release_stopped", "stock_told", "stop_kept"),
        "counts_an_overflow",
        ("book_excess", "cancel", "disconnect", "fault", "suspend"),
    ),
    Theorem(
        name="outcomes/stock",
        title="Whatever is decided, what is left in the reservoir is told as it is",
        about="consider",
        statements=("stock_told",),
        opens=("ask_set", "ask_therapy", "take_report", "take_request"),
        cases=KINDS,
        cover="refuses",
    ),
)
