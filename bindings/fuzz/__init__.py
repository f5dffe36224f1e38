"""Fuzzing the kernel: four engines over one decoder, with oracles that know nothing of its slots.

`harness/` is the fuzz target in C: bytes become limits and events, and a notebook beside the
kernel checks every step. libFuzzer and AFL++ compile it in; atheris and Hypothesis load it, and
also ask the exact model and the properties that the proof is about. `dosekernel fuzz` runs them.
"""
