# expect: 6: index -1 is outside 0..3
from .records import State


def wrong(state: State, at: int) -> int:
    return state.window.slots[-1] + at
