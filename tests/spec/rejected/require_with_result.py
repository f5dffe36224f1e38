# expect: 5: result is no parameter of the function
from .contract import require


@require(lambda result: result > 1)
def wrong(at: int) -> int:
    return at
