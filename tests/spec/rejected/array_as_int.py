# expect: 6: + takes an int, not an array
from .records import State


def wrong(state: State, at: int) -> int:
    return state.window.slots + at
