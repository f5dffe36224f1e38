# expect: 7: range(0) runs not once
from .records import State


def wrong(state: State, at: int) -> int:
    whole = 0
    for i in range(0):
        whole = whole + i
    return whole + state.now + at
