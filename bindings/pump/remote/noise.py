"""The channel: Noise_NNpsk0_25519_ChaChaPoly_SHA256 (noiseprotocol.org, revision 34).

Both ends know one key of 32 bytes. The handshake is two messages; whoever does not know the key can
neither begin nor answer one, and old recordings stay closed even if the key is lost later. Then
each direction has a key of its own and a counter: a message that was changed, repeated, left out
or moved does not open.
"""

import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ...errors import InputError

NAME = b"Noise_NNpsk0_25519_ChaChaPoly_SHA256"
KEY = 32
TAG = 16
LAST_COUNTER = 2**64 - 1


class ChannelError(InputError):
    """A message that the other end cannot have sent, or not now; the connection ends."""


def derived(chaining: bytes, material: bytes, count: int) -> list[bytes]:
    """Noise's HKDF: so many keys."""
    secret = hmac.digest(chaining, material, "sha256")
    found: list[bytes] = []
    for number in range(1, count + 1):
        last = found[-1] if found else b""
        found.append(hmac.digest(secret, last + bytes([number]), "sha256"))
    return found


class Cipher:
    """One direction: a key, and the number of the next message."""

    def __init__(self, key: bytes) -> None:
        self._aead = ChaCha20Poly1305(key)
        self._counter = 0

    def seal(self, text: bytes, beside: bytes = b"") -> bytes:
        """The next message."""
        return self._aead.encrypt(self._next(), text, beside)

    def open(self, sealed: bytes, beside: bytes = b"") -> bytes:
        """The next message, if this is it; raises `ChannelError`."""
        try:
            return self._aead.decrypt(self._next(), sealed, beside)
        except InvalidTag:
            raise ChannelError("a message did not open: forged, changed or out of order") from None

    def _next(self) -> bytes:
        if self._counter >= LAST_COUNTER:
            raise ChannelError("this channel has carried too many messages")
        nonce = struct.pack("<IQ", 0, self._counter)
        self._counter += 1
        return nonce


class Channel:
    """Both directions, after the handshake."""

    def __init__(self, sending: Cipher, receiving: Cipher) -> None:
        self._sending = sending
        self._receiving = receiving

    def seal(self, text: bytes) -> bytes:
        """The next message to the other end."""
        return self._sending.seal(text)

    def open(self, sealed: bytes) -> bytes:
        """The next message from the other end; raises `ChannelError`, and then it is over."""
        return self._receiving.open(sealed)


class Handshake:
    """One end of a handshake: `send` and `receive` in turn, once each; then `channel`."""

    def __init__(
        self, key: bytes, prologue: bytes, begins: bool, ephemeral: bytes | None = None
    ) -> None:
        """`ephemeral` is for published test vectors; everywhere else it is random."""
        self._begins = begins
        own = X25519PrivateKey.generate()
        self._own = own if ephemeral is None else X25519PrivateKey.from_private_bytes(ephemeral)
        self._other: X25519PublicKey | None = None
        self._cipher: Cipher | None = None
        self.hash = hashlib.sha256(NAME).digest() if len(NAME) > KEY else NAME.ljust(KEY, b"\0")
        self._chaining = self.hash
        self._mix_hash(prologue)
        self._mix_key_and_hash(key)

    def send(self, text: bytes = b"") -> bytes:
        """This end's message."""
        public = self._own.public_key().public_bytes_raw()
        self._take_public(public)
        if not self._begins:
            self._agree()
        sealed = self._sealing().seal(text, self.hash)
        self._mix_hash(sealed)
        return public + sealed

    def receive(self, message: bytes) -> bytes:
        """The other end's message; raises `ChannelError`."""
        if len(message) < KEY + TAG:
            raise ChannelError("a handshake was cut short")
        public, sealed = message[:KEY], message[KEY:]
        self._other = X25519PublicKey.from_public_bytes(public)
        self._take_public(public)
        if self._begins:
            self._agree()
        text = self._sealing().open(sealed, self.hash)
        self._mix_hash(sealed)
        return text

    def channel(self) -> Channel:
        """What both messages led to."""
        first, second = map(Cipher, derived(self._chaining, b"", 2))
        return Channel(first, second) if self._begins else Channel(second, first)

    def _take_public(self, public: bytes) -> None:
        self._mix_hash(public)
        self._mix_key(public)  # since there is a pre-shared key

    def _agree(self) -> None:
        if self._other is None:
            raise ChannelError("a handshake out of order")
        try:
            self._mix_key(self._own.exchange(self._other))
        except ValueError:
            raise ChannelError("a handshake with a key that is none") from None

    def _sealing(self) -> Cipher:
        if self._cipher is None:
            raise ChannelError("a handshake out of order")
        return self._cipher

    def _mix_hash(self, data: bytes) -> None:
        self.hash = hashlib.sha256(self.hash + data).digest()

    def _mix_key(self, material: bytes) -> None:
        self._chaining, key = derived(self._chaining, material, 2)
        self._cipher = Cipher(key)

    def _mix_key_and_hash(self, material: bytes) -> None:
        self._chaining, mixed, key = derived(self._chaining, material, 3)
        self._mix_hash(mixed)
        self._cipher = Cipher(key)
