# expect: 6: with is not in the language
from .records import State


def wrong(state: State, at: int) -> int:
    with state:
        return at
