"""Kernels with one small fault each: every one breaks a theorem, or is shown to be no fault."""
