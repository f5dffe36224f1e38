# expect: 6: and takes a bool, not an int
from .records import State


def wrong(state: State, at: int) -> int:
    if at and state.now:
        return 1
    return at
