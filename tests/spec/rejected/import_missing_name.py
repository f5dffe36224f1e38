# expect: 2: records.py defines no Missing
from .records import Missing
