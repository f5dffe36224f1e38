# expect: 5: the parameter SIZE is not written in lower_case
from .records import SIZE, State


def wrong(state: State, SIZE: int) -> int:
    return SIZE + state.now
