# expect: 6: there are no lists; a record holds arrays
from .records import State


def wrong(state: State, at: int) -> int:
    x = [at, state.now]
    return 0
