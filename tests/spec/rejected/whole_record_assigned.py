# expect: 6: a whole record is assigned by assign(target, source)
from .records import State


def wrong(state: State, at: int) -> int:
    state.window = state.day
    return at
