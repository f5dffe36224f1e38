# expect: 6: is is not one of == != < <= > >=
from .records import State


def wrong(state: State, at: int) -> int:
    if at is state.now:
        return 1
    return 0
