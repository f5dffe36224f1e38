# expect: 6: a function of None returns no value
from .records import State


def wrong(state: State, at: int) -> None:
    return state.now + at
