"""Hypothesis strategies for limits, events and states, and a machine that tests your own shell.

    from hypothesis import given
    from dosekernel import Kernel, strategies

    @given(strategies.limits(), strategies.events())
    def test_a_fresh_pump_delivers_nothing(limits, event):
        assert Kernel(limits).step(event).amount == 0

`strategies.KernelMachine` runs whole lives of a pump against the exact model; subclass it to put
your own program between the events and the kernel. It needs Hypothesis (`pip install hypothesis`).
"""

from random import Random

from hypothesis import strategies as st

from dosekernel import Event, Kernel, Limits
from dosekernel.face import STATE_BYTES
from dosekernel.kernel import records as k
from dosekernel.kernel.step import initialise, step
from dosekernel.spec.limits import preset_names

from .bedside import Bedside
from .damage import damaged
from .machine import KernelMachine
from .walk import EDGES, GREATEST, LEAST, Walk, vary

__all__ = ["Bedside", "KernelMachine", "events", "limits", "states"]

LONGEST_LIFE = 120
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def words() -> st.SearchStrategy[int]:
    """Any 64-bit word, most often one at which something changes."""
    anything = st.integers(min_value=LEAST, max_value=GREATEST)
    return st.one_of(st.sampled_from(EDGES), st.integers(0, 100), anything)


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    """Limits that may be adopted: the presets, and others near them with rooms on and off."""
    preset = Limits.load(draw(st.sampled_from(preset_names())))
    if draw(st.booleans()):
        return preset
    varied = vary(Random(draw(SEEDS)), preset.to_record())
    return Limits.from_record(varied, name=f"{preset.name}, varied", unit=preset.unit)


@st.composite
def events(
    draw: st.DrawFn, kinds: tuple[int, ...] = tuple(range(k.TICK, k.ACKNOWLEDGE + 1))
) -> Event:
    """Events of these kinds: well-formed ones, and any words at all in place of their fields."""
    event = k.Event()
    event.kind = draw(st.sampled_from(kinds))
    event.at = draw(st.integers(0, 2 * k.DAY))
    event.issued_at = max(event.at - draw(st.sampled_from((0, 0, k.MINUTE, k.HOUR))), 0)
    event.id = draw(st.integers(0, 40))
    event.source = draw(st.integers(k.USER, k.REMOTE))
    event.amount = draw(st.integers(0, 1000)) * 25_000
    event.rate = draw(st.integers(0, 200)) * 25_000
    event.duration = draw(st.sampled_from((0, 1, 30 * k.MINUTE, k.HOUR, 8 * k.HOUR)))
    event.code = draw(st.integers(0, 9))
    if event.kind == k.GLUCOSE:
        event.glucose = draw(st.integers(k.GLUCOSE_MIN - 1, 401))
    if draw(st.integers(0, 3)) == 0:
        for name in draw(st.lists(st.sampled_from(tuple(k.Event.__annotations__)), max_size=3)):
            setattr(event, name, draw(words()))
    return Event.from_words(event.words())


@st.composite
def states(draw: st.DrawFn, sound: bool | None = None) -> bytes:
    """States as `Kernel.state` gives them, from lives of some length.

    `sound=True`: only such as `Kernel.from_state` takes; `False`: only such as it does not;
    `None`: both, and bytes that were never a state.
    """
    if sound is None and draw(st.integers(0, 4)) == 0:
        return draw(st.binary(max_size=STATE_BYTES))
    memory = lived(draw(SEEDS), draw(st.integers(0, LONGEST_LIFE)))
    wanted = draw(st.booleans()) if sound is None else sound
    if not wanted:
        found = memory.words()
        index = draw(st.integers(0, len(found) - 1))
        found[index] = draw(words().filter(lambda word: word != found[index]))
        memory.set_words(found)
    elif draw(st.booleans()):
        other = damaged(Random(draw(SEEDS)), memory)
        if step(other.duplicate(), k.Event(), k.Outcome()) != k.CORRUPT:
            memory = other
    holder = Kernel(Limits.load(preset_names()[0]))
    holder._set_words(memory.words())
    return holder.state


def lived(seed: int, steps: int) -> k.Memory:
    """The memory of a pump after so many steps of the life that a seed names."""
    random = Random(seed)
    adopted = vary(random, Limits.load(random.choice(preset_names())).to_record())
    memory = k.Memory()
    initialise(memory, adopted, 0)
    walk = Walk(random)
    for _ in range(steps):
        step(memory, walk.event(memory.state), k.Outcome())
    return memory
