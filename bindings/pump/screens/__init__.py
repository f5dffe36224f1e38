"""The terminal program of the reference pump: `dosekernel pump` without a verb."""

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Open the screens on a journal; returns the exit code."""
    from .begin import main as begin

    return begin(arguments)
