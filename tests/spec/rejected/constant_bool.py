# expect: 2: a constant takes an int, not a bool
READY = True
