"""The theorems about limits and drug on board."""

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "limits/agreement",
        "A pulse can leave in the time of a release; both windows hold the reserve",
        "limits_agree",
        "agreement",
        "is_true",
        (
            "backlog_max",
            "flow",
            "slot_length",
        ),
    ),
    rule(
        "limits/curve",
        "The drug's action begins whole, never rises and ends",
        "curve_valid",
        "curve_meaning",
        "is_true",
    ),
    rule(
        "limits/delivery",
        "Reservoir, set and boluses: each field in its range",
        "delivery_ranged",
        "delivery_ranges",
        "is_true",
    ),
    rule(
        "limits/glucose",
        "Glucose is off, or a threshold that a sensor can report",
        "glucose_ranged",
        "glucose_ranges",
        "is_true",
    ),
    rule(
        "limits/ranges",
        "Every field is in its range, a controller's and a remote's within the user's",
        "limits_ranged",
        "all_ranges",
        "is_true",
    ),
    rule(
        "limits/rates",
        "Rates, windows and action: each field in its range",
        "rate_ranged",
        "rate_ranges",
        "is_true",
    ),
    rule(
        "limits/valid",
        "Limits are valid if each is in range and they agree",
        "limits_valid",
        "validity",
        "is_true",
    ),
    rule(
        "on-board/figure",
        "Drug on board is never understated, and by rounding never a unit too high",
        "on_board",
        "acting",
        "is_positive",
        ("share",),
    ),
)
