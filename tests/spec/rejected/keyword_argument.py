# expect: 6: arguments are given by position
from .records import State, total


def wrong(state: State, at: int) -> int:
    return total(window=state.window) + at
