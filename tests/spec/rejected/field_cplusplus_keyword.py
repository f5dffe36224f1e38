# expect: 6: new is a keyword of C++
from .contract import Record


class Wrong(Record):
    new: int
