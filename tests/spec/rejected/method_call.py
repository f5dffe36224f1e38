# expect: 6: only functions of the program are called
from .records import State


def wrong(state: State, at: int) -> int:
    return state.words() + at
