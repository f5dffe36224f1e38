# expect: 3: a statement stands inside a function
SIZE_HERE = 3
if SIZE_HERE > 2:
    OTHER = 1
