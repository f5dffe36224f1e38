"""Where to look for a call that does something: a preset's limits first, then more and more."""

from collections.abc import Iterator

from dosekernel.spec.limits import Limits
from dosekernel.spec.theorem import Theorem

from .flows import Facts
from .problems import Case

PRESET = "insulin-u100"
DAY = 86_400_000
NOW = 10 * DAY
LATER = NOW + 300_000


def stages(facts: Facts, theorem: Theorem) -> Iterator[tuple[frozenset[str], Case]]:
    """What is opened and which words are fixed, the easiest first."""
    everything = frozenset(facts.program.functions)
    limits = limit_words(facts, theorem)
    if limits:
        clock = {**limits, **clock_words(facts, theorem)}
        empty = {**clock, **slot_words(facts, theorem)}
        for fixed in (empty, clock):
            yield everything, tuple(fixed.items())
        yield frozenset(theorem.opens), tuple(clock.items())
    yield everything, ()
    yield frozenset(theorem.opens), ()


def _records(facts: Facts, theorem: Theorem) -> dict[str, str]:
    function = facts.program.functions[theorem.about]
    return {each.name: each.type for each in function.parameters}


def _both_copies(facts: Facts, theorem: Theorem, words: dict[str, int]) -> dict[str, int]:
    """Words of the state as words of the function's arguments; of a memory's inverse too."""
    records = _records(facts, theorem)
    if records.get("state") == "State":
        return {f"state.{name}": value for name, value in words.items()}
    if records.get("memory") == "Memory":
        found = {f"memory.state.{name}": value for name, value in words.items()}
        found.update({f"memory.inverse.{name}": -1 - value for name, value in words.items()})
        return found
    return {}


def limit_words(facts: Facts, theorem: Theorem) -> dict[str, int]:
    """The limits of a preset, if this program's limits are of that shape."""
    preset = Limits.load(PRESET).words()
    names = facts.layout.names.get("Limits", ())
    if len(names) != len(preset) or "State" not in facts.layout.names:
        return {}
    pairs = zip(names, preset, strict=True)
    return _both_copies(facts, theorem, {f"limits.{name}": value for name, value in pairs})


def clock_words(facts: Facts, theorem: Theorem) -> dict[str, int]:
    """A plain time, and an event some minutes later."""
    words = _both_copies(facts, theorem, {"now": NOW})
    if _records(facts, theorem).get("event") == "Event":
        words["event.at"] = LATER
    return words


def slot_words(facts: Facts, theorem: Theorem) -> dict[str, int]:
    """Empty windows."""
    slots = [name for name in facts.layout.names["State"] if ".slots[" in name]
    return _both_copies(facts, theorem, dict.fromkeys(slots, 0))
