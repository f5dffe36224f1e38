# expect: 5: short is a keyword of C
from .records import State


def wrong(state: State, short: int) -> int:
    return state.now + short
