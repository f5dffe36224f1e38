"""A pump and a virtual patient through a day: every drop passes the kernel."""
