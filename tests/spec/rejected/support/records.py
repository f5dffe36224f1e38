"""The records that every rejected snippet may import."""

from .contract import Record, array

SIZE = 4


class Window(Record):
    """An array."""

    slots: list[int] = array(SIZE)


class State(Record):
    """An int, and a record inside."""

    now: int
    window: Window
    day: Window


def total(window: Window) -> int:
    """Reads."""
    whole = 0
    for i in range(SIZE):
        whole = whole + window.slots[i]
    return whole


def is_empty(window: Window) -> bool:
    """Reads."""
    return total(window) == 0


def tick(state: State, at: int) -> bool:
    """Writes."""
    state.now = at
    return at > 0


def move(target: Window, source: Window) -> None:
    """Writes the first."""
    target.slots[0] = source.slots[0]
