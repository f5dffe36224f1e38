# expect: 6: short is a keyword of C
from .contract import Record


class Wrong(Record):
    short: int
