"""The remote: every attack on pairing, on the channel, on the order and number of requests."""

import contextlib
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dosekernel import Limits
from dosekernel.errors import InputError
from dosekernel.kernel.records import MINUTE
from dosekernel.pump.errors import JournalError
from dosekernel.pump.journal import What
from dosekernel.pump.motor import Fault
from dosekernel.pump.remote import client as clients
from dosekernel.pump.remote import keys as key_files
from dosekernel.pump.remote.client import Client, UnansweredError, pair
from dosekernel.pump.remote.desk import ASKABLE, RECENT, Desk
from dosekernel.pump.remote.keys import RemoteKey, keys_path, read_keys, socket_path, write_keys
from dosekernel.pump.remote.noise import Channel, ChannelError, Handshake
from dosekernel.pump.remote.pairing import VALID, PairingError, PumpSide, RemoteSide, committed
from dosekernel.pump.remote.server import Server
from dosekernel.pump.remote.stand import PATIENCE, Stand, forget
from dosekernel.pump.remote.wire import LINE_MAX, Wire, WireError
from dosekernel.pump.shell import Pump
from dosekernel.spec.reasons import Kind, Mode

from .lives import UNIT, Life, set_up, whole

NAME = "phone"
KEY = bytes(range(32))

# ---- the channel: Noise_NNpsk0_25519_ChaChaPoly_SHA256

# The published vector of that name in cacophony's collection of Noise test vectors.
VECTOR_KEY = bytes.fromhex("54686973206973206d7920417573747269616e20706572737065637469766521")
VECTOR_BEGINS = bytes.fromhex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a")
VECTOR_ANSWERS = bytes.fromhex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b")
VECTOR_HASH = "f4d03dc34495c95729ea6de9e1b59004b59733102488b3e24bc441e0be208eaf"
VECTOR_MESSAGES = (
    (
        b"Ludwig von Mises",
        "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
        "79b962b8aff8485742ac32f905ba45369e2465fb59e138a93d67a0d1266b6a54",
    ),
    (
        b"Murray Rothbard",
        "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
        "d6062704d5a9c422a8e834423f8c1feada7e8d0d910a1a2cd030fb584221e3",
    ),
    (b"F. A. Hayek", "e632c3763d7669067383433197a3baddf146e9e70ad4b4e9e59e0f"),
    (b"Carl Menger", "64c6bee32ea91c8474bb4c21d7a700109ad45af77b29764ba5eb1e"),
    (
        b"Jean-Baptiste Say",
        "e2fa0bed0603b62d3ccac2ecabbf3fe33f3e86514909b323361626266cb2471cc8",
    ),
)


def test_the_handshake_is_the_published_one() -> None:
    begins = Handshake(VECTOR_KEY, b"John Galt", begins=True, ephemeral=VECTOR_BEGINS)
    answers = Handshake(VECTOR_KEY, b"John Galt", begins=False, ephemeral=VECTOR_ANSWERS)
    (first, sealed_first), (second, sealed_second), *later = VECTOR_MESSAGES
    assert begins.send(first).hex() == sealed_first
    assert answers.receive(bytes.fromhex(sealed_first)) == first
    assert answers.send(second).hex() == sealed_second
    assert begins.receive(bytes.fromhex(sealed_second)) == second
    assert begins.hash.hex() == answers.hash.hex() == VECTOR_HASH
    ends = [begins.channel(), answers.channel()]
    for turn, (text, sealed) in enumerate(later):
        assert ends[turn % 2].seal(text).hex() == sealed
        assert ends[1 - turn % 2].open(bytes.fromhex(sealed)) == text


def channels() -> tuple[Channel, Channel]:
    begins, answers = Handshake(KEY, b"", begins=True), Handshake(KEY, b"", begins=False)
    answers.receive(begins.send())
    begins.receive(answers.send())
    return begins.channel(), answers.channel()


def test_every_flipped_bit_of_a_message_is_found() -> None:
    text = b'{"ask": "BOLUS"}'
    for bit in range((len(text) + 16) * 8):
        here, there = channels()
        sealed = bytearray(here.seal(text))
        sealed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ChannelError):
            there.open(bytes(sealed))


def test_a_message_repeated_left_out_moved_cut_or_sent_back_does_not_open() -> None:
    here, there = channels()
    first, second, third = (here.seal(text) for text in (b"1", b"2", b"3"))
    assert there.open(first) == b"1"
    for wrong in (first, third, second[:-1], b"", second + b"x"):
        here, there = channels()
        assert there.open(here.seal(b"1")) == b"1"
        with pytest.raises(ChannelError):
            there.open(wrong)
    here, there = channels()
    with pytest.raises(ChannelError):
        here.open(here.seal(b"mine"))


@pytest.mark.parametrize("part", range(48))
def test_a_handshake_that_was_changed_fails(part: int) -> None:
    begins, answers = Handshake(KEY, b"", begins=True), Handshake(KEY, b"", begins=False)
    message = bytearray(begins.send())
    message[part] ^= 1 if part != 31 else 2  # X25519 ignores the highest bit of a key
    with pytest.raises(ChannelError):
        answers.receive(bytes(message))


def test_another_key_or_prologue_or_no_point_fails() -> None:
    for key, prologue in ((bytes(32), b"a"), (KEY, b"b")):
        with pytest.raises(ChannelError):
            Handshake(key, prologue, begins=False).receive(Handshake(KEY, b"a", begins=True).send())
    with pytest.raises(ChannelError, match="cut short"):
        Handshake(KEY, b"", begins=False).receive(b"x" * 47)


# ---- pairing


def introduced(name: str = NAME) -> tuple[PumpSide, RemoteSide, str]:
    """A pairing up to the code that the remote shows."""
    remote = RemoteSide(name)
    pump = PumpSide(name, remote.commitment())
    code = remote.agree(*pump.answer()).code
    pump.reveal(*remote.revealed(), now=0)
    return pump, remote, code


def test_the_code_pairs() -> None:
    pump, remote, code = introduced()
    assert len(code) == 8
    there = remote.agree(*pump.answer())
    here = pump.enter(code, VALID - 1)
    assert here == there
    assert here.key not in (here.proof, bytes(32))


def test_a_wrong_code_is_not_tried_twice() -> None:
    pump, _, code = introduced()
    wrong = f"{(int(code) + 1) % 10**8:08}"
    with pytest.raises(PairingError, match="this is not the code"):
        pump.enter(wrong, 1)
    with pytest.raises(PairingError, match="no code can be entered now"):
        pump.enter(code, 1)


def test_a_code_counts_once_and_for_a_minute() -> None:
    pump, _, code = introduced()
    with pytest.raises(PairingError, match="60 s"):
        pump.enter(code, VALID)
    pump, _, code = introduced()
    pump.enter(code, 1)
    with pytest.raises(PairingError, match="no code can be entered now"):
        pump.enter(code, 1)
    pump, _, code = introduced()
    other, _, _ = introduced()
    with pytest.raises(PairingError, match="this is not the code"):
        other.enter(code, 1)


def test_somebody_in_between_has_another_code() -> None:
    for _ in range(20):
        remote, between_pump = RemoteSide(NAME), PumpSide(NAME, b"")
        between_remote = RemoteSide(NAME)
        pump = PumpSide(NAME, between_remote.commitment())
        pump.reveal(*between_remote.revealed(), now=0)
        shown = remote.agree(*between_pump.answer()).code
        with pytest.raises(PairingError):
            pump.enter(shown, 1)


def test_who_does_not_keep_to_the_commitment_is_refused() -> None:
    remote, other = RemoteSide(NAME), RemoteSide(NAME)
    for public, nonce in (other.revealed(), (remote.revealed()[0], bytes(32))):
        pump = PumpSide(NAME, remote.commitment())
        with pytest.raises(PairingError, match="did not keep to"):
            pump.reveal(public, nonce, now=0)
        with pytest.raises(PairingError):
            pump.reveal(*remote.revealed(), now=0)
    nothing = bytes(32)
    pump = PumpSide(NAME, committed(nothing, nothing))
    with pytest.raises(PairingError, match="key is none"):
        pump.reveal(nothing, nothing, now=0)


# ---- a pump that serves


class Served:
    """A pump with a server, its socket, and a remote that is paired."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.life = Life(folder / "journal", limits)
        self.pump = self.life.begin()
        set_up(self.life, self.pump)
        self.pump.run(2 * MINUTE)
        self.pump.settle()
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


@pytest.fixture
def served(tmp_path: Path, limits: Limits) -> Iterator[Served]:
    found = Served(tmp_path, limits)
    yield found
    found.server.close()
    found.pump.journal.close()


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


def test_a_bolus_from_afar_is_given_and_told(served: Served) -> None:
    with remote(served) as client:
        found = client.ask("BOLUS", amount=UNIT)
        assert (found.answer, found.repeated) == ("accepted", False)
        assert found.delivery == "under way, not yet confirmed"
        number = client.last
    served.pump.run(2 * MINUTE)
    with remote(served) as client:
        assert client.last == number
        assert client.what_became(number).delivery == "given"
        assert client.status().told["mode"] == Mode.DELIVERING.name


def test_what_a_remote_may_not_is_the_kernels_word(served: Served) -> None:
    limits = served.life.limits
    with remote(served) as client:
        over = client.ask("BOLUS", amount=limits.remote_bolus_max + limits.pulse)
        assert (over.answer, over.told["reason"]) == ("refused", "BOLUS_CAP")
        assert over.told["allowable"] == limits.remote_bolus_max
        assert "at most 5 would be accepted now" in over.sentence
        raised = client.ask("TEMP_BASAL", rate=2 * UNIT, duration=30 * MINUTE)
        assert (raised.answer, raised.told["reason"]) == ("refused", "RATE_CAP")
        lowered = client.ask("TEMP_BASAL", rate=UNIT // 2, duration=30 * MINUTE)
        assert lowered.answer == "accepted"
        for kind in ("SET_BASAL", "RESUME", "EXTENDED_BOLUS", "ACKNOWLEDGE", "CONNECT"):
            assert client.ask(kind, amount=UNIT).told["reason"] == "SOURCE"
        assert client.ask("SUSPEND").answer == "accepted"
    assert served.pump.state.suspended == 1


@pytest.mark.parametrize("kind", ["TICK", "CONFIRM", "UNCERTAIN", "FAULT", "GLUCOSE", "", "bolus"])
def test_reports_are_not_a_remotes_to_make(served: Served, kind: str) -> None:
    asked = served.events()
    with remote(served) as client:
        assert client.ask(kind, amount=UNIT).answer == "wrong"
    assert served.events() == asked
    assert kind not in ASKABLE


# ---- H50, H57: replayed, repeated, out of order, late


def test_the_same_number_again_does_nothing_twice(served: Served) -> None:
    with remote(served) as client:
        message = {"ask": "BOLUS", "number": 7, "issued_at": client.now(), "amount": UNIT}
        first = client.send(message)
        asked = served.events()
        again = client.send(message)
        assert (first.answer, again.answer, again.repeated) == ("accepted", "accepted", True)
        other = client.send(message | {"amount": 2 * UNIT})
        assert other.answer == "wrong"
        assert "stands for another request" in other.sentence
        older = client.send(message | {"number": 6})
        assert (older.answer, "older than" in older.sentence) == ("wrong", True)
    assert served.events() == asked
    for killed in (False, True):
        served.restart(killed=killed)
        asked = served.events()
        with remote(served) as client:
            assert client.last == 7
            again = client.send(message)
            assert (again.answer, again.repeated) == ("accepted", True)
        assert served.events() == asked


def test_a_refusal_is_repeated_as_well(served: Served) -> None:
    served.pump.ask(Kind.SUSPEND)
    with remote(served) as client:
        message = {"ask": "BOLUS", "number": 3, "issued_at": client.now(), "amount": UNIT}
        assert client.send(message).told["reason"] == "SUSPENDED"
        served.pump.ask(Kind.RESUME)
        again = client.send(message)
        assert (again.told["reason"], again.repeated) == ("SUSPENDED", True)
        assert client.ask("BOLUS", amount=UNIT).answer == "accepted"


def test_only_so_many_are_remembered_and_none_is_done_again(served: Served) -> None:
    with remote(served) as client:
        for _ in range(RECENT + 2):
            served.seconds += 10
            client.ask("CANCEL_TEMP_BASAL")
        asked = served.events()
        first = {"ask": "CANCEL_TEMP_BASAL", "number": 1, "issued_at": client.now()}
        assert client.send(first).answer == "wrong"
        assert client.what_became(1).answer == "unknown"
        assert client.what_became(RECENT).answer == "refused"
    assert served.events() == asked


def test_a_request_that_is_late_or_early_is_refused(served: Served) -> None:
    limits = served.life.limits
    with remote(served) as client:
        now = client.now()
        late = {"ask": "BOLUS", "number": 1, "issued_at": now - limits.request_age_max - 1}
        assert client.send(late | {"amount": UNIT}).told["reason"] == "EXPIRED"
        early = {"ask": "BOLUS", "number": 2, "issued_at": now + 1, "amount": UNIT}
        assert client.send(early).told["reason"] == "FUTURE"
        stop = {"ask": "SUSPEND", "number": 3, "issued_at": 0}
        assert client.send(stop).answer == "accepted"


class Tap:
    """Somebody on the socket: everything that a client sent is kept, to be sent again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[dict[str, object]] = []
        send = Wire.send

        def kept(wire: Wire, message: dict[str, object]) -> None:
            if "hello" in message or "sealed" in message:
                self.sent.append(message)
            send(wire, message)

        monkeypatch.setattr(Wire, "send", kept)


def test_a_recorded_connection_is_of_no_use(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        tap = Tap(patch)
        with remote(served) as client:
            assert client.ask("BOLUS", amount=UNIT).answer == "accepted"
    recorded = [message for message in tap.sent if "hello" in message or "sealed" in message]
    served.pump.run(2 * MINUTE)
    asked = served.events()
    with looking(served):
        wire = clients.connected(served.key.socket)
        hello, *sealed = recorded
        wire.send(hello)
        clients.next_line(wire)
        wire.send(sealed[0])
        with pytest.raises(WireError, match="closed|broke"):
            clients.next_line(wire, 5)
    assert served.events() == asked


# ---- H51, H52: forged, unpaired, malformed


def test_who_is_not_paired_or_has_another_key_is_sent_away(served: Served) -> None:
    asked = served.events()
    for key in (
        RemoteKey("stranger", KEY, served.key.socket),
        RemoteKey(NAME, bytes(32), served.key.socket),
    ):
        with pytest.raises(InputError, match="does not know"), remote(served, key):
            pass
    forget(served.pump, NAME)
    with pytest.raises(InputError, match="does not know"), remote(served):
        pass
    with pytest.raises(InputError, match="is not paired; paired: none"):
        forget(served.pump, NAME)
    assert served.events() == asked


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"hello\n",
        b"[]\n",
        b"{}\n",
        b'{"hello": 1}\n',
        b'{"hello": "../../etc/passwd", "noise": ""}\n',
        b'{"hello": "phone"}\n',
        b'{"hello": "phone", "noise": 5}\n',
        b'{"hello": "phone", "noise": "!!"}\n',
        b'{"hello": "phone", "noise": "AAAA"}\n',
        b'{"sealed": "AAAA"}\n',
        b"[" * 5000 + b"\n",
        b"x" * (2 * LINE_MAX),
        b"\xff\xfe\n",
    ],
)
def test_nonsense_is_sent_away_without_a_word(served: Served, line: bytes) -> None:
    asked = served.events()
    stranger = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stranger.connect(str(served.key.socket))
    stranger.settimeout(5)
    with looking(served), stranger:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stranger.sendall(line)
        with contextlib.suppress(ConnectionResetError):
            assert stranger.recv(100) == b""
    assert served.events() == asked


MESSAGES: tuple[dict[str, Any], ...] = (
    {"ask": "BOLUS"},
    {"ask": "BOLUS", "number": 1},
    {"ask": "BOLUS", "number": 0, "issued_at": 1},
    {"ask": "BOLUS", "number": True, "issued_at": 1},
    {"ask": "BOLUS", "number": 2**60, "issued_at": 1},
    {"ask": "BOLUS", "number": 1, "issued_at": 1.5},
    {"ask": "BOLUS", "number": 1, "issued_at": 1, "amount": -1},
    {"ask": "BOLUS", "number": 1, "issued_at": 1, "amount": "1"},
    {"ask": "BOLUS", "number": 1, "issued_at": 1, "amount": 10**30},
    {"ask": "BOLUS", "number": 1, "issued_at": 1, "id": 5},
    {"ask": "BOLUS", "number": 1, "issued_at": 1, "source": 1},
    {"ask": "BOLUS", "number": 1, "issued_at": 1, "at": 1},
    {"ask": ["BOLUS"], "number": 1, "issued_at": 1},
    {"ask": None, "number": 1, "issued_at": 1},
)


def test_a_malformed_request_never_reaches_the_kernel(served: Served) -> None:
    asked = served.events()
    with remote(served) as client:
        for message in MESSAGES:
            found = client.send(message)
            assert found.answer == "wrong", message
            assert found.sentence
            assert client.what_became(1).answer == "unknown"
            served.seconds += 10
    assert served.events() == asked


def test_only_the_owner_reaches_the_socket_and_the_keys(served: Served, tmp_path: Path) -> None:
    for path in (served.key.socket, keys_path(served.life.path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = tmp_path / "key"
    served.key.write(key)
    assert RemoteKey.read(key) == served.key
    key.chmod(0o644)
    with pytest.raises(InputError, match="others may read this key"):
        RemoteKey.read(key)
    key.chmod(0o600)
    for content in ("", "[]", "{}", '{"name": "phone", "key": "00", "socket": "x"}'):
        key.write_text(content)
        with pytest.raises(InputError, match=str(key)):
            RemoteKey.read(key)
    keys_path(served.life.path).write_text('{"Phone": "00"}')
    with pytest.raises(InputError, match="is damaged"):
        read_keys(served.life.path)


def test_the_journal_holds_no_key(served: Served) -> None:
    with remote(served) as client:
        client.ask("BOLUS", amount=UNIT)
    served.pump.close()
    content = served.life.path.read_bytes()
    assert KEY not in content
    assert KEY.hex().encode() not in content


def test_a_hostile_remote_cannot_pass_the_limits(served: Served) -> None:
    """H51: somebody who has the key asks for as much as can be, for hours."""
    limits, pump = served.life.limits, served.pump
    before = served.life.motor.moved.copy()
    desk = Desk(pump)
    for number in range(1, 200):
        message = {"number": number, "issued_at": pump.now(), "amount": limits.remote_bolus_max}
        desk.take(NAME, {"ask": "BOLUS", **message})
        pump.run(2 * MINUTE)
        assert pump.last is not None
        assert pump.last.window_total <= limits.window_max
        assert pump.last.on_board <= limits.on_board_max + limits.basal_max
    assert sum(served.life.motor.moved.values()) > sum(before.values())
    desk.take(NAME, {"ask": "SUSPEND", "number": 999, "issued_at": 0})
    pump.run(31 * MINUTE)
    assert pump.last is not None
    assert pump.last.mode is Mode.SUSPENDED
    assert pump.last.alarms  # a suspension is seen, and reminded of


# ---- floods


def test_a_flood_is_answered_busy_and_stops_still_count(served: Served) -> None:
    with remote(served) as client:
        answers = [client.ask("BOLUS", amount=UNIT + n).answer for n in range(60)]
        assert answers.count("busy") == 40
        asked = served.events()
        assert client.status().answer == "busy"
        assert client.ask("SUSPEND").answer == "accepted"
        assert served.events() == asked + 1
        served.seconds += 5
        assert client.status().answer == "status"


def test_a_flood_of_strangers_does_not_keep_the_pump(served: Served) -> None:
    strangers = []
    for _ in range(40):
        stranger = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        stranger.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            stranger.connect(str(served.key.socket))
        strangers.append(stranger)
        served.server.poll(0)
    served.pump.companions.append(served.server)
    seq = served.pump.journal.seq
    served.pump.run(10 * MINUTE)
    assert served.pump.journal.seq > seq + 10
    served.seconds += 20
    served.server.poll(0)
    with remote(served) as client:
        assert client.status().answer == "status"
    for stranger in strangers:
        stranger.close()


def test_a_guest_that_does_not_read_is_sent_away(served: Served) -> None:
    with looking(served):
        wire = clients.connected(served.key.socket)
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        with pytest.raises(WireError):
            for _ in range(100_000):
                wire.send({"hello": "x" * 4000})
    wire.close()


# ---- uncertain is an answer


def test_a_pump_that_stops_while_it_is_asked_says_uncertain(served: Served) -> None:
    with remote(served) as client:
        served.pump.journal.halt("the disk is full")
        found = client.ask("BOLUS", amount=UNIT)
        assert found.answer == "uncertain"
        assert "ask what became of it" in found.sentence
        number = client.last
    served.restart(killed=True)
    with remote(served) as client:
        assert client.what_became(number).answer == "unknown"


def cut_at(served: Served, entry: What, monkeypatch: pytest.MonkeyPatch) -> int:
    """The pump dies as it writes such an entry for a remote's bolus; returns the number."""
    write = Pump.write

    def dies(pump: Pump, what: What, body: bytes, code: int = 0) -> int:
        if what is entry:
            pump.journal.halt("killed")
        return write(pump, what, body, code)

    with remote(served) as client, monkeypatch.context() as patch:
        patch.setattr(Pump, "write", dies)
        assert client.ask("BOLUS", amount=UNIT).answer == "uncertain"
        number = client.last
    served.restart(killed=True)
    return number


@pytest.mark.parametrize("entry", [What.EVENT, What.OUTCOME])
def test_a_request_that_was_cut_is_lost_and_never_done(
    served: Served, entry: What, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = cut_at(served, entry, monkeypatch)
    with remote(served) as client:
        assert client.what_became(number).answer == "lost"
        message = {"ask": "BOLUS", "number": number + 1, "issued_at": client.now()}
        assert client.send(message | {"amount": UNIT}).answer == "accepted"
        assert client.what_became(number).answer == "lost"
    assert served.pump.state.bolus_owed == UNIT
    served.pump.close()
    whole(served.life.path)


def test_no_answer_is_never_taken_for_one(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "PATIENCE", 0.2)
    monkeypatch.setattr(clients.next_line, "__defaults__", (0.2,))
    with looking(served):
        client = Client(served.key, lambda: 0.0)
    with pytest.raises(UnansweredError, match="ask what became of it") as raised:
        client.ask("BOLUS", amount=UNIT)
    assert raised.value.number == 1
    client.close()


@pytest.mark.parametrize(
    ("fault", "delivery"),
    [
        (Fault.SILENT, "uncertain: it counts as given, nobody knows whether it was"),
        (Fault.STALL, "cut short"),
    ],
)
def test_delivery_that_went_wrong_is_told(served: Served, fault: Fault, delivery: str) -> None:
    with remote(served) as client:
        served.life.motor.next_fault = fault
        assert client.ask("BOLUS", amount=UNIT).answer == "accepted"
    served.pump.run(10 * MINUTE)
    with remote(served) as client:
        assert client.what_became(1).delivery == delivery
    served.pump.ask(Kind.ACKNOWLEDGE)
    served.pump.ask(Kind.RESUME)
    served.pump.ask(Kind.BOLUS, amount=UNIT)
    served.pump.run(2 * MINUTE)
    with remote(served) as client:
        assert client.what_became(1).delivery == delivery


# ---- pairing over the socket


@contextlib.contextmanager
def standing(pump: Pump, milliseconds: list[int]) -> Iterator[Stand]:
    stand = Stand(pump, lambda: milliseconds[0])
    try:
        yield stand
    finally:
        stand.close()


def paired(served: Served, name: str, entered: list[str], milliseconds: list[int]) -> list[object]:
    """Pair over the socket, typing the shown code with `entered` done to it; what each end got."""
    results: list[object] = []
    shown: list[str] = []

    def device() -> None:
        try:
            results.append(pair(served.key.socket, name, shown.append))
        except InputError as error:
            results.append(error)

    thread = threading.Thread(target=device)
    with standing(served.pump, milliseconds) as stand:
        thread.start()
        try:
            while not (shown and stand.ready):
                stand.poll()
            milliseconds[0] += int(entered[0])
            results.append(stand.enter(entered[1] or f" {shown[0][:4]} {shown[0][4:]}\n"))
        except InputError as error:
            results.append(error)
    thread.join()
    return results


def test_a_device_is_paired_over_the_socket(served: Served) -> None:
    served.server.close()
    found = paired(served, "watch", ["0", ""], [0])
    assert "watch" in found
    key = next(each for each in found if isinstance(each, RemoteKey))
    assert read_keys(served.life.path) == {NAME: KEY, "watch": key.key}
    notices = [entry.body for entry in served.pump.journal.entries(kinds=[What.NOTICE])]
    assert any(b"The remote watch was paired" in notice for notice in notices)
    served.server = Server(served.pump, lambda: served.seconds)
    with remote(served, key) as client:
        assert client.ask("SUSPEND").answer == "accepted"


@pytest.mark.parametrize(
    ("late", "typed", "why"),
    [("0", "00000000x", "this is not the code"), (str(VALID), "", "60 s")],
)
def test_a_device_whose_code_is_wrong_or_late_is_not_paired(
    served: Served, late: str, typed: str, why: str
) -> None:
    served.server.close()
    found = paired(served, "watch", [late, typed], [0])
    assert all(isinstance(each, InputError) for each in found)
    assert any(why in str(each) for each in found)
    assert read_keys(served.life.path) == {NAME: KEY}
    served.server = Server(served.pump, lambda: served.seconds)


def test_nobody_comes(served: Served) -> None:
    served.server.close()
    milliseconds = [0]
    with standing(served.pump, milliseconds) as stand:
        stand.poll()
        with pytest.raises(PairingError, match="no device shows a code"):
            stand.enter("12345678")
        milliseconds[0] = PATIENCE + 1
        with pytest.raises(PairingError, match="too long"):
            stand.poll()
    served.server = Server(served.pump, lambda: served.seconds)


def test_a_name_is_a_name() -> None:
    for name in ("", "Phone", "a/b", "a" * 33, "-a", None, 5):
        with pytest.raises(InputError, match="allowed: 1 to 32"):
            key_files.checked_name(name)
    assert key_files.checked_name("my-phone-2") == "my-phone-2"
