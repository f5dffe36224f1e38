"""What the faces raise: always what is wrong, where, and what is allowed."""


class InputError(ValueError):
    """A value that no event, state or limits can hold; nothing was adopted, nothing delivered."""


class InputTypeError(InputError, TypeError):
    """A value of a wrong type, such as a float where a whole number of micro-units belongs."""


class LimitsRefusedError(InputError):
    """The kernel did not adopt these limits; what it had adopted before stays in force.

    `reason` is the kernel's own reason.
    """

    def __init__(self, reason: int, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class StateError(InputError):
    """Bytes that are not a state of this kernel: wrong length, other layout, or corrupt."""


class BusyError(RuntimeError):
    """A kernel was used while `step_many` was stepping it in another thread."""
