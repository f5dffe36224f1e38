# expect: 2: imports name each name
from .records import *
