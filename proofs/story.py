"""What became of a call that goes wrong: made small, run again everywhere, and what decided it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from dosekernel.spec.theorem import Theorem

from . import machine_code
from .flows import Facts
from .machine_code import DIFFERS, SAME
from .minimise import minimised
from .mutants.promises import Made, words_of
from .plain import Plain, deep, stem
from .replay import Numbers, Replay, replay_function, replay_theorem
from .stages import PRESET
from .theorems import free_parameters

# What Python's ints do and machine words cannot: there the compiled kernel is expected to differ.
UNDEFINED = ("range", "division", "index")


@dataclass(frozen=True)
class Story:
    """A small call that goes wrong, and what each way of running it makes of it."""

    replay: Replay
    # The plain words that the small call was drawn to, one tuple for each argument.
    plain: Numbers
    # The preset whose fresh pump they are; empty if they are all 0.
    preset: str
    # The statement that is false; empty for a contract.
    statement: str
    decided: str
    decided_text: str
    interpreted: str
    compiled: str

    @property
    def contradicted(self) -> bool:
        """True if two ways of running the call that must agree do not."""
        undefined = any(each.kind in UNDEFINED for each in self.replay.broken)
        return not undefined and DIFFERS in (self.interpreted, self.compiled)


class Teller:
    """Tells the story of calls of one kernel."""

    def __init__(self, facts: Facts, kernel: Path) -> None:
        self.facts, self.kernel = facts, kernel
        self.plain = Plain(kernel)

    def story(self, replay: Replay, theorem: Theorem | None, case: Sequence[str] = ()) -> Story:
        """The whole story of a call that was found; the words of its case stay as they are."""
        words = (*replay.before, *[each[2] for each in replay.free])
        base, preset = self.base(replay, words)
        small = self.small(replay, theorem, base, self.held(replay, case))
        statement = "" if theorem is None else self.false(theorem, small)
        made = self.made(small)
        place, text = self.decided(small, statement)
        same = made is not None and (self.left(made), made.result) == (small.after, small.result)
        compiled = machine_code.compared(self.kernel, self.facts.program, small)
        interpreted = SAME if same else DIFFERS
        return Story(small, base, preset, statement, place, text, interpreted, compiled)

    # ---- making it small

    def base(self, replay: Replay, words: Numbers) -> tuple[Numbers, str]:
        """The words of a fresh pump with a preset's limits, as far as the call asks for a pump."""
        kinds = self.kinds(replay)
        nothing = tuple(tuple(0 for _ in each) for each in words)
        pump = {"Memory", "State"}
        if not pump <= set(self.facts.program.records) or not {*pump, "Limits"} & set(kinds):
            return nothing, ""
        try:
            memory = self.plain.fresh(PRESET)
        except (KeyError, ValueError):
            return nothing, ""
        known = {
            "Memory": tuple(memory.words()),
            "State": tuple(memory.state.words()),
            "Limits": tuple(memory.state.limits.words()),
        }
        plain = [known.get(kind, zeros) for kind, zeros in zip(kinds, nothing, strict=True)]
        return tuple(plain), PRESET

    def kinds(self, replay: Replay) -> list[str]:
        """The types of the arguments, then of what stands for any value."""
        parameters = self.facts.program.functions[replay.function].parameters
        return [*[each.type for each in parameters], *[kind for _, kind, _ in replay.free]]

    def held(self, replay: Replay, case: Sequence[str]) -> set[tuple[int, int]]:
        """The words that a case fixes: argument and word."""
        found = set()
        for position, each in enumerate(self.facts.program.functions[replay.function].parameters):
            for path in case:
                root, _, rest = path.partition(".")
                if root == each.name:
                    at = self.facts.layout.word(each.type, rest) if rest else 0
                    found.add((position, at))
        return found

    def small(
        self,
        replay: Replay,
        theorem: Theorem | None,
        base: Numbers,
        held: set[tuple[int, int]],
    ) -> Replay:
        """The call with as few words of its own as can be; as it was if that cannot be told."""
        words = (*replay.before, *[each[2] for each in replay.free])
        inverses = [i for i, kind in enumerate(self.kinds(replay)) if kind == "Memory"]
        first = self.fault(replay, theorem, words)

        def fails(tried: Numbers) -> bool:
            return self.fault(replay, theorem, tried) == first

        def fails_on_terms(tried: Numbers) -> bool:
            again = self.again(replay, theorem, tried)
            return again is not None and again.broken[:1] == replay.broken[:1]

        found = minimised(words, base, fails if first else fails_on_terms, inverses, held)
        return self.again(replay, theorem, found) or replay

    def again(self, replay: Replay, theorem: Theorem | None, words: Numbers) -> Replay | None:
        """The call on terms; None if it does not go wrong."""
        with deep():
            if theorem is None:
                found = replay_function(self.facts, replay.function, words)
                return found if found is not None and found.broken else None
            shown = replay_theorem(self.facts, theorem, theorem.statements, words)
        return shown if shown is not None and shown.statement is False else None

    def fault(self, replay: Replay, theorem: Theorem | None, words: Numbers) -> str:
        """What goes wrong when Python runs the call; empty if nothing that Python can see."""
        count = len(replay.before)
        try:
            made = self.plain.call(
                replay.function, *self.plain.arguments(replay.function, words[:count])
            )
            if made is None or theorem is None:
                return made.broken if made is not None else ""
            free = self.free(theorem, words[count:])
            for name in theorem.statements:
                if not self.plain.says(name, made, **free):
                    return name
        except (ArithmeticError, LookupError):
            return ""
        return ""

    def free(self, theorem: Theorem, words: Numbers) -> dict[str, Any]:
        """What stands for any value, by name."""
        parameters = free_parameters(self.facts, theorem.statements)
        values = self.plain.values([each.type for each in parameters], words)
        return {each.name: value for each, value in zip(parameters, values, strict=True)}

    # ---- running it again

    def made(self, replay: Replay) -> Made | None:
        """The call as Python runs it."""
        arguments = self.plain.arguments(replay.function, replay.before)
        try:
            return self.plain.call(replay.function, *arguments)
        except (ArithmeticError, LookupError):
            return None

    def left(self, made: Made) -> Numbers:
        """The words of the arguments after a call."""
        return tuple(tuple(words_of(each)) for each in made.after.values())

    def false(self, theorem: Theorem, replay: Replay) -> str:
        """The first statement of a theorem that is false of a call."""
        free = tuple(each[2] for each in replay.free)
        words = (*replay.before, *free)
        for name in theorem.statements:
            if self.again(replay, replace(theorem, statements=(name,)), words) is not None:
                return name
        return theorem.statements[0]

    # ---- what decided

    def decided(self, replay: Replay, statement: str) -> tuple[str, str]:
        """The line of the kernel that wrote, last, what is wrong; or that returned it."""
        function = self.facts.program.functions[replay.function]
        arguments = self.plain.arguments(replay.function, replay.before)
        watched = self.watched(statement, function.name, arguments)
        run = _Tracer(stem(function.file), function.name, watched)
        entry = self.plain.function(replay.function)
        try:
            self.plain.traced(lambda: entry(*arguments), run.seen)
        except (ArithmeticError, LookupError):
            run.wrote = None  # the last line that ran is the one that broke
        module, line = run.wrote or run.returned or (stem(function.file), function.line)
        text = self.plain.replica.sources[module].splitlines()[line - 1].strip()
        files = {stem(each.file): each.file for each in self.facts.program.functions.values()}
        return f"{files[module]}:{line}", text

    def watched(self, statement: str, about: str, arguments: Sequence[Any]) -> list[Any]:
        """The records of a call and their words that a statement reads after it."""
        if not statement:
            return []
        names = [each.name for each in self.facts.program.functions[about].parameters]
        after = dict(zip(names, arguments, strict=True))
        state = after["state"] if "state" in after else getattr(after.get("memory"), "state", None)
        found = []
        parameters = self.facts.program.functions[statement].parameters
        for parameter, reads in zip(parameters, self.facts.reads[statement], strict=True):
            root = parameter.name.removesuffix("_after")
            record = state if parameter.name == "after" else after.get(root)
            if record is not None and parameter.type in self.facts.program.records and reads:
                found.append((record, reads))
        outcomes = [each for each in found if type(each[0]).__name__ == "Outcome"]
        return outcomes or found


class _Tracer:
    """Notes the last line that changed a watched word, and the last line of one function."""

    def __init__(self, module: str, function: str, watched: list[Any]) -> None:
        self.module, self.function, self.watched = module, function, watched
        self.wrote: tuple[str, int] | None = None
        self.returned: tuple[str, int] | None = None
        self.last: tuple[str, int] | None = None
        self.words = self.now()

    def now(self) -> list[list[int]]:
        """The watched words as they are."""
        found = []
        for record, reads in self.watched:
            words = record.words()
            found.append([words[at] for at in reads])
        return found

    def seen(self, module: str, line: int, frame: FrameType, event: str) -> None:
        """One line is about to run, or one function to return."""
        words = self.now()
        if words != self.words:
            # The first change is the clearing on entry.
            self.words, self.wrote = words, self.last
        if event == "line":
            self.last = (module, line)
            if module == self.module and frame.f_code.co_name == self.function:
                self.returned = self.last
