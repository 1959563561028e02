"""The server's signed statement of its tree, and the proof that a receipt stands in it: plain texts after C2SP.

A checkpoint is a C2SP signed note (tlog-checkpoint): origin, number of records, root. The second receipt is a C2SP
tlog-proof: place, path and the checkpoint, in one text that needs nobody online to be checked. The key is the server's
P-256 key, so the signature is of type 0x02 of signed-note: ECDSA over SHA-256 in DER, its key ID the first four bytes
of the SHA-256 of the key's SubjectPublicKeyInfo. A restored database is another log and says so by its origin.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared_rules.errors import EvidenceError, WireError
from shared_rules.evidence import RECEIPT_SIZE, der_signature, raw_signature, sign_payload, verify_payload
from shared_rules.interval import OPEN
from shared_rules.protocol import Signed
from shared_rules.tree import HASH_SIZE, inclusion_holds, leaf_hash
from shared_rules.words import say

__all__ = [
    "PROOF_HEADER",
    "Checkpoint",
    "Proof",
    "check_proof",
    "open_checkpoint",
    "open_proof",
    "origin_of",
    "proof_text",
    "sign_checkpoint",
    "verifier_key",
]

PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
_ECDSA: Final = b"\x02"
_DASH: Final = "\u2014"
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_ORIGIN: Final = re.compile(r"xianhou/[0-9a-f]{16}/[0-9a-f]+")
_MOST_HASHES: Final = 63
"""Of a path: no log holds more leaves than a database has row numbers."""
_MOST_SIGNATURES: Final = 16


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree as the server states it."""

    origin: str
    """Which log: the server's authority and the time of life of its database."""
    size: int
    """Records in it."""
    root: bytes

    def text(self) -> str:
        """Return the note's text, which is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Proof:
    """A tlog-proof taken apart; `checkpoint` is the note verbatim."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    def covers(self, receipt: bytes, checkpoint: Checkpoint) -> bool:
        """Return whether it leads from a receipt to the root of its checkpoint, which the caller has opened."""
        return inclusion_holds(leaf_hash(receipt), self.index, checkpoint.size, self.path, checkpoint.root)


def origin_of(authority: bytes, epoch: str) -> str:
    """Return the origin of a server's log: `authority` is the digest of its CA certificate, `epoch` its database's."""
    return f"xianhou/{authority[:8].hex()}/{epoch}"


def _spki(key: EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _key_id(key: EllipticCurvePublicKey) -> bytes:
    return hashlib.sha256(_spki(key)).digest()[:4]


def verifier_key(origin: str, key: EllipticCurvePublicKey) -> str:
    """Return the key as tools of others take it: name, key ID, type and SubjectPublicKeyInfo (C2SP signed-note)."""
    return f"{origin}+{_key_id(key).hex()}+{base64.b64encode(_ECDSA + _spki(key)).decode()}"


def sign_checkpoint(checkpoint: Checkpoint, key: EllipticCurvePrivateKey) -> str:
    """Return the checkpoint as a signed note; the same tree gives the same bytes."""
    text = checkpoint.text()
    # the text begins with `xianhou/`, every other message of this key with `xianhou-` or as DER: none can be the other
    signature = der_signature(sign_payload(b"", text.encode(), key).signature)
    named = base64.b64encode(_key_id(key.public_key()) + signature).decode()
    return f"{text}\n{_DASH} {checkpoint.origin} {named}\n"


def open_checkpoint(note: str, key: EllipticCurvePublicKey, authority: bytes | None = None) -> Checkpoint:
    """Return the checkpoint that the server signed.

    `authority` is the digest of the CA certificate that the origin must name, None = any. Raises WireError naming the
    line that is malformed, EvidenceError where no signature of this key is there or it does not hold. Signatures of
    others are passed over, as the format demands.
    """
    body, _, signatures = note.rpartition("\n\n")
    text = body + "\n"
    checkpoint = _checkpoint(text)
    if authority is not None and not checkpoint.origin.startswith(origin_of(authority, "")):
        raise EvidenceError(say("这份存证不是这台服务器的账本"), field="origin")
    lines = signatures.split("\n")
    if lines.pop() or not 0 < len(lines) <= _MOST_SIGNATURES:
        raise _malformed("signature")
    found = False
    for line in lines:
        signature = _signature(line, checkpoint.origin, _key_id(key))
        if signature is not None:
            signed = Signed(payload=text.encode(), signature=raw_signature(signature))
            verify_payload(b"", signed, key)
            found = True
    if not found:
        raise EvidenceError(say("存证上没有这台服务器的签名"), field="signature")
    return checkpoint


def _checkpoint(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) != 4 or any(ord(one) < 0x20 and one != "\n" for one in text):
        raise _malformed("checkpoint")
    origin, size, root, _ = lines
    if not _ORIGIN.fullmatch(origin):
        raise _malformed("origin")
    return Checkpoint(origin, _number(size, "size"), _hash(root, "root"))


def _signature(line: str, origin: str, key_id: bytes) -> bytes | None:
    """Return the signature of a line if it is by the key asked for."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH or not parts[1]:
        raise _malformed("signature")
    data = _base64(parts[2], "signature")
    if len(data) < 5:
        raise _malformed("signature")
    return data[4:] if (parts[1], data[:4]) == (origin, key_id) else None


def proof_text(index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """Return the second receipt: the tlog-proof of the record at `index` in a checkpoint (a note, verbatim)."""
    lines = [PROOF_HEADER, f"index {index}", *(base64.b64encode(one).decode() for one in path), "", checkpoint]
    return "\n".join(lines)


def open_proof(text: str) -> Proof:
    """Return the parts of a tlog-proof; WireError naming the line that is malformed. Nothing is proved by it yet."""
    head, _, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != PROOF_HEADER:
        raise _malformed("header")
    if len(lines) > 1 and lines[1].startswith("extra "):
        _base64(lines[1].removeprefix("extra "), "extra")
        del lines[1]
    if len(lines) < 2 or not lines[1].startswith("index ") or len(lines) - 2 > _MOST_HASHES:
        raise _malformed("index")
    index = _number(lines[1].removeprefix("index "), "index")
    return Proof(index, tuple(_hash(line, "path") for line in lines[2:]), checkpoint)


def check_proof(text: str, receipt: bytes, key: EllipticCurvePublicKey, authority: bytes) -> Checkpoint:
    """Return the checkpoint in which a receipt (record and signature, 188 bytes) is proved to stand.

    Raises WireError or EvidenceError with what is wrong: text, origin, signature, or path.
    """
    if len(receipt) != RECEIPT_SIZE:
        raise WireError(say("凭证应为 {want} 字节，实为 {got}", want=RECEIPT_SIZE, got=len(receipt)), field="receipt")
    proof = open_proof(text)
    checkpoint = open_checkpoint(proof.checkpoint, key, authority)
    if not proof.covers(receipt, checkpoint):
        raise EvidenceError(say("存证不包含这张凭证：凭证、位置或路径有一处不符"), field="path")
    return checkpoint


def _number(text: str, field: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > OPEN:
        raise _malformed(field)
    return int(text)


def _hash(text: str, field: str) -> bytes:
    data = _base64(text, field)
    if len(data) != HASH_SIZE:
        raise _malformed(field)
    return data


def _base64(text: str, field: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed(field) from error
    if base64.b64encode(data).decode() != text:
        raise _malformed(field)
    return data


def _malformed(field: str) -> WireError:
    return WireError(say("存证文字有误（{field}）", field=field), field=field)
