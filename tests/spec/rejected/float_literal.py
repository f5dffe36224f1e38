# expect: 7: there are no floats
from .records import State


def wrong(state: State, at: int) -> int:
    state.now = at
    return 1.5
