# expect: 6: match is not in the language; use if
from .records import State


def wrong(state: State, at: int) -> int:
    match at:
        case 0:
            return state.now
    return at
