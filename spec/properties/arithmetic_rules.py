"""The few sums that every room needs, each as its definition."""

from .rule_words import iff


def least(a: int, b: int, result: int) -> bool:
    """One of the two, and above neither."""
    if result == a:
        return a <= b
    return result == b and b <= a


def greatest(a: int, b: int, result: int) -> bool:
    """One of the two, and below neither."""
    if result == a:
        return a >= b
    return result == b and b >= a


def no_or_yes(word: int, result: bool) -> bool:
    """A word that says no or yes."""
    return iff(result, not (word < 0 or word > 1))


def in_range(word: int, low_before: int, high: int, result: bool) -> bool:
    """Neither below the range nor above it."""
    return iff(result, not (word < low_before or word > high))
