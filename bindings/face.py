"""What every kernel object offers beside its step: limits in, state out and in again."""

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from dosekernel.kernel import records
from dosekernel.spec.reasons import Reason, Status

from ._native import Event
from .errors import InputTypeError, LimitsRefusedError, StateError
from .requests import Requests

if TYPE_CHECKING:
    from dosekernel.spec.limits import Limits


WORDS = len(records.Memory().words())
BYTES_PER_WORD = 8
STATE_BYTES = WORDS * BYTES_PER_WORD
# Any event of no kind: refused at the first guard, so it leaves every word of a sound state.
PROBE = Event(0)


class Face(Requests):
    """`Kernel(limits, at=0)`: a fresh pump, not ready, basal 0; see `Requests` for what to ask."""

    __slots__ = ()

    if TYPE_CHECKING:
        # What holds the state brings these; the words are those of `Memory`, in its order.
        def _initialise(self, limits: Sequence[int], at: int) -> int: ...
        def _adopt(self, limits: Sequence[int], at: int) -> int: ...
        def _words(self) -> tuple[int, ...]: ...
        def _set_words(self, words: Sequence[int]) -> None: ...

    def __init__(self, limits: "Limits | records.Limits", at: int = 0) -> None:
        """A fresh state under `limits` at time `at` (milliseconds); raises `LimitsRefusedError`."""
        _adopted(self._initialise(limits_words(limits), at), "these limits are refused")

    def adopt(self, limits: "Limits | records.Limits", at: int) -> None:
        """Other limits, as a whole, from `at` (milliseconds) on.

        Raises `LimitsRefusedError` with the kernel's reason; then the old ones stay in force.
        """
        refusal = "these limits are refused, the old ones stay"
        _adopted(self._adopt(limits_words(limits), at), refusal)

    @property
    def state(self) -> bytes:
        """All that the kernel remembers, twice, as little-endian 64-bit words: 3,120 bytes."""
        return struct.pack(f"<{WORDS}q", *self._words())

    def inspect(self) -> records.State:
        """A copy of the state with its fields by name, to look at."""
        memory = records.Memory()
        memory.set_words(list(self._words()))
        return memory.state

    @classmethod
    def from_state(cls, limits: "Limits | records.Limits | None", state: bytes) -> Self:
        """A kernel that goes on from `state`, under `limits` (None: those in the state).

        Raises `StateError` for bytes that are no sound state of this layout, `LimitsRefusedError`
        if the limits differ from the state's own and the kernel does not adopt them.
        """
        kernel = cls.__new__(cls)
        kernel._restore(state)
        if limits is not None:
            kernel._keep_to(limits)
        return kernel

    def _restore(self, state: bytes) -> None:
        self._set_words(state_words(state))
        if self.step(PROBE).status == Status.CORRUPT:
            raise StateError("state: corrupt: its words contradict each other; nothing was adopted")

    def _keep_to(self, limits: "Limits | records.Limits") -> None:
        memory = records.Memory()
        memory.set_words(list(self._words()))
        words = limits_words(limits)
        if words != memory.state.limits.words():
            _adopted(
                self._adopt(words, memory.state.now),
                "these limits differ from the state's own and are refused",
            )

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self).from_state, (None, self.state))


def state_words(state: bytes) -> tuple[int, ...]:
    """The words of a saved state, if its length and layout are this kernel's."""
    if not isinstance(state, bytes | bytearray | memoryview):
        raise InputTypeError(f"state: {type(state).__name__}; allowed: bytes of Kernel.state")
    data = bytes(state)
    if len(data) != STATE_BYTES:
        raise StateError(f"state: {len(data)} bytes; allowed: exactly {STATE_BYTES}")
    words = struct.unpack(f"<{WORDS}q", data)
    layout, inverse = words[0], words[WORDS // 2]
    if inverse != -1 - layout:
        raise StateError("state: corrupt: its layout version contradicts its inverse copy")
    if layout != records.LAYOUT:
        raise StateError(f"state: layout version {layout}; allowed: {records.LAYOUT}")
    return words


def limits_words(limits: "Limits | records.Limits") -> list[int]:
    """The words of the kernel's own limits record."""
    if not hasattr(limits, "words"):
        raise InputTypeError(
            f"limits: {limits!r} is a {type(limits).__name__}; allowed: dosekernel.Limits"
        )
    return limits.words()


def _adopted(reason: int, refusal: str) -> None:
    if reason != Reason.NONE:
        why = Reason(reason)
        raise LimitsRefusedError(why, f"limits: {refusal}: {why.sentence}")
