"""What is signed, and whether a signature holds: the one place that knows the signed bytes of records and payloads.

A record's signature is at the same time the signature of an RFC 3161 time stamp: what is signed is the DER of the CMS
signed attributes (RFC 5652 5.3), derived from the 124 bytes by a fixed profile, so a verifier re-derives them and
parses nothing. `token.py` rebuilds the whole token from record and signature. Keys are arguments, never kept.

Times that a person or a file asserted (grades P, I) get no time stamp: their records are signed under a context of
their own, from which no token and no receipt can be made.

Signatures are raw r, s (64 bytes) over P-256 with SHA-256, deterministic (RFC 6979), s in the lower half: the same
record gives the same bytes after every crash, and nobody without the key can make a second signature out of the first.
"""

from __future__ import annotations

import hashlib
from datetime import UTC
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from shared_rules.der import integer, object_id, octets, sequence, set_of, utc_second
from shared_rules.errors import EvidenceError, WireError
from shared_rules.facts import Grade
from shared_rules.interval import OPEN, SECOND, to_datetime
from shared_rules.journal import RECORD_SIZE, Record
from shared_rules.protocol import Signed
from shared_rules.words import say

__all__ = [
    "POLICY_ARC",
    "RECEIPT_SIZE",
    "SHA256_ID",
    "SIGNATURE_SIZE",
    "STAMP_GRADES",
    "TST_INFO_ID",
    "attribute_set",
    "certificate_digest",
    "der_signature",
    "open_receipt",
    "raw_signature",
    "receipt_of",
    "sign_payload",
    "sign_record",
    "signed_attributes",
    "time_stamp_info",
    "verify_payload",
    "verify_record",
]

POLICY_ARC: Final = "2.25.27632693353476043399177157550064637182"
"""Our arc (a UUID, X.667): .1 = grade A, .2 = grade B, .3 = grade C."""
STAMP_GRADES: Final = (Grade.A, Grade.B, Grade.C)
"""Grades measured by a clock; only these get time stamps and receipts."""
SIGNATURE_SIZE: Final = 64
RECEIPT_SIZE: Final = RECORD_SIZE + SIGNATURE_SIZE
SHA256_ID: Final = sequence(object_id("2.16.840.1.101.3.4.2.1"))
"""AlgorithmIdentifier without parameters (RFC 5754 2)."""
TST_INFO_ID: Final = object_id("1.2.840.113549.1.9.16.1.4")

_CONTENT_TYPE: Final = object_id("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = object_id("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2: Final = object_id("1.2.840.113549.1.9.16.2.47")
_ASSERTED_CONTEXT: Final = b"xianhou-asserted-v1\n"
_SET: Final = 0x31
_MILLIS: Final = 0x80
_MICROS: Final = 0x81
_LAST_SECOND: Final = 253_402_300_799
"""9999-12-31T23:59:59Z, the last that GeneralizedTime can write."""
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the group of P-256 (FIPS 186-5)."""


def certificate_digest(certificate: bytes) -> bytes:
    """Return the SHA-256 of a certificate's DER: the ESSCertIDv2 that every signed attribute set names (RFC 5816)."""
    return hashlib.sha256(certificate).digest()


def time_stamp_info(record: Record) -> bytes:
    """Return the DER of the TSTInfo that a record stands for (RFC 3161 2.4.2).

    The imprint is the SHA-256 of the 124 bytes; the serial number is inc·2^64 + seq; genTime is the whole second next
    to the middle of the interval and `accuracy` the larger distance to its ends, or, for an open end, the lower bound
    rounded down and no accuracy. Raises EvidenceError where grade and interval do not fit each other.
    """
    lo, hi = record.time.lo, record.time.hi
    if record.grade not in STAMP_GRADES:
        raise EvidenceError(say("等级 {grade} 的时间是人为申报的，没有时间戳", grade=record.grade.name), field="grade")
    if (record.grade is Grade.C) is not (hi == OPEN):
        raise EvidenceError(say("记录的时间上限与等级 {grade} 不符", grade=record.grade.name), field="hi")
    second = lo // SECOND if hi == OPEN else (lo + hi + SECOND) // (2 * SECOND)
    if not 0 <= second <= _LAST_SECOND:
        raise EvidenceError(say("记录的时间超出可用时间戳表示的范围"), field="lo")
    away = max(hi - second * SECOND, second * SECOND - lo)
    return sequence(
        integer(1),
        object_id(".".join((POLICY_ARC, str(int(record.grade))))),
        sequence(SHA256_ID, octets(record.digest())),
        integer((record.log.inc << 64) + record.seq),
        utc_second(to_datetime(second * SECOND, UTC)),
        b"" if hi == OPEN else _accuracy(away),
    )


def _accuracy(micros: int) -> bytes:
    """Return Accuracy; a part that is zero is left out, as its range 1..999 demands."""
    seconds, rest = divmod(micros, SECOND)
    millis, rest = divmod(rest, 1000)
    parts = ((seconds, 0x02), (millis, _MILLIS), (rest, _MICROS))
    return sequence(*(integer(value, tag) for value, tag in parts if value))


def attribute_set(record: Record, certificate: bytes, tag: int) -> bytes:
    """Return the CMS signed attributes under `tag`: SET as they are signed, [0] as they stand in a token."""
    digest = hashlib.sha256(time_stamp_info(record)).digest()
    return set_of(
        sequence(_CONTENT_TYPE, set_of(TST_INFO_ID)),
        sequence(_MESSAGE_DIGEST, set_of(octets(digest))),
        sequence(_SIGNING_CERTIFICATE_V2, set_of(sequence(sequence(sequence(octets(certificate)))))),
        tag=tag,
    )


def signed_attributes(record: Record, certificate: bytes) -> bytes:
    """Return the bytes that a record's signature is over; `certificate` is the digest of the signer's certificate.

    Raises EvidenceError where grade and interval do not fit each other.
    """
    if record.grade not in STAMP_GRADES:
        return _ASSERTED_CONTEXT + certificate + record.pack()
    return attribute_set(record, certificate, _SET)


def sign_record(record: Record, key: EllipticCurvePrivateKey, certificate: bytes) -> bytes:
    """Return the 64 bytes r, s; the same for the same record and key. Raises EvidenceError as `signed_attributes`."""
    return _sign(signed_attributes(record, certificate), key)


def verify_record(record: Record, signature: bytes, key: EllipticCurvePublicKey, certificate: bytes) -> None:
    """Raise EvidenceError unless `signature` is the pinned key's over this record and this certificate's digest."""
    if not _holds(signed_attributes(record, certificate), signature, key):
        raise EvidenceError(say("第 {seq} 号记录的签名不成立", seq=record.seq), field=_wrong_part(signature))


def sign_payload(context: bytes, payload: bytes, key: EllipticCurvePrivateKey) -> Signed:
    """Return a payload with the signature over context + payload; the context keeps one message from being another."""
    return Signed(payload=payload, signature=_sign(context + payload, key))


def verify_payload(context: bytes, signed: Signed, key: EllipticCurvePublicKey) -> bytes:
    """Return the payload if the pinned key signed it under this context; raises EvidenceError otherwise."""
    if not _holds(context + signed.payload, signed.signature, key):
        raise EvidenceError(say("报文的签名不成立"), field="signature")
    return signed.payload


def receipt_of(record: Record, signature: bytes) -> bytes:
    """Return the 188 bytes of a receipt; raises EvidenceError for a time that no clock measured."""
    time_stamp_info(record)
    if len(signature) != SIGNATURE_SIZE:
        raise EvidenceError(say("签名应为 {want} 字节", want=SIGNATURE_SIZE))
    return record.pack() + signature


def open_receipt(receipt: bytes, key: EllipticCurvePublicKey, certificate: bytes) -> Record:
    """Return the record that a receipt proves; raises WireError (no receipt at all) or EvidenceError (not proved)."""
    if len(receipt) != RECEIPT_SIZE:
        raise WireError(say("凭证应为 {want} 字节，实为 {got}", want=RECEIPT_SIZE, got=len(receipt)), field="length")
    record = Record.unpack(receipt[:RECORD_SIZE])
    time_stamp_info(record)
    verify_record(record, receipt[RECORD_SIZE:], key, certificate)
    return record


def der_signature(signature: bytes) -> bytes:
    """Return a raw r, s as the DER that CMS and OpenSSL want (RFC 5480 2.1.1)."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    return sequence(integer(r), integer(s))


def raw_signature(der: bytes) -> bytes:
    """Return a signature of DER as raw r, s; raises EvidenceError for anything but the one DER of two such numbers."""
    try:
        r, s = decode_dss_signature(der)
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")  # the decoder takes DER only: no second way to write them
    except (ValueError, OverflowError) as error:
        raise EvidenceError(say("报文的签名不成立"), field="signature") from error
    return raw


def _sign(data: bytes, key: EllipticCurvePrivateKey) -> bytes:
    if not isinstance(key.curve, SECP256R1):
        raise EvidenceError(say("密钥必须是 P-256"))
    r, s = decode_dss_signature(key.sign(data, ECDSA(SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + min(s, _ORDER - s).to_bytes(32, "big")


def _wrong_part(signature: bytes) -> str:
    """Return which number of a signature is out of its range, "signature" where both are in it."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not 0 < r < _ORDER:
        return "r"
    return "signature" if 0 < 2 * s < _ORDER else "s"


def _holds(data: bytes, signature: bytes, key: EllipticCurvePublicKey) -> bool:
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not isinstance(key.curve, SECP256R1) or len(signature) != SIGNATURE_SIZE or not 0 < 2 * s < _ORDER:
        return False
    try:
        key.verify(encode_dss_signature(r, s), data, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
