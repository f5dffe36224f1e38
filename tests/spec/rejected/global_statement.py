# expect: 6: there are no globals that change
from .records import State


def wrong(state: State, at: int) -> int:
    global COUNT
    return at + state.now
