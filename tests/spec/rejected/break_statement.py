# expect: 8: break is not in the language; return, or test
from .records import State


def wrong(state: State, at: int) -> int:
    for i in range(3):
        if i > at:
            break
    return state.now
