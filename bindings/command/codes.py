"""The exit codes of every command, one meaning each."""

GOOD = 0
FINDING = 1  # a refuted theorem, a refused history
BAD_INPUT = 2  # or a wrong use of the command
UNDECIDED = 3  # timeout or unknown
TOOL_MISSING = 4
INTERNAL = 70  # a mistake in dosekernel itself
# What a shell reports for a command that a signal ended.
INTERRUPTED = 130
PIPE_CLOSED = 141
