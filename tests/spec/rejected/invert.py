# expect: 6: the operator ~ before a value is not in the language
from .records import State


def wrong(state: State, at: int) -> int:
    return ~at + state.now
