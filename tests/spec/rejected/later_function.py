# expect: 6: after is not a function known here
from .records import State


def wrong(state: State, at: int) -> int:
    return after(at) + state.now


def after(at: int) -> int:
    return at
