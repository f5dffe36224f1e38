"""Where a pump is paired: one device at a time, and only while a person asks for it there."""

import socket
import time
from collections.abc import Callable

from ...errors import InputError
from ..shell import Pump
from .keys import checked_name, read_keys, socket_path, write_keys
from .pairing import VALID, PairingError, PumpSide
from .server import listening
from .wire import Wire, octets

PATIENCE = 120_000  # ms for a device to come

Milliseconds = Callable[[], int]


def monotonic() -> int:
    """Milliseconds of a clock that only goes forward."""
    return time.monotonic_ns() // 1_000_000


class Stand:
    """`poll` until `ready`, then `enter` the code that the device shows; once. Then `close`."""

    def __init__(self, pump: Pump, clock: Milliseconds = monotonic) -> None:
        """Opens the socket beside the journal."""
        self._pump = pump
        self._clock = clock
        self._path = socket_path(pump.journal.path)
        self._listener: socket.socket | None = listening(self._path)
        self._wire: Wire | None = None
        self._side: PumpSide | None = None
        self._until = clock() + PATIENCE
        self.ready = ""  # the name of the device that shows its code

    def poll(self) -> None:
        """Look whether the device said something; raises `PairingError` if it is over."""
        if self._clock() > self._until:
            raise PairingError("pairing: it took too long; begin again")
        if self._wire is None:
            self._let_in()
        else:
            for message in self._wire.receive():
                if self._side is None:
                    self._begin(self._wire, message)
                elif self.ready:
                    raise PairingError("pairing: the device said more than it may; begin again")
                else:
                    self._reveal(self._side, message)

    def enter(self, code: str) -> str:
        """The code as the person typed it: one try. Returns the name of the remote."""
        side, self._side = self._side, None
        if side is None or not self.ready or self._wire is None:
            raise PairingError("pairing: no device shows a code; begin again")
        agreed = side.enter("".join(code.split()), self._clock())
        keys = read_keys(self._pump.journal.path)
        # In the history first: a key that nobody was told of must not exist.
        self._pump.notice(f"The remote {side.name} was paired with this pump.")
        write_keys(self._pump.journal.path, keys | {side.name: agreed.key})
        self._wire.send({"paired": agreed.proof})
        return side.name

    def close(self) -> None:
        """No device can come any more."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            self._path.unlink(missing_ok=True)
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _let_in(self) -> None:
        if self._listener is None:
            raise PairingError("pairing: it is over; begin again")
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        self._wire = Wire(connection)

    def _begin(self, wire: Wire, message: dict[str, object]) -> None:
        name = checked_name(message.get("pair"))
        self._side = PumpSide(name, octets(message, "commitment"))
        public, nonce = self._side.answer()
        wire.send({"key": public, "nonce": nonce})

    def _reveal(self, side: PumpSide, message: dict[str, object]) -> None:
        now = self._clock()
        side.reveal(octets(message, "key"), octets(message, "nonce"), now)
        self._until = now + VALID
        self.ready = side.name


def forget(pump: Pump, name: str) -> None:
    """A remote is not known any more; raises `InputError` if it was not."""
    keys = read_keys(pump.journal.path)
    if keys.pop(name, None) is None:
        known = ", ".join(sorted(keys)) or "none"
        raise InputError(f"remote: {name!r:.60} is not paired; paired: {known}")
    write_keys(pump.journal.path, keys)
    pump.notice(f"The remote {name} is not paired with this pump any more.")
