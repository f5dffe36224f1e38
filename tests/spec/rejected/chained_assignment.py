# expect: 6: one assignment has one target
from .records import State


def wrong(state: State, at: int) -> int:
    a = b = at
    return a + b + state.now
