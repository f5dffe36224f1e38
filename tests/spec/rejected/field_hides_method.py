# expect: 6: words is a method of every record
from .contract import Record


class Wrong(Record):
    words: int
