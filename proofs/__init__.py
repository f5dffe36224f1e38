"""How it is shown: the source of the kernel becomes SMT, and two solvers decide."""
