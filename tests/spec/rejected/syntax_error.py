# expect: 2: not Python: invalid syntax
def wrong(:
