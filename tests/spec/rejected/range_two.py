# expect: 7: for runs over range(constant) and nothing else
from .records import State


def wrong(state: State, at: int) -> int:
    whole = 0
    for i in range(1, 3):
        whole = whole + i
    return whole + state.now + at
