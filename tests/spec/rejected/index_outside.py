# expect: 6: index 4 is outside 0..3
from .records import State


def wrong(state: State, at: int) -> int:
    return state.window.slots[4] + at
