# expect: 6: tick writes, so it cannot stand in a contract
from .contract import ensure
from .records import State, tick


@ensure(lambda state: tick(state, 3))
def wrong(state: State, at: int) -> None:
    state.now = at
