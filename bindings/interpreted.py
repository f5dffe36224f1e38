"""The same kernel run by Python from its source, word for word: slow, and easy to look into."""

from collections.abc import Sequence
from types import ModuleType

from dosekernel.kernel import records, step

from ._native import Event, Outcome
from .errors import InputTypeError
from .face import Face


class InterpretedKernel:
    """One state held in the kernel's own records, stepped by the kernel's own functions."""

    __slots__ = ("_memory",)

    _memory: records.Memory

    @classmethod
    def _modules(cls) -> tuple[ModuleType, ModuleType]:
        """The kernel's records and its entries."""
        return records, step

    def step(self, event: Event) -> Outcome:
        """Decide one event; raises `InputTypeError` for what is no event."""
        if type(event) is not Event:
            raise InputTypeError(f"step: {event!r} is a {type(event).__name__}; allowed: an Event")
        layout, entry = self._modules()
        asked = layout.Event()
        asked.set_words(list(event.words))
        outcome = layout.Outcome()
        entry.step(self._memory, asked, outcome)
        return Outcome.from_words(outcome.words())

    def _initialise(self, limits: Sequence[int], at: int) -> int:
        layout, entry = self._modules()
        self._memory = layout.Memory()
        return int(entry.initialise(self._memory, _limits(layout, limits), time(at)))

    def _adopt(self, limits: Sequence[int], at: int) -> int:
        layout, entry = self._modules()
        return int(entry.adopt(self._memory, _limits(layout, limits), time(at)))

    def _words(self) -> tuple[int, ...]:
        return tuple(self._memory.words())

    def _set_words(self, words: Sequence[int]) -> None:
        layout, _ = self._modules()
        self._memory = layout.Memory()
        self._memory.set_words(list(words))


class Interpreted(InterpretedKernel, Face):
    """`Kernel` without the compiler."""

    __slots__ = ()


def time(at: int) -> int:
    """A time as an event holds it: the same words are refused here as there."""
    return Event(0, at=at).at


def _limits(layout: ModuleType, words: Sequence[int]) -> records.Limits:
    limits: records.Limits = layout.Limits()
    limits.set_words(list(words))
    return limits
