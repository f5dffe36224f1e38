"""The theorems about the kernel's small sums."""

from ..theorem import Theorem
from .rules import rule

THEOREMS: tuple[Theorem, ...] = (
    rule(
        "arithmetic/flag",
        "A flag is 0 or 1",
        "flag",
        "no_or_yes",
        "is_true",
    ),
    rule(
        "arithmetic/larger",
        "The greater of two",
        "larger",
        "greatest",
        "is_positive",
    ),
    rule(
        "arithmetic/smaller",
        "The lesser of two",
        "smaller",
        "least",
        "is_positive",
    ),
    rule(
        "arithmetic/within",
        "In range is not below it and not above it",
        "within",
        "in_range",
        "is_true",
    ),
)
