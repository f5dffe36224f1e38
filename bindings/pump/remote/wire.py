"""Lines over a socket that never blocks: one JSON mapping a line, bytes in it as base64."""

import base64
import binascii
import json
import socket
from typing import Any

from ...errors import InputError

LINE_MAX = 8192
CHUNK = 4096


class WireError(InputError):
    """The other end speaks another language, or is gone."""


class Wire:
    """One connection, as lines."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.socket = connection
        self._waiting = b""

    def fileno(self) -> int:
        """For `select`."""
        return self.socket.fileno()

    def receive(self) -> list[dict[str, Any]]:
        """The whole lines that have come; raises `WireError` at the end, and for what is none."""
        try:
            chunk = self.socket.recv(CHUNK)
        except BlockingIOError:
            return []
        except OSError as error:
            raise WireError(f"the connection broke: {error}") from error
        if not chunk:
            raise WireError("the other end closed the connection")
        *lines, self._waiting = (self._waiting + chunk).split(b"\n")
        if any(len(line) > LINE_MAX for line in (*lines, self._waiting)):
            raise WireError(f"a line is longer than {LINE_MAX} bytes")
        return [mapping(line) for line in lines]

    def send(self, message: dict[str, object]) -> None:
        """One line; raises `WireError` if the other end does not take it at once."""
        data = json.dumps(message, default=encoded).encode() + b"\n"
        try:
            sent = self.socket.send(data)
        except OSError as error:
            raise WireError(f"the connection broke: {error}") from error
        if sent < len(data):
            raise WireError("the other end does not read what it is told")

    def close(self) -> None:
        """End the connection."""
        self.socket.close()


def encoded(value: object) -> str:
    """Bytes as JSON can hold them."""
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} is not to be sent")
    return base64.b64encode(value).decode("ascii")


def mapping(line: bytes) -> dict[str, Any]:
    """A line's mapping; raises `WireError`."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError("a line is not JSON") from error
    if not isinstance(found, dict):
        raise WireError("a line is not a mapping")
    return found


def octets(message: dict[str, Any], name: str) -> bytes:
    """The bytes under a name; raises `WireError`."""
    try:
        return base64.b64decode(message[name], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise WireError(f"{name}: missing or not base64") from error
