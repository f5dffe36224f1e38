# expect: 6: del is not in the language
from .records import State


def wrong(state: State, at: int) -> int:
    del state
    return at
