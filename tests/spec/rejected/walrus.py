# expect: 6: an assignment is not an expression
from .records import State


def wrong(state: State, at: int) -> int:
    if (x := at) > state.now:
        return x
    return 0
