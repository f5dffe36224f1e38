# expect: 6: every path of the loop returns the first time
from .records import State


def wrong(state: State, at: int) -> int:
    for i in range(2):
        return i + at + state.now
    return 0
