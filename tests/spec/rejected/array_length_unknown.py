# expect: 6: the length of an array is a constant greater than 0
from .contract import Record, array


class Wrong(Record):
    slots: list[int] = array(0)
