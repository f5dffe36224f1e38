# expect: 2: State keeps its name: no `as`
from .records import State as S
