# expect: 6: a State has no items
from .records import State


def wrong(state: State, at: int) -> int:
    return state[0] + at
