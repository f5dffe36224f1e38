"""A remote's end: it asks a pump, and never takes silence for an answer."""

import hmac
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import InputError
from .keys import RemoteKey
from .noise import Channel, Handshake
from .pairing import RemoteSide
from .server import PROLOGUE
from .wire import Wire, WireError, octets

PATIENCE = 10.0  # seconds for an answer
PAIRING_PATIENCE = 90.0  # seconds for a person to type the code
PAUSE = 0.01


class UnansweredError(InputError):
    """No answer came: whether the pump decided the request is not known. Ask what became of it."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(
            f"request {number}: no answer came ({why}); it may have been done or not: "
            "ask what became of it before you ask again"
        )
        self.number = number


@dataclass(frozen=True)
class Answer:
    """What the pump said; the words of `desk.Became` and `desk.Delivery`."""

    answer: str
    sentence: str
    told: dict[str, Any]

    @property
    def delivery(self) -> str:
        """How far an accepted bolus has come; empty for everything else."""
        return str(self.told.get("delivery", ""))

    @property
    def repeated(self) -> bool:
        """True if the pump had decided this before."""
        return bool(self.told.get("repeated"))


class Client:
    """A connection of one remote to its pump. Use with `with`."""

    def __init__(self, key: RemoteKey, clock: Callable[[], float] = time.monotonic) -> None:
        """Connects; raises `InputError` if no pump serves, or if it is not the one paired with."""
        self._clock = clock
        self._wire = connected(key.socket)
        handshake = Handshake(key.key, PROLOGUE + key.name.encode("ascii"), begins=True)
        try:
            self._wire.send({"hello": key.name, "noise": handshake.send()})
            about = json.loads(handshake.receive(octets(self._next(), "noise")))
        except InputError as error:
            self._wire.close()
            raise InputError(
                f"{key.socket}: the pump does not know {key.name}, or is another one: {error}"
            ) from error
        self._channel: Channel = handshake.channel()
        self.last = int(about["last"])  # the newest number that the pump knows
        self._at, self._heard = int(about["at"]), clock()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def now(self) -> int:
        """The pump's time, as far as can be told from here: never ahead of it."""
        return self._at + int((self._clock() - self._heard) * 1000)

    def ask(self, kind: str, **fields: int) -> Answer:
        """A new request, such as `ask("BOLUS", amount=1_500_000)`; raises `UnansweredError`."""
        self.last += 1
        request: dict[str, object] = {"ask": kind, "number": self.last, "issued_at": self.now()}
        return self.send(request | fields)

    def what_became(self, number: int) -> Answer:
        """What became of an earlier request."""
        return self.send({"number": number})

    def status(self) -> Answer:
        """What the pump's display shows."""
        return self.send({})

    def send(self, message: dict[str, object]) -> Answer:
        """A message as it is, and its answer; the same request again does nothing twice."""
        given = message.get("number")
        number = given if type(given) is int else 0
        if "ask" in message:
            self.last = max(self.last, number)
        try:
            self._wire.send({"sealed": self._channel.seal(json.dumps(message).encode())})
            found = json.loads(self._channel.open(octets(self._next(), "sealed")))
        except InputError as error:
            raise UnansweredError(number, str(error)) from error
        if "at" in found:
            self._at, self._heard = int(found["at"]), self._clock()
        return Answer(str(found["answer"]), str(found.get("sentence", "")), found)

    def _next(self) -> dict[str, Any]:
        return next_line(self._wire)


def next_line(wire: Wire, patience: float = PATIENCE) -> dict[str, Any]:
    """The next line; raises `WireError` if none comes."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        lines = wire.receive()
        if len(lines) > 1:
            raise WireError("the pump said more than it was asked")
        if lines:
            return lines[0]
        time.sleep(PAUSE)
    raise WireError(f"nothing came for {patience:.0f} s")


def connected(path: Path) -> Wire:
    """A connection to a socket; raises `InputError`."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
    except OSError as error:
        connection.close()
        raise InputError(f"{path}: no pump serves here ({error.strerror})") from error
    return Wire(connection)


def pair(path: Path, name: str, show: Callable[[str], None]) -> RemoteKey:
    """Pair with the pump at a socket; `show` the code to the person, who types it into the pump."""
    side = RemoteSide(name)
    wire = connected(path)
    try:
        wire.send({"pair": name, "commitment": side.commitment()})
        reply = next_line(wire)
        agreed = side.agree(octets(reply, "key"), octets(reply, "nonce"))
        public, nonce = side.revealed()
        wire.send({"key": public, "nonce": nonce})
        show(agreed.code)
        if not hmac.compare_digest(
            octets(next_line(wire, PAIRING_PATIENCE), "paired"), agreed.proof
        ):
            raise InputError(f"{path}: the pump did not pair; begin again")
    finally:
        wire.close()
    return RemoteKey(name, agreed.key, path)
