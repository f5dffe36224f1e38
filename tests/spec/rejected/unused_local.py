# expect: 6: the variable x is never read
from .records import State


def wrong(state: State, at: int) -> int:
    x = at
    return state.now
