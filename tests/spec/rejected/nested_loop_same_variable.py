# expect: 8: i is a variable already
from .records import State


def wrong(state: State, at: int) -> int:
    whole = at
    for i in range(2):
        for i in range(2):
            whole = whole + i
    return whole + state.now
