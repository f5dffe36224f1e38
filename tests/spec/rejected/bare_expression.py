# expect: 6: a statement that does nothing
from .records import State


def wrong(state: State, at: int) -> int:
    at + state.now
    return at
