# expect: 5: require takes a lambda
from .contract import require


@require(True)
def wrong(at: int) -> int:
    return at
