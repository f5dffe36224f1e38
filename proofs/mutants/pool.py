"""Calls of every kernel function, recorded on the way through some pumps' lives.

Each function keeps a spread of its calls: few of one kind, many kinds. A kind is what the call
returned, what it was about and which functions ran inside.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from dosekernel.kernel import records as k
from dosekernel.spec.limits import Limits, preset_names

from .promises import Call, duplicate, words_left
from .replica import Function, Replica

# The entry keeps more calls than the functions inside.
STEPS_KEPT, KEPT = 700, 60
# Of one kind, so many at most.
STEPS_ALIKE, ALIKE = 3, 12
# One life in so many steps, one for each preset and as many with other limits.
LIFE = 250
LIVES = 18
# After so many calls of a function not every one is looked at.
EAGER, LATER = 300, 0.05
# How often a state that no history led to is stepped once.
DAMAGED = 0.15
NOTABLE = 100_000

Pool = dict[str, list[Call]]


class Recorder:
    """Puts itself before every function of a replica and keeps a spread of calls."""

    def __init__(self, replica: Replica, functions: Mapping[str, str]) -> None:
        """`functions` are those of the kernel, each with its module."""
        self.kept: Pool = {name: [] for name in functions}
        self.alike: dict[tuple[Any, ...], int] = {}
        self.seen = dict.fromkeys(functions, 0)
        self.random = Random(1)
        self.open: list[set[str]] = []
        wrapped = {
            name: self.wrap(name, replica.function(module, name))
            for name, module in functions.items()
        }
        for names in replica.modules.values():
            for name in wrapped.keys() & names.keys():
                names[name] = wrapped[name]
        self.entries = wrapped

    def wrap(self, name: str, function: Function) -> Function:
        """A function that is recorded."""
        most = STEPS_KEPT if name == "step" else KEPT
        calls = self.kept[name]

        def recorded(*given: Any) -> Any:
            self.seen[name] += 1
            inside: set[str] = {name}
            looked = len(calls) < most and (
                self.seen[name] < EAGER or name == "step" or self.random.random() < LATER
            )
            before = tuple(map(duplicate, given)) if looked else ()
            self.open.append(inside)
            result = function(*given)
            self.open.pop()
            if self.open:
                self.open[-1] |= inside
            if looked:
                self.keep(name, before, result, given, inside)
            return result

        return recorded

    def keep(
        self, name: str, before: tuple[Any, ...], result: Any, given: Any, inside: set[str]
    ) -> None:
        """Keep a call, unless enough of its kind are kept."""
        alike = (name, *_kind(result, given), frozenset(inside))
        count = self.alike.get(alike, 0)
        if count < (STEPS_ALIKE if name == "step" else ALIKE):
            self.alike[alike] = count + 1
            left = words_left(given, result)
            self.kept[name].append(Call(name, before, frozenset(inside), left))


def _kind(result: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """What tells one call from another."""
    found: list[Any] = [result if result is None or abs(result) < NOTABLE else result > 0]
    for each in given:
        if isinstance(each, k.Event):
            found.append(each.kind)
        elif isinstance(each, k.Outcome):
            found.extend((each.reason, each.mode))
        elif isinstance(each, int):
            found.append((each > 0) - (each < 0))
    return tuple(found)


def recorded_calls(sources: Mapping[str, str], functions: Mapping[str, str]) -> Pool:
    """The calls of every function in the same lives each time."""
    from dosekernel.strategies.damage import damaged
    from dosekernel.strategies.walk import Walk, vary

    recorder = Recorder(Replica(sources), functions)
    step: Callable[..., int] = recorder.entries["step"]
    for seed in range(LIVES):
        random = Random(seed)
        names = preset_names()
        limits = Limits.load(names[seed % len(names)]).to_record()
        limits = vary(random, limits) if seed >= len(names) else limits
        memory, walk = k.Memory(), Walk(random)
        recorder.entries["initialise"](memory, limits, random.choice((0, 10**9 + 1, -1)))
        recorder.entries["initialise"](memory, limits, 10**9 * (seed % 2))
        for _ in range(LIFE):
            if random.random() < 0.02:
                other = vary(random, memory.state.limits)
                at = memory.state.now + walk.pause(memory.state.limits)
                recorder.entries["adopt"](memory, other, at)
            event = walk.event(memory.state)
            if random.random() < DAMAGED:
                step(damaged(random, memory), event, k.Outcome())
            step(memory, event, k.Outcome())
    return recorder.kept
