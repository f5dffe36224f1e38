# expect: 8: wrong is not a function known here
from .records import State


def wrong(state: State, at: int) -> int:
    if at < 1:
        return state.now
    return wrong(state, at - 1)
