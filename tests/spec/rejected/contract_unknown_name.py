# expect: 5: to is no parameter of the function
from .contract import require


@require(lambda to: to > 1)
def wrong(at: int) -> int:
    return at
