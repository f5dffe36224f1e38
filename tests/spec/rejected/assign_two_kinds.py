# expect: 7: assign takes two of one record, not Window and State
from .contract import assign
from .records import State


def wrong(state: State, at: int) -> int:
    assign(state.window, state)
    return at
