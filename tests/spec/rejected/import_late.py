# expect: 4: imports stand at the top of a module
SIZE_HERE = 3

from .records import State
