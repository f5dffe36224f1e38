# expect: 6: a second name for a record: write window = copy(...)
from .records import State


def wrong(state: State, at: int) -> int:
    window = state.window
    return at + window.slots[0]
