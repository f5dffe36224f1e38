# expect: 7: nothing runs after a return
from .records import State


def wrong(state: State, at: int) -> int:
    return at
    return state.now
