# expect: 7: the length of a range is a constant
from .records import State


def wrong(state: State, at: int) -> int:
    whole = 0
    for i in range(at):
        whole = whole + i
    return whole + state.now
