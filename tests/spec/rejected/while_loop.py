# expect: 6: while may not end; use for over range(constant)
from .records import State


def wrong(state: State, at: int) -> int:
    while at > 0:
        return state.now
    return at
