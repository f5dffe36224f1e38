# expect: 6: in is not one of == != < <= > >=
from .records import State


def wrong(state: State, at: int) -> int:
    if at in (1, 2):
        return state.now
    return 0
