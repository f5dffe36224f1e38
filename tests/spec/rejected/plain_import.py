# expect: 2: only `from .module import name` is allowed
import math
