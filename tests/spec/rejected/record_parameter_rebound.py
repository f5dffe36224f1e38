# expect: 7: the parameter state is not assigned to
from .contract import copy
from .records import State


def wrong(state: State, at: int) -> int:
    state = copy(state)
    return at
