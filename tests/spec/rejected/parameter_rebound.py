# expect: 6: the parameter at is not assigned to
from .records import State


def wrong(state: State, at: int) -> int:
    at = state.now
    return at
