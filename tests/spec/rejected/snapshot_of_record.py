# expect: 6: a snapshot keeps int, bool or copy(record), not a State
from .contract import snapshot
from .records import State


@snapshot(lambda state: state, name="state")
def wrong(state: State, at: int) -> None:
    state.now = at
