# expect: 6: return takes an int, not a bool
from .records import State


def wrong(state: State, at: int) -> int:
    return at > state.now
