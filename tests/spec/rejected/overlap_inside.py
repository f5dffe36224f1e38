# expect: 10: touch writes state, which overlaps another argument
from .records import State, Window


def touch(state: State, window: Window) -> None:
    state.now = window.slots[0]


def wrong(state: State, at: int) -> int:
    touch(state, state.window)
    return at
