"""What a unit of proof reads of the program: recorded while it runs, so nothing is guessed.

A unit that read the same things finds the same obligations, whatever else was edited. Of a function
it may read the face (parameters, contract, what the body writes and reads) or the body too. Lines
count from the function's own, so that text which only moved in its file is the same text.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from dosekernel.spec.tree import Function, Program, Statement

from .flows import Facts

if TYPE_CHECKING:
    from _collections_abc import dict_items, dict_keys, dict_values

FACE, BODY, NAMES = "face", "body", "names"
_LINE = re.compile(r"\bline=(\d+)")
Content = TypeVar("Content")


class Trail:
    """The names of what was read since the last `begin`."""

    def __init__(self) -> None:
        self.read: set[str] = set()

    def begin(self) -> None:
        """Forget what was read before."""
        self.read.clear()

    def names(self) -> list[str]:
        """What was read, in a fixed order."""
        return sorted(self.read)


def _seen_body(function: Function) -> tuple[Statement, ...]:
    """The statements of a watched function; reading them leaves a trace."""
    function.__dict__["trail"].read.add(f"{BODY} {function.name}")
    found: tuple[Statement, ...] = function.__dict__["statements"]
    return found


# A function whose body is not read unseen.
WATCHED: type[Function] = type("WatchedFunction", (Function,), {"body": property(_seen_body)})


def watched(function: Function, trail: Trail) -> Function:
    """The same function, watched."""
    twin = object.__new__(WATCHED)
    words = dict(function.__dict__)
    words["statements"] = words.pop("body")
    twin.__dict__.update(words, trail=trail)
    return twin


class Watched(dict[str, Content]):
    """What is known of functions by name: asking for one is reading its face."""

    def __init__(self, content: Iterable[tuple[str, Content]], trail: Trail) -> None:
        super().__init__(content)
        self.trail = trail

    def __getitem__(self, name: str) -> Content:
        """What is known of one function."""
        self.trail.read.add(f"{FACE} {name}")
        return super().__getitem__(name)

    def get(self, name: str, otherwise: Any = None) -> Any:
        """The same, or something else if there is no such function."""
        self.trail.read.add(f"{FACE} {name}")
        return super().get(name, otherwise)

    def __contains__(self, name: object) -> bool:
        """True if there is such a function."""
        self.trail.read.add(f"{FACE} {name}")
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        self.trail.read.add(NAMES)
        return super().__iter__()

    def keys(self) -> "dict_keys[str, Content]":
        """The names."""
        self.trail.read.add(NAMES)
        return super().keys()

    def values(self) -> "dict_values[str, Content]":
        """Everything."""
        self.all_read()
        return super().values()

    def items(self) -> "dict_items[str, Content]":
        """Everything, by name."""
        self.all_read()
        return super().items()

    def all_read(self) -> None:
        """Whoever asks for everything read everything."""
        self.trail.read.add(NAMES)
        self.trail.read.update(f"{FACE} {name}" for name in dict.__iter__(self))


class WatchedFacts(Facts):
    """The facts of a program, and the trail of who reads which."""

    def __init__(self, program: Program) -> None:
        self.trail = Trail()
        self.plain = program
        pairs = [(name, watched(each, self.trail)) for name, each in program.functions.items()]
        super().__init__(replace(program, functions=Watched(pairs, self.trail)))
        self._flows = {
            name: repr((sorted(self.writes[name]), self.reads[name])) for name in program.functions
        }
        self.writes = Watched(self.writes.items(), self.trail)
        self.reads = Watched(self.reads.items(), self.trail)
        self._digests: dict[str, str] = {NAMES: digest(repr(list(program.functions)))}
        self.shape = digest(
            repr([(each.name, [replace(w, line=0) for w in each.words])
                  for each in program.records.values()])
        )  # fmt: skip
        self.trail.begin()

    def digest(self, names: Iterable[str]) -> str:
        """A hash of what stands now under the names of a trail."""
        parts = [f"{name} {self._digest(name)}" for name in names]
        return digest("\n".join(parts))

    def _digest(self, name: str) -> str:
        if name not in self._digests:
            self._digests[name] = self._hashed(*name.split(" ", 1))
        return self._digests[name]

    def _hashed(self, part: str, name: str) -> str:
        function = self.plain.functions.get(name)
        if function is None:
            return "none"
        if part == BODY:
            return digest(moved(repr(function.body), function.line))
        contract = (function.requires, function.ensures, function.snapshots)
        signature = [(each.name, each.type) for each in function.parameters], function.returns
        return digest(moved(repr((signature, contract)), function.line) + self._flows[name])


def moved(text: str, start: int) -> str:
    """A tree as text, its lines counted from `start`."""
    return _LINE.sub(lambda found: f"line={int(found[1]) - start}", text)


def digest(text: str) -> str:
    """A hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
