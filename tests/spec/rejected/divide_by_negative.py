# expect: 6: % by -3: a divisor is greater than 0
from .records import State


def wrong(state: State, at: int) -> int:
    return state.now % -3 + at
