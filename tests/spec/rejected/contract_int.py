# expect: 5: a contract takes a bool, not an int
from .contract import require


@require(lambda at: at + 1)
def wrong(at: int) -> int:
    return at
