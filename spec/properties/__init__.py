"""What must hold: small named predicates over records, in the kernel language itself.

The same predicate is a theorem (the prover gives it SMT terms), a runtime check and a test's oracle
(Python gives it ints). Every module here is read by the prover; no module changes a record that it
was given. Begin with `words`, then `steps`.
"""
