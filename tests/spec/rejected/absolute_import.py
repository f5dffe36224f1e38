# expect: 2: no module math in the program
from math import floor
