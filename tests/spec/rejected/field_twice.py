# expect: 7: the field now is there already
from .contract import Record


class Wrong(Record):
    now: int
    now: int
