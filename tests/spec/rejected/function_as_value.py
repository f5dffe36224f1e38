# expect: 6: total is a function, not a value
from .records import State, total


def wrong(state: State, at: int) -> int:
    x = total
    return at + state.now
