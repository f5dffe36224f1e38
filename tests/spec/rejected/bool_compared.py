# expect: 6: == takes an int, not a bool
from .records import State


def wrong(state: State, at: int) -> int:
    if (at > 0) == True:
        return state.now
    return at
