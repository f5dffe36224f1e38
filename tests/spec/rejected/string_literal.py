# expect: 7: there are no strings
from .records import State


def wrong(state: State, at: int) -> int:
    state.now = at
    return "none"
