# expect: 2: an assignment takes no annotation
SIZE_HERE: int = 3
