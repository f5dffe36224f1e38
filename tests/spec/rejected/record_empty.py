# expect: 5: the record Wrong has no field
from .contract import Record


class Wrong(Record):
    """Nothing."""
