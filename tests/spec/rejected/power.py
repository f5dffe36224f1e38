# expect: 6: the operator ** is not one of + - * // %
from .records import State


def wrong(state: State, at: int) -> int:
    return state.now ** at
