# expect: 6: max is not a function known here
from .records import State


def wrong(state: State, at: int) -> int:
    return max(at, state.now)
