# expect: 7: for has no else
from .records import State


def wrong(state: State, at: int) -> int:
    whole = at
    for i in range(2):
        whole = whole + i
    else:
        whole = 0
    return whole + state.now
