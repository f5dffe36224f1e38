# expect: 6: a snapshot is named: name="..."
from .contract import snapshot
from .records import State


@snapshot(lambda state: state.now)
def wrong(state: State, at: int) -> None:
    state.now = at
