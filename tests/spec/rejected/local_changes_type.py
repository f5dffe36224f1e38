# expect: 7: x is an int, not a bool
from .records import State


def wrong(state: State, at: int) -> int:
    x = at
    x = at > 0
    return state.now
