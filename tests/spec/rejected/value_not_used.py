# expect: 6: the value of total is not used
from .records import State, total


def wrong(state: State, at: int) -> int:
    total(state.window)
    return at
