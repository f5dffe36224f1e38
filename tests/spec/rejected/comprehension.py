# expect: 6: there are no comprehensions
from .records import State


def wrong(state: State, at: int) -> int:
    x = [i for i in range(3)]
    return at + state.now
