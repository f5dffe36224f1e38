# expect: 6: the variable a__b is not written in lower_case
from .records import State


def wrong(state: State, at: int) -> int:
    a__b = at
    return a__b + state.now
