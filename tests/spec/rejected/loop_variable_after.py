# expect: 9: i has no value on some path to here
from .records import State


def wrong(state: State, at: int) -> int:
    whole = at
    for i in range(2):
        whole = whole + i
    return i + whole + state.now
