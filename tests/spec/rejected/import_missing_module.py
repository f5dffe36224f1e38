# expect: 2: no module .nowhere in the program
from .nowhere import Missing
