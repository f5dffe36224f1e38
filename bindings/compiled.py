"""The kernel compiled from its own source: what a program uses."""

from ._native import CompiledKernel
from .face import Face


class Kernel(CompiledKernel, Face):
    """A pump's decisions: `Kernel(limits, at=0)`, then `step(Event(...))` or a method by name."""

    __slots__ = ()
