# expect: 2: Wrong is no record: write class Wrong(Record)
class Wrong:
    now: int
