# expect: 7: the loop variable i is not assigned to
from .records import State


def wrong(state: State, at: int) -> int:
    for i in range(2):
        i = at
    return state.now
