"""Random states: sound ones changed word by word, sealed again or left broken."""

from random import Random

from dosekernel.kernel import records as k
from dosekernel.kernel.contract import Record, seal

from .walk import EDGES, GREATEST, LEAST


def names(record: Record, prefix: str = "") -> list[str]:
    """The name of every word in the order of the layout, such as `state.window.slots[3]`."""
    found: list[str] = []
    for name in type(record).__annotations__:
        value = getattr(record, name)
        if isinstance(value, Record):
            found.extend(names(value, f"{prefix}{name}."))
        elif isinstance(value, list):
            found.extend(f"{prefix}{name}[{index}]" for index in range(len(value)))
        else:
            found.append(prefix + name)
    return found


MEMORY_NAMES = tuple(names(k.Memory()))
STATE_WORDS = len(k.State().words())
LIMITS_WORDS = len(k.Limits().words())


def damaged(random: Random, memory: k.Memory) -> k.Memory:
    """A copy with some words changed.

    Half of them are sealed again, so that only `state_valid` can tell; often even that cannot,
    and the kernel goes on from a state that no history led to.
    """
    other = memory.duplicate()
    words = other.words()
    sealed = random.random() < 0.75
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        index = random.randrange(STATE_WORDS if sealed else len(words))
        words[index] = changed(random, words, index)
    other.set_words(words)
    if sealed:
        seal(other.inverse, other.state)
    return other


def changed(random: Random, words: list[int], index: int) -> int:
    """Another word for a place: close to it, close to a limit or to a time, an edge, anything."""
    chance = random.random()
    if chance < 0.35:
        word = words[index] + random.choice((-1, 1, -k.MINUTE, k.MINUTE, 25_000, -25_000))
    elif chance < 0.60:
        word = words[1 + random.randrange(LIMITS_WORDS)] + random.choice((-1, 0, 0, 1))
    elif chance < 0.75:
        word = random.choice((0, 1, -1))
    elif chance < 0.85:
        word = words[random.randrange(STATE_WORDS)]
    elif chance < 0.95:
        word = random.choice(EDGES)
    else:
        word = random.randint(LEAST, GREATEST)
    return min(max(word, LEAST), GREATEST)
