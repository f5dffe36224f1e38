# expect: 5: wrong returns int, bool or None, and says so
from .records import State


def wrong(state: State) -> State:
    return state
