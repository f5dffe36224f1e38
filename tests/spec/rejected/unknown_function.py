# expect: 6: later is not a function known here
from .records import State


def wrong(state: State, at: int) -> int:
    return later(state) + at
