# expect: 7: pass does nothing
from .records import State


def wrong(state: State, at: int) -> int:
    if at > state.now:
        pass
    return at
