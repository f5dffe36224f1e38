# expect: 6: a word of a record takes an int, not a bool
from .records import State


def wrong(state: State, at: int) -> int:
    state.now = at > 0
    return at
