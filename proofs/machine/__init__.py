"""The machine code is the kernel: each function of an object file, shown to be its source."""
