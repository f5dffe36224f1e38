# expect: 6: total takes 1 argument, not 2
from .records import State, total


def wrong(state: State, at: int) -> int:
    return total(state.window, at)
