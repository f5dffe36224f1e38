# expect: 6: not takes a bool, not an int
from .records import State


def wrong(state: State, at: int) -> int:
    if not at:
        return state.now
    return at
