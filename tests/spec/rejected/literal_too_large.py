# expect: 6: 9223372036854775808 does not fit 64 bits
from .records import State


def wrong(state: State, at: int) -> int:
    return state.now + at + 9223372036854775808
