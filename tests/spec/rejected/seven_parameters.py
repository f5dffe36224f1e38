# expect: 2: a function has at most 6 parameters
def wrong(a: int, b: int, c: int, d: int, e: int, f: int, g: int) -> int:
    return a + b + c + d + e + f + g
