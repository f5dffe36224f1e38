"""The words of the kernel language that are not Python's own.

Records (`Record`, `array`) and words over whole records (`copy`, `assign`, `clear`, `seal`,
`sealed`, `same`) have a meaning in CPython here, in C in `bindings/compile`, in SMT in
`proofs/semantics`.
`require`, `ensure` and `snapshot` put a function's contract at the function. They change nothing
when the kernel runs: the compiler strips them, `dosekernel.checked` hands them to icontract, and
the prover proves each once and then uses it at every call.
"""

from collections.abc import Callable
from typing import Any, Self, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def array(length: int) -> list[int]:
    """A fixed array of `length` words, all zero; a record's field is declared with it."""
    return [0] * length


class Record:
    """A fixed layout of int64 words: ints, arrays of ints and nested records, all zero at first."""

    def __init__(self) -> None:
        for name, kind in type(self).__annotations__.items():
            declared = getattr(type(self), name, None)
            if isinstance(declared, list):
                setattr(self, name, list(declared))
            elif kind is int:
                setattr(self, name, 0)
            else:
                setattr(self, name, kind())

    def words(self) -> list[int]:
        """Every word in the order of the layout; the same order as in C."""
        found: list[int] = []
        for value in self.__dict__.values():
            if isinstance(value, Record):
                found.extend(value.words())
            elif isinstance(value, list):
                found.extend(value)
            else:
                found.append(value)
        return found

    def set_words(self, words: list[int], start: int = 0) -> int:
        """Read every word from `words[start:]`; returns the index after the last one read."""
        for name in type(self).__annotations__:
            value = getattr(self, name)
            if isinstance(value, Record):
                start = value.set_words(words, start)
            elif isinstance(value, list):
                value[:] = words[start : start + len(value)]
                start += len(value)
            else:
                setattr(self, name, words[start])
                start += 1
        return start

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.words() == other.words()

    def __hash__(self) -> int:
        return hash(tuple(self.words()))

    def duplicate(self) -> Self:
        """A new record with the same words."""
        twin = object.__new__(type(self))
        for name, value in self.__dict__.items():
            if isinstance(value, Record):
                twin.__dict__[name] = value.duplicate()
            elif isinstance(value, list):
                twin.__dict__[name] = value[:]
            else:
                twin.__dict__[name] = value
        return twin


AnyRecord = TypeVar("AnyRecord", bound=Record)


def copy(record: AnyRecord) -> AnyRecord:
    """A new local record with the words of `record`."""
    return record.duplicate()


def assign(target: AnyRecord, source: AnyRecord) -> None:
    """Every word of `target` becomes the word of `source` in its place."""
    for name, value in source.__dict__.items():
        if isinstance(value, Record):
            assign(target.__dict__[name], value)
        elif isinstance(value, list):
            target.__dict__[name][:] = value
        else:
            target.__dict__[name] = value


def clear(record: Record) -> None:
    """Every word becomes 0."""
    record.set_words([0] * len(record.words()))


def seal(target: Record, source: Record) -> None:
    """Every word of `target` becomes the bitwise inverse of the word of `source` in its place."""
    target.set_words([-1 - word for word in source.words()])


def sealed(target: Record, source: Record) -> bool:
    """True if every word of `target` is the bitwise inverse of the word of `source`."""
    return all(a == -1 - b for a, b in zip(target.words(), source.words(), strict=True))


def same(a: AnyRecord, b: AnyRecord) -> bool:
    """True if every word of one is the word of the other in its place."""
    return a.words() == b.words()


def require(condition: Callable[..., bool]) -> Callable[[Function], Function]:
    """What must hold when the function is called."""
    return _keep("require", condition)


def ensure(condition: Callable[..., bool]) -> Callable[[Function], Function]:
    """What holds when it returns: over the arguments, `result`, and `OLD` for what was kept."""
    return _keep("ensure", condition)


def snapshot(capture: Callable[..., Any], name: str) -> Callable[[Function], Function]:
    """Keep a value from before the call as `OLD.name`; a whole record is kept by `copy(record)`."""
    return _keep("snapshot", capture, name)


def _keep(
    word: str, expression: Callable[..., Any], name: str = ""
) -> Callable[[Function], Function]:
    def decorate(function: Function) -> Function:
        function.__dict__.setdefault("contract", []).append((word, expression, name))
        return function

    return decorate
