# expect: 5: the parameter at is never read
from .records import State


def wrong(state: State, at: int) -> int:
    return state.now
