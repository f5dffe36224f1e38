# expect: 6: a field is an int, a list[int] or an earlier record, not Wrong
from .contract import Record


class Wrong(Record):
    inner: Wrong
