# expect: 2: State is imported and not used
from .records import State

SIZE_HERE = 3
