# expect: 6: there are no slices
from .records import State, total


def wrong(state: State, at: int) -> int:
    return total(state.window.slots[0:2]) + at
