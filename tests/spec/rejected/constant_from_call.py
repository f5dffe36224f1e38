# expect: 2: len is not a function known here
SIZE_HERE = len(3)
