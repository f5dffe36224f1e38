"""Pairing: two devices agree on a key, and a person makes sure that nobody stands between them.

The device that wants to be a remote commits to its key before it sees the pump's, as in Vaudenay's
authentication by short strings and in the numeric comparison of Bluetooth Secure Connections. Both
then compute the same code of eight digits; the remote shows it, and the person types it *into the
pump*. Somebody in between has two different codes, cannot choose either, and has one try in 10^8.

What is left: the code is shown for a minute and taken once, so an attacker needs the person to
begin a pairing again and again; somebody who reads along learns nothing, since the code
is no key; a person who pairs a device that they were handed has paired it. Pairing is begun at
the pump only, and the pump then says in its history whom it is paired with.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ...errors import InputError

DIGITS = 8
VALID = 60_000  # ms
NONCE = 32
KEY = 32
PURPOSE = b"dosekernel remote 1"


class PairingError(InputError):
    """The two devices are not paired; nothing was kept."""


@dataclass(frozen=True)
class Agreed:
    """What both devices have computed: a key, a code to compare, and a proof that both have it."""

    key: bytes
    code: str
    proof: bytes


class Half:
    """One device's key pair and nonce, for one pairing."""

    def __init__(self) -> None:
        self._private = X25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()
        self.nonce = secrets.token_bytes(NONCE)

    def commitment(self) -> bytes:
        """Binds this device to its key and nonce before it shows them."""
        return committed(self.public, self.nonce)

    def agree(self, public: bytes, transcript: bytes) -> Agreed:
        """The key and the code; raises `PairingError` for a key that is none."""
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(public))
        except ValueError:
            raise PairingError("pairing: the other device's key is none") from None
        material = HKDF(SHA256(), 2 * KEY, transcript, PURPOSE).derive(shared)
        digest = hashlib.sha256(b"code" + transcript).digest()
        code = f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}}"
        return Agreed(material[:KEY], code, material[KEY:])


def committed(public: bytes, nonce: bytes) -> bytes:
    """The commitment to a key and a nonce."""
    return hashlib.sha256(b"commit" + public + nonce).digest()


def transcribed(name: str, *parts: bytes) -> bytes:
    """All that was said, in a form that means one thing only."""
    digest = hashlib.sha256(PURPOSE)
    for part in (name.encode("utf-8"), *parts):
        digest.update(len(part).to_bytes(8) + part)
    return digest.digest()


class PumpSide:
    """The pump's part: `answer` the commitment, `reveal` what it was to, then `enter` the code."""

    def __init__(self, name: str, commitment: bytes) -> None:
        self.name = name
        self._commitment = commitment
        self._half = Half()
        self._agreed: Agreed | None = None
        self._until = 0

    def answer(self) -> tuple[bytes, bytes]:
        """The pump's key and nonce."""
        return self._half.public, self._half.nonce

    def reveal(self, public: bytes, nonce: bytes, now: int) -> None:
        """The remote's key and nonce; the code counts for a minute from `now` on."""
        if self._agreed is not None or self._until:
            raise PairingError("pairing: a device may say once what it committed to")
        self._until = now + VALID
        if not hmac.compare_digest(committed(public, nonce), self._commitment):
            raise PairingError("pairing: the device did not keep to what it had committed to")
        transcript = transcribed(
            self.name, self._commitment, self._half.public, self._half.nonce, public, nonce
        )
        self._agreed = self._half.agree(public, transcript)

    def enter(self, code: str, now: int) -> Agreed:
        """The code that the remote shows, typed by a person: one try. Raises `PairingError`."""
        agreed, self._agreed = self._agreed, None
        if agreed is None:
            raise PairingError("pairing: no code can be entered now; begin again")
        if now >= self._until:
            raise PairingError(f"pairing: the code counts for {VALID // 1000} s; begin again")
        if not hmac.compare_digest(code.encode("utf-8"), agreed.code.encode("utf-8")):
            raise PairingError(
                "pairing: this is not the code. Somebody may stand between the pump and the "
                "device, or it was mistyped; nothing was paired; begin again"
            )
        return agreed


class RemoteSide:
    """The remote's part: `commitment`, then `agree` on what the pump answered."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._half = Half()

    def commitment(self) -> bytes:
        """To be sent first."""
        return self._half.commitment()

    def revealed(self) -> tuple[bytes, bytes]:
        """To be sent after the pump's answer."""
        return self._half.public, self._half.nonce

    def agree(self, public: bytes, nonce: bytes) -> Agreed:
        """The key, and the code to be shown."""
        own = self._half
        transcript = transcribed(self.name, own.commitment(), public, nonce, own.public, own.nonce)
        return own.agree(public, transcript)
