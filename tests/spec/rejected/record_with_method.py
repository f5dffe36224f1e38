# expect: 8: a record holds fields and nothing else
from .contract import Record


class Wrong(Record):
    now: int

    def late(self) -> int:
        return self.now
