# expect: 6: a field is an int, a list[int] or an earlier record, not float
from .contract import Record


class Wrong(Record):
    now: float
