# expect: 6: an array is declared as list[int] = array(constant)
from .contract import Record


class Wrong(Record):
    slots: list[int]
