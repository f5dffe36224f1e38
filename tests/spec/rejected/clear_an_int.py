# expect: 7: clear takes a record, not an int
from .contract import clear
from .records import State


def wrong(state: State, at: int) -> int:
    clear(state.now)
    return at
