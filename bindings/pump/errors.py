"""What the pump shell raises: always what is wrong, where, and what can be done."""

from ..errors import InputError


class JournalError(InputError):
    """The journal cannot be written or trusted; the pump has stopped, nothing more is delivered."""


class JournalBusyError(JournalError):
    """Another program has the journal open."""


class JournalVersionError(JournalError):
    """The file is no journal, or one that a newer dosekernel wrote."""


class TamperedError(JournalError):
    """An entry was edited, taken out or added by something else than the pump."""


class HaltedError(JournalError):
    """The pump stopped after a failure of its own; open the journal again to go on."""


class MotorError(InputError):
    """A motor's driver cannot do what it was told to; nobody knows what was delivered."""
