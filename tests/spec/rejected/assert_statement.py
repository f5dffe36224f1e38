# expect: 6: assert is not in the language; write a contract
from .records import State


def wrong(state: State, at: int) -> int:
    assert at > state.now
    return at
