# expect: 5: the parameter at is an int, a bool or a record
from .records import State


def wrong(state: State, at) -> int:
    return at + state.now
