# expect: 7: None is not a value
from .records import State


def wrong(state: State, at: int) -> int:
    state.now = at
    return None
