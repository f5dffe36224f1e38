# expect: 2: only `from .module import name` is allowed
import functools


@functools.cache
def wrong(at: int) -> int:
    return at
