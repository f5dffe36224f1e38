# expect: 7: the snapshot now is there already
from .contract import snapshot
from .records import State


@snapshot(lambda state: state.now, name="now")
@snapshot(lambda state: state.now, name="now")
def wrong(state: State, at: int) -> None:
    state.now = at
