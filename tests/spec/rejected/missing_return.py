# expect: 5: a path of wrong returns no value
from .records import State


def wrong(state: State, at: int) -> int:
    if at > state.now:
        return at
