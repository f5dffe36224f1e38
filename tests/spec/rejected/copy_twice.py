# expect: 8: window is a variable already; a record is made once, then assigned to
from .contract import copy
from .records import State


def wrong(state: State, at: int) -> int:
    window = copy(state.window)
    window = copy(state.day)
    return window.slots[0] + at
