"""A pump that serves, a remote that it knows, and the thread between them, for tests."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from dosekernel import Limits
from dosekernel.pump.errors import JournalError
from dosekernel.pump.journal import What
from dosekernel.pump.remote.client import Client
from dosekernel.pump.remote.keys import RemoteKey, socket_path, write_keys
from dosekernel.pump.remote.server import Server

from .lives import at_work

NAME = "phone"
KEY = bytes(range(32))


class Served:
    """A pump with a server, its socket, and a remote that is paired."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.life, self.pump = at_work(folder / "journal", limits)
        self.key = RemoteKey(NAME, KEY, socket_path(self.life.path))
        write_keys(self.life.path, {NAME: KEY})
        self.seconds = 0.0
        self.server = Server(self.pump, lambda: self.seconds)

    def restart(self, *, killed: bool = False) -> None:
        """The pump in another program."""
        self.server.close()
        if killed:
            self.pump.journal.close()
        else:
            self.pump.close()
        self.pump = self.life.resume().pump
        self.server = Server(self.pump, lambda: self.seconds)

    def events(self) -> int:
        """How often the kernel was asked."""
        return sum(1 for _ in self.pump.journal.entries(kinds=[What.EVENT]))


@contextlib.contextmanager
def looking(served: Served) -> Iterator[None]:
    """The server looks at its socket while the test is a client, on the other side of it."""
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            with contextlib.suppress(JournalError):
                served.server.poll(0.005)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def remote(served: Served, key: RemoteKey | None = None) -> Iterator[Client]:
    """A client of the pump; its clock stands still as the pump's does."""
    with looking(served), Client(key or served.key, lambda: 0.0) as client:
        yield client
