"""The theorems about requests: kinds, ranges, sources, ids and ages."""

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "clock/guards",
        "A time before the kernel's or absurdly far ahead is no present",
        "clock_reason",
        "clock_guards",
        "gives_a_reason",
    ),
    rule(
        "requests/bolus-kinds",
        "A bolus is normal or extended",
        "is_bolus",
        "bolus_kinds",
        "is_true",
    ),
    rule(
        "requests/event-guards",
        "Kind, ranges, source and time are looked at in this order",
        "event_reason",
        "event_guards",
        "gives_no_reason",
    ),
    rule(
        "requests/guards",
        "A fresh request has a new id, was issued by now and is not too old",
        "request_reason",
        "request_guards",
        "gives_no_reason",
    ),
    rule(
        "requests/ids",
        "A new id is above the last, and not so far above that it would use up all",
        "id_follows",
        "next_ids",
        "is_true",
    ),
    rule(
        "requests/ranges",
        "An event is in range if its every field is",
        "event_ranged",
        "ranges",
        "is_true",
    ),
    rule(
        "requests/remember",
        "An accepted request is kept whole, and nothing else changes",
        "remember",
        "remembered_exactly",
        "changes",
    ),
    rule(
        "requests/repeats",
        "A repeat is the very same request, all but its time",
        "repeats",
        "repeat_meaning",
        "knows_again",
    ),
    rule(
        "requests/report-kinds",
        "A report is of the motor, the sensor or the clock",
        "is_report",
        "report_kinds",
        "is_true",
    ),
    rule(
        "requests/source",
        "Each source may ask for what its row says and no more",
        "source_may",
        "source_rows",
        "is_automatic",
    ),
    rule(
        "requests/stop-id",
        "A stop's id counts as used if it is new, and nothing else changes",
        "raise_id",
        "id_raised_exactly",
        "changes",
        ("remember",),
    ),
    rule(
        "requests/stop-kinds",
        "There are four kinds of stop",
        "is_stop",
        "stop_kinds",
        "is_true",
    ),
)
