"""Rebuilds the RFC 3161 TimeStampToken of a record, so that tools of others can check a stamp without our code.

`openssl ts -verify -data rec.bin -token_in -in rec.tst -CAfile ca.pem -untrusted kiosk.pem` says OK. A token holds
nothing that record, signature and certificate do not hold; it is made on demand and stored nowhere.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from shared_rules.der import integer, object_id, octets, sequence, set_of, tagged
from shared_rules.evidence import (
    SHA256_ID,
    TST_INFO_ID,
    attribute_set,
    certificate_digest,
    der_signature,
    time_stamp_info,
)
from shared_rules.journal import Record

__all__ = ["time_stamp_token"]

_SIGNED_DATA: Final = object_id("1.2.840.113549.1.7.2")
_ECDSA_SHA256: Final = sequence(object_id("1.2.840.10045.4.3.2"))
_EXPLICIT_0: Final = 0xA0
_SIGNED_DATA_VERSION: Final = 3
"""Content other than id-data (RFC 5652 5.1)."""
_SIGNER_BY_ISSUER: Final = 1
"""Signer named by issuer and serial number: the only form that OpenSSL's `ts` knows (RFC 5652 5.3)."""


def time_stamp_token(record: Record, signature: bytes, certificate: Certificate) -> bytes:
    """Return the DER ContentInfo of the token; `signature` is raw r, s, `certificate` the signer's, not embedded.

    Raises EvidenceError where the record's grade has no time stamp. The signature is not checked here.
    """
    digest = certificate_digest(certificate.public_bytes(Encoding.DER))
    signer = sequence(
        integer(_SIGNER_BY_ISSUER),
        sequence(certificate.issuer.public_bytes(), integer(certificate.serial_number)),
        SHA256_ID,
        attribute_set(record, digest, _EXPLICIT_0),
        _ECDSA_SHA256,
        octets(der_signature(signature)),
    )
    signed_data = sequence(
        integer(_SIGNED_DATA_VERSION),
        set_of(SHA256_ID),
        sequence(TST_INFO_ID, tagged(_EXPLICIT_0, octets(time_stamp_info(record)))),
        set_of(signer),
    )
    return sequence(_SIGNED_DATA, tagged(_EXPLICIT_0, signed_data))
