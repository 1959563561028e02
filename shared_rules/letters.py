"""Letters: what travels on a USB stick between a kiosk and its server where there is no network.

The content is what HTTP would carry: pushes one way, acknowledgements and the feed the other. A stick gets lost, so
that a letter is encrypted to the one who may open it (ECIES: ephemeral ECDH on P-256, HKDF-SHA256 of RFC 5869,
AES-256-GCM). That proves no sender: the heads inside are signed by the kiosk, the reply by the server.

letter: magic 4 | kiosk u16 | ephemeral public point 65 | ciphertext of gzip(canonical JSON) with its tag.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared_rules.errors import EvidenceError, WireError
from shared_rules.facts import Count, Value
from shared_rules.protocol import MAX_PROOFS, FeedAnswer, PushRequest, Signed, TreeAnswer
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MAX_CONTENT",
    "REPLY_CONTEXT",
    "Asked",
    "JournalEnd",
    "Letter",
    "Post",
    "Proven",
    "Reply",
    "SignedReply",
    "addressee",
    "open_letter",
    "seal",
]

REPLY_CONTEXT: Final = b"xianhou-reply-v1\n"
MAX_CONTENT: Final = 256 * 1024 * 1024
"""Bytes of a letter's content: more than ten years of one kiosk."""
_MAGIC: Final = b"XHL1"
_HEADER: Final = struct.Struct(">4sH65s")
_NONCE: Final = bytes(12)
"""The key is made for one letter alone, so that its nonce may be fixed."""
_SECRET: Final = 32

T = TypeVar("T", bound=msgspec.Struct)


class Post(Value, frozen=True, kw_only=True):
    """One push of one life, as it would go to /v1/logs/{kiosk}/{inc}."""

    inc: int
    push: PushRequest


class Asked(Value, frozen=True, kw_only=True):
    """What the server is asked to prove of one life, as at GET /v1/tree/{kiosk}/{inc}."""

    inc: Count
    seqs: Annotated[list[Count], msgspec.Meta(max_length=MAX_PROOFS)] = []
    """Slips and seals without a second receipt, those in this letter included."""
    upto: Count = 0
    """Every record up to here has what it needs once this is answered."""
    origin: str = ""
    size: Count = 0
    """The last checkpoint that the kiosk holds; 0 = none."""


class Letter(Value, frozen=True, kw_only=True):
    """What a kiosk has to tell, the oldest first; the last head names how far it has read the feed."""

    kiosk: int
    posts: list[Post]
    asks: list[Asked] = []


class JournalEnd(Value, frozen=True, kw_only=True):
    """What the server holds of one life."""

    inc: int
    next: int
    hash: str
    forked: int = 0
    """1 = it has two histories there."""


class Proven(Value, frozen=True, kw_only=True):
    """The proofs that were asked for, and to which question."""

    asked: Asked
    tree: TreeAnswer


class Reply(Value, frozen=True, kw_only=True):
    """What the server answers: the ends of the journals, the feed from the kiosk's cursor on, and proofs."""

    kiosk: int
    ends: list[JournalEnd]
    feed: list[FeedAnswer]
    restart: int = 0
    """1 = the cursor was of another time of the server's database: the feed begins anew."""
    proofs: list[Proven] = []


class SignedReply(Value, frozen=True, kw_only=True):
    """A reply's canonical bytes under the server's signature."""

    reply: Signed


def seal(
    content: msgspec.Struct, kiosk: int, recipient: ec.EllipticCurvePublicKey, random: Callable[[int], bytes]
) -> bytes:
    """Return a letter of this kiosk (either way) that only `recipient` can open."""
    # 1 … 2^255: every such number is a private key of P-256
    secret = ec.derive_private_key(1 + int.from_bytes(random(_SECRET), "big") // 2, ec.SECP256R1())
    header = _HEADER.pack(_MAGIC, kiosk, _point(secret.public_key()))
    key = _key(secret.exchange(ec.ECDH(), recipient), header, recipient)
    return header + AESGCM(key).encrypt(_NONCE, zlib.compress(msgspec.json.encode(content), 6), header)


def addressee(letter: bytes) -> int:
    """Return the kiosk that a letter comes from or goes to; WireError if the file is no letter."""
    return _header(letter)[0]


def open_letter(letter: bytes, own: ec.EllipticCurvePrivateKey, kind: type[T]) -> T:
    """Return the content. Raises WireError for what is no letter, EvidenceError if it was touched or is another's."""
    _, header, ephemeral = _header(letter)
    key = _key(own.exchange(ec.ECDH(), ephemeral), header, own.public_key())
    try:
        packed = AESGCM(key).decrypt(_NONCE, letter[_HEADER.size :], header)
    except InvalidTag as error:
        raise EvidenceError(say("信件打不开：不是写给这里的，或者文件被改动、没有拷全")) from error
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(packed, MAX_CONTENT)
        if not inflater.eof:
            raise WireError(say("信件过大"), field="letter")
        return msgspec.json.decode(plain, type=kind)
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(say("信件的内容读不懂：可能是更新的版本写的"), field="letter") from error


def _header(letter: bytes) -> tuple[int, bytes, ec.EllipticCurvePublicKey]:
    try:
        magic, kiosk, point = _HEADER.unpack_from(letter)
        ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (struct.error, ValueError) as error:
        raise WireError(say("这个文件不是先后的信件"), field="letter") from error
    if magic != _MAGIC:
        raise WireError(say("这个文件不是先后的信件"), field="letter")
    return kiosk, letter[: _HEADER.size], ephemeral


def _key(shared: bytes, header: bytes, recipient: ec.EllipticCurvePublicKey) -> bytes:
    info = b"xianhou-letter-v1\n" + header + _point(recipient)
    return HKDF(algorithm=SHA256(), length=_SECRET, salt=None, info=info).derive(shared)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
