"""The theorems, by subject: each names its statements in `spec/properties` and what covers it."""

from ..theorem import Theorem
from . import steps

# In the order of their names, whatever the order of the modules.
THEOREMS: tuple[Theorem, ...] = tuple(sorted((*steps.THEOREMS,), key=lambda theorem: theorem.name))
