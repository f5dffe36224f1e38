"""Verbs about remotes: serve, pair, remote."""

import argparse
import os
import select
import sys
import time
from pathlib import Path

from dosekernel.spec.reasons import Kind

from ...command.codes import FINDING, GOOD, UNDECIDED
from ...command.stopping import terminable
from ...errors import InputError
from ..clocks import SimulatedClock
from ..remote.client import Answer, Client, UnansweredError, pair
from ..remote.desk import Became
from ..remote.keys import RemoteKey, checked_name, read_keys, socket_path
from ..remote.server import Server
from ..remote.stand import Stand, forget
from ..shell import Pump
from . import frame
from .frame import Session, Verb
from .narrator import Narrator

LOOK = 0.1  # seconds between two looks at the pump
KEY_VARIABLE = "DOSEKERNEL_REMOTE"

# What a remote may say, and the event that it asks for.
ASKS = {
    "bolus": Kind.BOLUS,
    "cancel": Kind.CANCEL_BOLUS,
    "temp": Kind.TEMP_BASAL,
    "cancel-temp": Kind.CANCEL_TEMP_BASAL,
    "suspend": Kind.SUSPEND,
    "disconnect": Kind.DISCONNECT,
}
WORDS = (*ASKS, "status", "became", "pair")


class Living:
    """Lets a pump live in real time between looks; a simulated one keeps pace with it."""

    def __init__(self, pump: Pump) -> None:
        self._pump = pump
        self._begun, self._at = time.monotonic(), pump.now()

    def go_on(self) -> None:
        """Do what has become due."""
        if isinstance(self._pump.clock, SimulatedClock):
            passed = int((time.monotonic() - self._begun) * 1000)
            self._pump.clock.sleep(max(0, self._at + passed - self._pump.now()))
        self._pump.advance()


# ---- serve ------------------------------------------------------------------------------------


def _serve(session: Session) -> int:
    server = Server(session.pump)
    living = Living(session.pump)
    session.note(f"serving {len(read_keys(session.pump.journal.path))} remotes at {server.path}")
    try:
        narrator = Narrator(session)
        with terminable():
            while True:
                server.poll(LOOK)
                living.go_on()
                narrator.tell()
    except KeyboardInterrupt:
        session.say("The pump ended; nothing more is delivered.", {"ended": True})
    finally:
        server.close()
    return GOOD


# ---- pair ---------------------------------------------------------------------------------------


def _pair_arguments(parser: argparse.ArgumentParser) -> None:
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--list", action="store_true", help="the remotes that are paired")
    choice.add_argument("--forget", metavar="NAME", help="a remote that is to be known no more")


def _pair(session: Session) -> int:
    pump, chosen = session.pump, session.chosen
    if chosen.list:
        names = sorted(read_keys(pump.journal.path))
        session.say("\n".join(names) or "no remote is paired", {"remotes": names})
        return GOOD
    if chosen.forget is not None:
        forget(pump, chosen.forget)
        session.say(f"{chosen.forget} is paired no more.", {"forgotten": chosen.forget})
        return GOOD
    stand = Stand(pump)
    try:
        session.note(f"waiting for a device at {socket_path(pump.journal.path)}")
        name = stand.enter(_typed(stand, Living(pump)))
    finally:
        stand.close()
    session.say(f"{name} is paired.", {"paired": name})
    return GOOD


def _typed(stand: Stand, living: Living) -> str:
    """The code that the person reads from the device, while the pump goes on."""
    prompted = False
    while True:
        stand.poll()
        living.go_on()
        if stand.ready and not prompted:
            prompted = True
            print(f"The code that {stand.ready} shows: ", end="", file=sys.stderr, flush=True)
        if not stand.ready:
            time.sleep(LOOK)
        elif select.select([sys.stdin], [], [], LOOK)[0]:
            return sys.stdin.readline()


# ---- remote -------------------------------------------------------------------------------------


def _remote_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("word", choices=WORDS, metavar="WORD", help=", ".join(WORDS))
    parser.add_argument(
        "values",
        nargs="*",
        metavar="VALUE",
        help="bolus: amount; temp: rate and time; became: number; pair: name",
    )
    parser.add_argument("--key", metavar="FILE", help=f"the remote's key; else {KEY_VARIABLE}")
    parser.add_argument("--socket", metavar="FILE", help="pair: where the pump waits")


def _remote(chosen: argparse.Namespace) -> int:
    """Not a pump's program: it reaches one over its socket."""
    path = _key_path(chosen)
    if chosen.word == "pair":
        return _paired(chosen, path)
    if chosen.socket is not None:
        raise InputError("--socket: only for pair; the key knows its pump")
    with Client(RemoteKey.read(path)) as client:
        try:
            found = _asked(client, chosen)
        except UnansweredError as error:
            frame.say(chosen.json, str(error), {"answer": "uncertain", "number": error.number})
            return UNDECIDED
    return _told(chosen, found)


def _key_path(chosen: argparse.Namespace) -> Path:
    named = chosen.key or os.environ.get(KEY_VARIABLE)
    if not named:
        raise InputError(f"remote: no key; name its file with --key, or in {KEY_VARIABLE}")
    return Path(named)


def _paired(chosen: argparse.Namespace, path: Path) -> int:
    (name,) = _values(chosen, 1)
    if path.exists():
        raise InputError(f"{path}: exists already; allowed: a name that is not taken")
    where = Path(chosen.socket) if chosen.socket else socket_path(chosen.path)

    def show(code: str) -> None:
        half = len(code) // 2
        print(f"Type this into the pump: {code[:half]} {code[half:]}", file=sys.stderr, flush=True)

    key = pair(where.absolute(), checked_name(name), show)
    key.write(path)
    frame.say(chosen.json, f"{name} is paired.", {"paired": name, "key": str(path)})
    return GOOD


def _asked(client: Client, chosen: argparse.Namespace) -> Answer:
    word = chosen.word
    if word == "status":
        _values(chosen, 0)
        return client.status()
    if word == "became":
        (number,) = _values(chosen, 1)
        return client.what_became(int(frame.decimal(number, "number")))
    if word == "bolus":
        (amount,) = _values(chosen, 1)
        return client.ask("BOLUS", amount=frame.quantity(amount, "amount"))
    if word == "temp":
        rate, duration = _values(chosen, 2)
        return client.ask(
            "TEMP_BASAL",
            rate=frame.quantity(rate, "rate"),
            duration=frame.duration(duration, "time"),
        )
    _values(chosen, 0)
    return client.ask(ASKS[word].name)


def _values(chosen: argparse.Namespace, count: int) -> list[str]:
    values: list[str] = chosen.values
    if len(values) != count:
        raise InputError(f"{chosen.word}: {len(values)} values; allowed: {count}")
    return values


def _told(chosen: argparse.Namespace, found: Answer) -> int:
    parts = [found.answer, found.sentence, found.delivery]
    if found.answer == "status":
        parts = [f"{name}: {value}" for name, value in sorted(found.told.items())]
    frame.say(chosen.json, "\n".join(part for part in parts if part), found.told)
    if found.answer == Became.UNCERTAIN or found.delivery.startswith("uncertain"):
        return UNDECIDED
    return GOOD if found.answer in (Became.ACCEPTED, "status") else FINDING


VERBS = {
    "serve": Verb(frame.nothing, _serve, about="Ends cleanly on Ctrl-C or a terminate signal."),
    "pair": Verb(_pair_arguments, _pair, about="The device shows a code; type it here."),
    "remote": Verb(_remote_arguments, alone=_remote, about="Reaches a pump that serves."),
}
