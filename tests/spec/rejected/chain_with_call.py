# expect: 6: the middle of a chain is a name, a field, an item or a constant
from .records import State, total


def wrong(state: State, at: int) -> int:
    if 0 <= total(state.window) < at:
        return 1
    return 0
