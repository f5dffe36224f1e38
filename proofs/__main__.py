"""`python -m dosekernel.proofs`: the same as `dosekernel prove`."""

import sys

from .command import main

sys.exit(main())
