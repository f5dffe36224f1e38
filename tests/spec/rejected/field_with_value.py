# expect: 6: the field now starts at 0, without a value
from .contract import Record


class Wrong(Record):
    now: int = 3
