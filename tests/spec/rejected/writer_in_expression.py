# expect: 6: tick writes, so its call stands alone: as a statement, a value or a test
from .records import State, tick


def wrong(state: State, at: int) -> int:
    if at > 3 and tick(state, at):
        return 1
    return 0
