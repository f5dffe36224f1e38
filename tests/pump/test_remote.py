"""Attacks on a pump that serves: recorded, forged, malformed, hostile, and far too much."""

import contextlib
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from dosekernel.errors import InputError
from dosekernel.kernel.records import MINUTE
from dosekernel.pump.remote import client as clients
from dosekernel.pump.remote.desk import Desk
from dosekernel.pump.remote.keys import RemoteKey, keys_path, read_keys
from dosekernel.pump.remote.stand import forget
from dosekernel.pump.remote.wire import LINE_MAX, Wire, WireError
from dosekernel.spec.reasons import Mode

from .lives import UNIT
from .serving import KEY, NAME, Served, looking, remote


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


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=5,
)
FIELD = strategies.sampled_from(["ask", "number", "issued_at", "amount", "rate", "duration", "x"])


@given(message=strategies.dictionaries(FIELD, JSON | strategies.sampled_from(["BOLUS", "RESUME"])))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_remote_says_it_gets_an_answer(
    served: Served, message: dict[str, object]
) -> None:
    found = Desk(served.pump).take(NAME, message)
    assert found["answer"] in ("accepted", "refused", "wrong", "unknown", "status")
    assert served.server._allowed(NAME, message) in (True, False)
