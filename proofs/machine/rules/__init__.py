"""How words are made simpler: each rule by name, and beside it the lemma that allows it.

A lemma is the rule in SMT-LIB, valid for all values: `a b c d` are words of W bits, `x y` of half
as many (H), `p q r` truth values; TOP and HTOP are their highest bits. `lemmas` asks both solvers
for every one of them. Importing this package makes all rules known to `words`.
"""

from . import bits, comparisons, sums, truths

__all__ = ["bits", "comparisons", "sums", "truths"]
