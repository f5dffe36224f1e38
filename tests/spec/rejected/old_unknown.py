# expect: 6: there is no snapshot now
from .contract import ensure
from .records import State


@ensure(lambda state, OLD: state.now > OLD.now)
def wrong(state: State, at: int) -> None:
    state.now = at
