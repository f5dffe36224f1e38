# expect: 6: an index takes an int, not a bool
from .records import State


def wrong(state: State, at: int) -> int:
    return state.window.slots[at > 0]
