# expect: 6: there are no exceptions
from .records import State


def wrong(state: State, at: int) -> int:
    try:
        return at
    except ValueError:
        return state.now
