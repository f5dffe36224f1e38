# expect: 6: State has no field later
from .records import State


def wrong(state: State, at: int) -> int:
    return state.later + at
