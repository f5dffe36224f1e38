# expect: 7: OLD stands only in an ensure that takes it
from .contract import ensure, snapshot
from .records import State


@snapshot(lambda state: state.now, name="now")
@ensure(lambda state: state.now > OLD.now)
def wrong(state: State, at: int) -> None:
    state.now = at
