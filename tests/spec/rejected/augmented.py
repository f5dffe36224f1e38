# expect: 6: augmented assignment is not in the language; write x = x + y
from .records import State


def wrong(state: State, at: int) -> int:
    state.now += at
    return at
