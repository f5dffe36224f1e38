# expect: 6: wrong hides the function of that name
def wrong(at: int) -> int:
    return at


def wrong(at: int) -> int:
    return at
