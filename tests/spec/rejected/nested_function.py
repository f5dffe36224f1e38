# expect: 6: a function stands at the level of the module
from .records import State


def wrong(state: State, at: int) -> int:
    def inner() -> int:
        return at
    return state.now
