# expect: 6: result is no parameter of the function
from .contract import ensure
from .records import State


@ensure(lambda result: result > 1)
def wrong(state: State, at: int) -> None:
    state.now = at
