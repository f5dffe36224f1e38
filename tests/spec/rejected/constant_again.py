# expect: 4: SIZE is defined in records.py
from .records import total

SIZE = 3
