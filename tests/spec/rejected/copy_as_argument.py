# expect: 7: copy stands only as `name = copy(record)`
from .contract import copy
from .records import State, total


def wrong(state: State, at: int) -> int:
    return total(copy(state.window)) + at
