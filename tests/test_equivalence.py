"""The interpreted and the compiled kernel are the same: every word of memory and outcome.

One million steps from random states: those that a pump reaches, the same with words changed and
sealed again, and the same broken. A life is named by its seed alone, so a difference is replayed
with `walk_a_life(seed)`.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from random import Random

import pytest

from dosekernel import Event, Interpreted, Kernel, Limits
from dosekernel.kernel import records as k
from dosekernel.kernel.step import adopt, initialise, step
from dosekernel.spec.limits import preset_names
from dosekernel.strategies.damage import MEMORY_NAMES, damaged
from dosekernel.strategies.walk import EDGES, EVENT_FIELDS, Walk, vary

STEPS_IN_ALL = 1_000_000
STEPS_IN_A_LIFE = 500
PROCESSES = 2
LIVES = STEPS_IN_ALL // STEPS_IN_A_LIFE
OUTCOME_NAMES = tuple(k.Outcome.__annotations__)


class Pair:
    """Both kernels with the same memory, and the first difference between them."""

    def __init__(self, limits: k.Limits, at: int) -> None:
        self.memory = k.Memory()
        if initialise(self.memory, limits, at) != k.REASON_NONE:
            raise ValueError(f"limits to start with are refused: {vars(limits)}")
        self.compiled = Kernel(limits, at)
        self.compare_memory("initialise")

    def step(self, event: k.Event) -> k.Outcome:
        """The same event for both."""
        outcome = k.Outcome()
        status = step(self.memory, event, outcome)
        other = self.compiled.step(Event.from_words(event.words()))
        words = outcome.words()
        if words != list(other.words) or status != other.status:
            name, one, two = difference(OUTCOME_NAMES, words, list(other.words))
            raise AssertionError(f"outcome.{name}: interpreted {one}, compiled {two}")
        self.compare_memory("step")
        return outcome

    def adopt(self, limits: k.Limits, at: int) -> None:
        """The same limits for both."""
        one = adopt(self.memory, limits, at)
        two = self.compiled._adopt(limits.words(), at)
        assert one == two, f"adopt: interpreted {one}, compiled {two}"
        self.compare_memory("adopt")

    def put(self, memory: k.Memory) -> None:
        """The same memory for both."""
        self.memory = memory
        self.compiled._set_words(memory.words())

    def compare_memory(self, entry: str) -> None:
        """Every word is equal."""
        words = self.memory.words()
        compiled = list(self.compiled._words())
        if words != compiled:
            name, one, two = difference(MEMORY_NAMES, words, compiled)
            raise AssertionError(f"after {entry} {name}: interpreted {one}, compiled {two}")


def difference(names: tuple[str, ...], one: list[int], two: list[int]) -> tuple[str, int, int]:
    """The first word in which two records differ."""
    found = next(i for i in range(len(names)) if one[i] != two[i])
    return names[found], one[found], two[found]


def walk_a_life(seed: int) -> dict[int, int]:
    """One pump's life in both kernels; returns how often each status came."""
    random = Random(seed)
    limits = Limits.load(random.choice(preset_names())).to_record()
    limits = vary(random, limits) if random.random() < 0.6 else limits
    pair = Pair(limits, random.choice((0, 1, 10**12)))
    walk = Walk(random)
    seen: dict[int, int] = {}
    sound = pair.memory.duplicate()
    for _ in range(STEPS_IN_A_LIFE):
        chance = random.random()
        event = walk.event(pair.memory.state)
        if chance < 0.12:
            sound = pair.memory.duplicate()
            pair.put(damaged(random, pair.memory))
        elif chance < 0.13:
            pair.adopt(other_limits(random, pair.memory.state), pair.memory.state.now)
        outcome = pair.step(event)
        seen[outcome.status] = seen.get(outcome.status, 0) + 1
        if outcome.status == k.CORRUPT:
            pair.put(sound)
    return seen


def other_limits(random: Random, state: k.State) -> k.Limits:
    """Limits to adopt: near the present ones, now and then with a word that no limit may have."""
    limits = vary(random, state.limits)
    if random.random() < 0.3:
        words = limits.words()
        words[random.randrange(len(words))] = random.choice(EDGES)
        limits.set_words(words)
    return limits


def walk_lives(seeds: range) -> tuple[dict[int, int], str]:
    """Many lives in one process: how often each status came, and the first difference."""
    seen: dict[int, int] = {}
    for seed in seeds:
        try:
            for status, count in walk_a_life(seed).items():
                seen[status] = seen.get(status, 0) + count
        except Exception as difference:
            return seen, f"walk_a_life({seed}): {difference!r}"
    return seen, ""


def test_a_million_steps_are_equal() -> None:
    context = multiprocessing.get_context("spawn")
    shares = [range(first, LIVES, PROCESSES) for first in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        results = list(pool.map(walk_lives, shares))
    found = [difference for _, difference in results if difference]
    assert not found, "\n".join(found)
    seen = {status: sum(counts.get(status, 0) for counts, _ in results) for status in range(1, 5)}
    assert sum(seen.values()) >= STEPS_IN_ALL
    # Not a walk of refusals: every answer comes often.
    assert all(count >= STEPS_IN_ALL // 500 for count in seen.values()), seen


@pytest.mark.parametrize("field", EVENT_FIELDS)
def test_every_word_of_an_event_at_its_edges(field: str) -> None:
    pair = Pair(Limits.load("insulin-u100").to_record(), 10**9)
    for kind in range(k.TICK - 1, k.ACKNOWLEDGE + 2):
        for word in EDGES:
            event = k.Event()
            event.kind, event.at, event.source = kind, pair.memory.state.now, k.USER
            setattr(event, field, word)
            pair.step(event)


def test_the_python_faces_are_equal() -> None:
    random = Random(1)
    limits = Limits.load("insulin-u100")
    one, two = Interpreted(limits), Kernel(limits)
    walk = Walk(random)
    for _ in range(300):
        event = Event.from_words(walk.event(one.inspect()).words())
        assert one.step(event) == two.step(event)
        assert one.state == two.state


def test_a_difference_is_found_and_named() -> None:
    pair = Pair(Limits.load("insulin-u100").to_record(), 0)
    pair.memory.state.day.slots[3] = 7
    with pytest.raises(AssertionError, match=r"state\.day\.slots\[3\]: interpreted 7, compiled 0"):
        pair.compare_memory("step")
