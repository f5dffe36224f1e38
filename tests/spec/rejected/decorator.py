# expect: 2: a decorator is require, ensure or snapshot of .contract
@property
def wrong(at: int) -> int:
    return at
