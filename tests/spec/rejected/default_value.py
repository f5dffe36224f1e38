# expect: 5: parameters are plain: no *, no /, no default
from .records import State


def wrong(state: State, at: int = 0) -> int:
    return at + state.now
