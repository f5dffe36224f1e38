# expect: 6: move writes state.window, which overlaps another argument
from .records import State, move


def wrong(state: State, at: int) -> int:
    move(state.window, state.window)
    return at
