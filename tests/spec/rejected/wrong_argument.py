# expect: 6: window of total takes a Window, not a State
from .records import State, total


def wrong(state: State, at: int) -> int:
    return total(state) + at
