"""The pump's end of the socket: who is let in, how much at once; it never keeps the pump waiting.

`Server` is a companion: it looks at its socket whenever the pump is advanced. Strangers share one
small allowance of handshakes and learn nothing; a remote that is known has an allowance of
requests, and another of its own for stops.
"""

import json
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dosekernel.spec.reasons import Kind

from ...errors import InputError
from ..shell import STOPS, Pump
from .desk import Became, Desk, answer, parsed
from .keys import checked_name, read_keys, socket_path
from .noise import Channel, Handshake
from .wire import Wire, octets

PROLOGUE = b"dosekernel remote 1 "
CONNECTIONS_MAX = 8
AT_ONCE = 32  # readings of sockets in one look
STRANGERS = (10, 1.0)  # handshakes at once, and a second
ALLOWED = (20, 0.2)  # requests of a remote at once, and a second: each is in the journal for ever
STRANGER_PATIENCE = 5.0  # seconds for a handshake
IDLE_MAX = 300.0  # seconds without a message
STOP_NAMES = frozenset(kind.name for kind in STOPS if kind is not Kind.FAULT)
Seconds = Callable[[], float]


class Allowance:
    """So many at once, so many a second."""

    def __init__(self, burst: int, rate: float, clock: Seconds) -> None:
        self._burst, self._rate, self._clock = burst, rate, clock
        self._left = float(burst)
        self._at = clock()

    def take(self) -> bool:
        """True if there is one left, which is then used."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass
class Guest:
    """One connection; a stranger until its handshake is done."""

    wire: Wire
    heard: float
    name: str = ""
    channel: Channel | None = None


class Server:
    """Serves the remotes of a pump on a socket beside its journal, which only its owner reaches."""

    def __init__(self, pump: Pump, clock: Seconds = time.monotonic) -> None:
        """Opens the socket; raises `InputError` if that cannot be."""
        self.pump = pump
        self.desk = Desk(pump)
        self.path = socket_path(pump.journal.path)
        self._clock = clock
        self._strangers = Allowance(*STRANGERS, clock)
        self._requests: dict[str, Allowance] = {}
        self._stops: dict[str, Allowance] = {}
        self._guests: list[Guest] = []
        self._selector = selectors.DefaultSelector()
        self._listener = listening(self.path)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def follow(self, pump: Pump, at: int) -> None:
        """As a companion: look, and go on."""
        self.poll(0)

    def poll(self, seconds: float) -> None:
        """Wait at most so long for something to come, and deal with it."""
        for _ in range(AT_ONCE):
            ready = self._selector.select(seconds)
            if not ready:
                break
            for key, _ in ready:
                if isinstance(key.data, Guest):
                    self._hear(key.data)
                else:
                    self._let_in()
            seconds = 0
        self._send_away_the_silent()

    def close(self) -> None:
        """Send everybody away and close the socket; doing so again does nothing."""
        if self._listener.fileno() < 0:
            return
        for guest in list(self._guests):
            self._send_away(guest)
        self._selector.unregister(self._listener)
        self._selector.close()
        self._listener.close()
        self.path.unlink(missing_ok=True)

    def _let_in(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if len(self._guests) >= CONNECTIONS_MAX or not self._strangers.take():
            connection.close()
            return
        guest = Guest(Wire(connection), self._clock())
        self._guests.append(guest)
        self._selector.register(guest.wire, selectors.EVENT_READ, guest)

    def _hear(self, guest: Guest) -> None:
        """What a guest said; whoever says what nobody may say is sent away without a word."""
        try:
            for message in guest.wire.receive():
                guest.heard = self._clock()
                if guest.channel is None:
                    self._greet(guest, message)
                else:
                    self._serve(guest, guest.channel, message)
        except InputError:
            self._send_away(guest)
        if self.desk.failure is not None:
            raise self.desk.failure

    def _greet(self, guest: Guest, message: dict[str, Any]) -> None:
        """The handshake: only who knows the key of that name gets through."""
        name = checked_name(message.get("hello"))
        key = read_keys(self.pump.journal.path).get(name)
        if key is None:
            raise InputError(f"remote: {name} is not paired")
        handshake = Handshake(key, PROLOGUE + name.encode("ascii"), begins=False)
        handshake.receive(octets(message, "noise"))
        about = {"at": self.pump.now(), "last": self.desk.last_number(name)}
        guest.wire.send({"noise": handshake.send(json.dumps(about).encode())})
        guest.channel, guest.name = handshake.channel(), name

    def _serve(self, guest: Guest, channel: Channel, message: dict[str, Any]) -> None:
        """One sealed message, and its sealed answer."""
        opened = channel.open(octets(message, "sealed"))
        try:
            request = parsed(opened)
        except (ValueError, RecursionError) as error:
            raise InputError("remote: a message is not JSON") from error
        if self._allowed(guest.name, request):
            reply = self.desk.take(guest.name, request)
        else:
            told = "too many requests at once; nothing was done for this one; ask it again"
            reply = answer(Became.BUSY, request.get("number"), told)
        reply["at"] = self.pump.now()
        guest.wire.send({"sealed": channel.seal(json.dumps(reply).encode())})

    def _allowed(self, name: str, request: dict[str, Any]) -> bool:
        asked = request.get("ask")
        stop = isinstance(asked, str) and asked in STOP_NAMES
        kept = self._stops if stop else self._requests
        if name not in kept:
            kept[name] = Allowance(*ALLOWED, self._clock)
        return kept[name].take()

    def _send_away_the_silent(self) -> None:
        now = self._clock()
        for guest in list(self._guests):
            patience = STRANGER_PATIENCE if guest.channel is None else IDLE_MAX
            if now - guest.heard > patience:
                self._send_away(guest)

    def _send_away(self, guest: Guest) -> None:
        if guest in self._guests:
            self._guests.remove(guest)
            self._selector.unregister(guest.wire)
            guest.wire.close()


def listening(path: Path) -> socket.socket:
    """A socket that only its owner reaches; one left there is of a pump that ended."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Made in a folder of others it must not be open even for a moment: chmod before listen.
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(CONNECTIONS_MAX)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise InputError(f"{path}: no socket can be made: {error}") from error
    return listener
