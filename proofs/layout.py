"""Records as flat lists of words: where each field lies, and references into such a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from dosekernel.spec.tree import ARRAY, BOOL, INT, Program

from .terms import Term


class Place(NamedTuple):
    """Where a field begins in its record, its type, and its length if it is an array."""

    offset: int
    type: str
    length: int


class Layout:
    """The words of every record of a program, in the order in which C and CPython hold them."""

    def __init__(self, program: Program) -> None:
        self.size: dict[str, int] = {INT: 1, BOOL: 1}
        self.places: dict[str, dict[str, Place]] = {}
        self.names: dict[str, tuple[str, ...]] = {}
        for record in program.records.values():
            places: dict[str, Place] = {}
            names: list[str] = []
            for word in record.words:
                if word.length:
                    places[word.name] = Place(len(names), ARRAY, word.length)
                    names.extend(f"{word.name}[{i}]" for i in range(word.length))
                elif word.type == INT:
                    places[word.name] = Place(len(names), INT, 0)
                    names.append(word.name)
                else:
                    places[word.name] = Place(len(names), word.type, 0)
                    names.extend(f"{word.name}.{inner}" for inner in self.names[word.type])
            self.places[record.name] = places
            self.names[record.name] = tuple(names)
            self.size[record.name] = len(names)

    def span(self, record: str, path: tuple[str, ...]) -> range:
        """The words that a path of field names covers."""
        offset = 0
        for name in path:
            place = self.places[record][name]
            offset += place.offset
            if place.type == ARRAY:
                return range(offset, offset + place.length)
            record = place.type
        return range(offset, offset + self.size[record])

    def word(self, record: str, name: str) -> int:
        """The word of a full name such as `window.slots[3]`; KeyError if there is none."""
        names = self.names[record]
        if name not in names:
            raise KeyError(name)
        return names.index(name)


@dataclass(frozen=True, eq=False)
class Reference:
    """A record by reference: its words are `store[offset:]`; a nested record shares the store."""

    store: list[Term]
    offset: int
    type: str
    size: int

    def words(self) -> list[Term]:
        """The words as they are now."""
        return self.store[self.offset : self.offset + self.size]

    def set_words(self, words: list[Term]) -> None:
        """Overwrite every word."""
        self.store[self.offset : self.offset + self.size] = words

    def overlaps(self, other: "Reference") -> Iterator[int]:
        """The words of the store that both refer to."""
        if self.store is other.store:
            yield from range(
                max(self.offset, other.offset),
                min(self.offset + self.size, other.offset + other.size),
            )


Value = Term | Reference
