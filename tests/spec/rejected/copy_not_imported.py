# expect: 6: copy is not a function known here
from .records import State


def wrong(state: State, at: int) -> int:
    window = copy(state.window)
    return window.slots[0] + at
