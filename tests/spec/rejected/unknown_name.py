# expect: 6: missing is not a name known here
from .records import State


def wrong(state: State, at: int) -> int:
    return state.now + at + missing
