# expect: 7: assign writes state, which overlaps another argument
from .contract import assign
from .records import State


def wrong(state: State, at: int) -> int:
    assign(state, state)
    return at
