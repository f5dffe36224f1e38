# expect: 6: an assignment takes no annotation
from .records import State


def wrong(state: State, at: int) -> int:
    x: int = at
    return x + state.now
