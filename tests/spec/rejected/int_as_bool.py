# expect: 6: if takes a bool, not an int
from .records import State


def wrong(state: State, at: int) -> int:
    if at:
        return state.now
    return at
