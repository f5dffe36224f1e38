# expect: 8: x has no value on some path to here
from .records import State


def wrong(state: State, at: int) -> int:
    if at > 0:
        x = state.now
    return x
