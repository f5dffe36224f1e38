# expect: 5: to is not a name known here
from .contract import require


@require(lambda at: at > to)
def wrong(at: int, to: int) -> int:
    return at + to
