# expect: 7: for runs over range(constant) and nothing else
from .records import State


def wrong(state: State, at: int) -> int:
    whole = at
    for slot in state.window.slots:
        whole = whole + slot
    return whole
