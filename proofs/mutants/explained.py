"""Mutants that no solver settles: a list kept by hand, each with its reason, as short as can be.

An entry is a mutant's name without the line. One that is caught after all fails the run.
"""

from collections.abc import Mapping

EXPLAINED: Mapping[str, str] = {
    "window.py peak: 0 -> -1": (
        "equal: no candidate is below 0, so a search that begins at -1 ends at the same highest; "
        "over 25 slots the solvers do not finish"
    ),
}
