# expect: 6: an array is assigned item by item
from .records import State


def wrong(state: State, at: int) -> int:
    state.window.slots = state.day.slots
    return at
