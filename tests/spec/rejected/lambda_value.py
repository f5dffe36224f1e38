# expect: 6: lambda stands only in a contract
from .records import State


def wrong(state: State, at: int) -> int:
    x = lambda: at
    return state.now
