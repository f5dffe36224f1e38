# expect: 2: the constant size is not written in UPPER_CASE
size = 3
