# expect: 6: a conditional expression is not in the language; use if
from .records import State


def wrong(state: State, at: int) -> int:
    return at if at > state.now else 0
