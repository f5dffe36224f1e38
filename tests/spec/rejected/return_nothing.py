# expect: 7: return takes an int
from .records import State


def wrong(state: State, at: int) -> int:
    if at > state.now:
        return
    return at
