# expect: 6: + takes an int, not a State
from .records import State


def wrong(state: State, at: int) -> int:
    return state + at
