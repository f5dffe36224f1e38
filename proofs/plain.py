"""The kernel and the statements as plain Python, run from their source: no terms, no compiler.

A counterexample is run here too, and the failing tests that are written from one begin here:

    kernel = Plain()
    memory = kernel.fresh("insulin-u100")
    call = kernel.call("step", memory, kernel.record("Event"), kernel.record("Outcome"))
    assert kernel.says("clock", call)
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from dosekernel.spec.language import kernel_files
from dosekernel.spec.limits import Limits

from .flows import Facts
from .mutants.promises import Made, contract_of, make, stands_for, words_of
from .mutants.replica import Replica
from .replay import Numbers, replay_function
from .source import kernel_home, read_program, statement_files
from .work import RECURSION

Lines = list[tuple[str, int]]


class Plain:
    """A kernel in a folder, the installed one if none is named, and the statements over it."""

    def __init__(self, kernel: Path | str = "") -> None:
        home = Path(kernel) if kernel else kernel_home()
        self.facts = Facts(read_program(home))
        self.program = self.facts.program
        paths = [*kernel_files(home), *statement_files()]
        self.replica = Replica({path.stem: path.read_text(encoding="utf-8") for path in paths})

    def function(self, name: str) -> Any:
        """A function as Python has it."""
        return self.replica.function(stem(self.program.functions[name].file), name)

    def record(self, kind: str, words: Sequence[int] = ()) -> Any:
        """A record: all 0, or with these words."""
        made = self.replica.modules[stem(self.program.records[kind].file)][kind]()
        if words:
            made.set_words([int(word) for word in words])
        return made

    def fresh(self, preset: str) -> Any:
        """The memory of a fresh pump with the limits of a preset, its clock at 0."""
        memory = self.record("Memory")
        limits = self.record("Limits", Limits.load(preset).words())
        if self.function("initialise")(memory, limits, 0) != 0:
            raise ValueError(f"{preset}: this kernel refuses its limits")
        return memory

    def seal(self, memory: Any) -> None:
        """Make the second copy of a memory the inverse of the first."""
        memory.inverse.set_words([-1 - word for word in memory.state.words()])

    def call(self, name: str, *arguments: Any) -> Made | None:
        """Call a function; None if the arguments do not meet its `require`."""
        function = self.function(name)
        return make(function, arguments, contract_of(function))

    def says(self, statement: str, call: Made | None, **free: Any) -> bool:
        """True if a statement holds of a call; it says nothing of a call that cannot be."""
        if call is None:
            return True
        said = self.function(statement)
        names = [each.name for each in self.program.functions[statement].parameters]
        return bool(said(*[stands_for(name, call, free) for name in names]))

    def owed(self, name: str, *arguments: Any) -> list[str]:
        """What goes wrong in a call and in all that it calls: ranges, divisions, promises."""
        words: Numbers = tuple(tuple(words_of(each)) for each in arguments)
        with deep():
            replay = replay_function(self.facts, name, words)
        broken = () if replay is None else replay.broken
        return [f"{each.place}: {each.function}: {each.kind}: {each.text}" for each in broken]

    def arguments(self, name: str, words: Numbers) -> list[Any]:
        """Words as arguments of a function."""
        return self.values([each.type for each in self.program.functions[name].parameters], words)

    def values(self, kinds: Sequence[str], words: Numbers) -> list[Any]:
        """Words as values of these types."""
        return [
            self.record(kind, [int(word) for word in given])
            if kind in self.program.records
            else (bool(given[0]) if kind == "bool" else int(given[0]))
            for kind, given in zip(kinds, words, strict=True)
        ]

    def traced(self, run: Any, seen: Any) -> None:
        """Run something; `seen` is told each line of the kernel: module, line, frame, event."""

        def watch(frame: FrameType, event: str, _: Any) -> Any:
            module = frame.f_code.co_filename.removesuffix(".py")
            if module not in self.replica.modules:
                return None
            if event in ("line", "return"):
                seen(module, frame.f_lineno, frame, event)
            return watch

        before = sys.gettrace()
        sys.settrace(watch)
        try:
            run()
        finally:
            sys.settrace(before)


@contextmanager
def deep() -> Iterator[None]:
    """Inside, terms may nest as deep as the program."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def stem(file: str) -> str:
    """The name of a module from that of its file."""
    return file.rpartition("/")[2].removesuffix(".py")
