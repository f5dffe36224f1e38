# expect: 6: move writes, so its call stands alone: as a statement, a value or a test
from .records import State, move


def wrong(state: State, at: int) -> int:
    return at + move(state.window, state.day)
