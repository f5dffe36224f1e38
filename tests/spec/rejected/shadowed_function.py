# expect: 6: total hides the function of that name
from .records import State, total


def wrong(state: State, at: int) -> int:
    total = at
    return total + state.now
