"""A real therapy history through the kernel: what it would have refused, when, and why."""
