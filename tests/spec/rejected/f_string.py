# expect: 6: there are no strings
from .records import State


def wrong(state: State, at: int) -> int:
    x = f"{at}"
    return state.now
