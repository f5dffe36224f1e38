"""Attacks on the remote's channel and on pairing: nobody gets a key, nothing is forged."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dosekernel.errors import InputError
from dosekernel.pump.journal import What
from dosekernel.pump.remote import keys as key_files
from dosekernel.pump.remote.client import pair
from dosekernel.pump.remote.desk import Became, Delivery
from dosekernel.pump.remote.keys import RemoteKey, read_keys
from dosekernel.pump.remote.noise import NAME as NOISE
from dosekernel.pump.remote.noise import Channel, ChannelError, Handshake
from dosekernel.pump.remote.pairing import VALID, PairingError, PumpSide, RemoteSide, committed
from dosekernel.pump.remote.server import PROLOGUE, Server
from dosekernel.pump.remote.stand import PATIENCE, Stand
from dosekernel.pump.remote.wire import LINE_MAX
from dosekernel.pump.shell import Pump

from .serving import KEY, NAME, Served, remote

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


def test_the_page_says_what_the_code_does(root: Path) -> None:
    page = (root / "docs" / "pump" / "remote.md").read_text("utf-8")
    assert NOISE.decode("ascii") in page
    assert f"`{PROLOGUE.decode('ascii')}NAME`" in page
    assert f"at most {LINE_MAX} bytes" in page
    for became in Became:
        assert f"`{became.value}`" in page
    for delivery in Delivery:
        assert f"`{delivery.value}`" in page
