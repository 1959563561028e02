"""Signatures and receipts: what holds, and everything that must not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from shared_rules.errors import EvidenceError, WireError, XianhouError
from shared_rules.evidence import (
    RECEIPT_SIZE,
    certificate_digest,
    open_receipt,
    receipt_of,
    sign_payload,
    sign_record,
    signed_attributes,
    time_stamp_info,
    verify_payload,
    verify_record,
)
from shared_rules.facts import Grade
from shared_rules.interval import OPEN, Interval
from tests.certificates import Issued
from tests.stamps import STAMP, stamp, stamped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared_rules.journal import Record

KIOSK = Issued.authority().kiosk()
PUBLIC = KIOSK.key.public_key()
MEASURED = (Grade.A, Grade.B, Grade.C)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def flips(data: bytes) -> Iterator[bytes]:
    """Yield the data with each single bit turned, one after the other."""
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


@pytest.mark.parametrize("grade", list(Grade))
def test_a_record_of_every_grade_is_signed_and_verified(grade: Grade) -> None:
    """Measured and asserted times alike are signed by the kiosk, and the pinned key proves it."""
    verify_record(stamp(grade), stamped(stamp(grade), KIOSK).signature, PUBLIC, KIOSK.digest)


@pytest.mark.parametrize("grade", MEASURED)
def test_every_single_bit_flip_of_a_receipt_is_refused(grade: Grade) -> None:
    """1,504 receipts differ from the true one in one bit, and none of them proves anything."""
    receipt = stamped(stamp(grade), KIOSK).receipt
    assert open_receipt(receipt, PUBLIC, KIOSK.digest) == stamp(grade)
    for changed in flips(receipt):
        with pytest.raises((EvidenceError, WireError)):
            open_receipt(changed, PUBLIC, KIOSK.digest)


def test_a_verifier_that_leaves_a_field_out_would_be_caught_by_the_flips() -> None:
    """Sabotage: signing less than the whole record lets some flipped receipt pass, so the flip test can fail."""

    def without_segment(record: Record) -> bytes:
        return signed_attributes(replace(record, seg=0), KIOSK.digest)

    signature = KIOSK.key.sign(without_segment(STAMP), ec.ECDSA(SHA256(), deterministic_signing=True))
    passed = 0
    for changed in flips(STAMP.pack()):
        try:
            PUBLIC.verify(signature, without_segment(type(STAMP).unpack(changed)), ec.ECDSA(SHA256()))
        except Exception:  # noqa: BLE001, S112 - refused, whatever the reason
            continue
        passed += 1
    assert passed == 16


def test_signing_twice_gives_the_same_bytes() -> None:
    """A crash between signing and printing changes no receipt: the reprint is identical."""
    assert stamped(STAMP, KIOSK).receipt == stamped(STAMP, KIOSK).receipt


def test_signing_with_fresh_randomness_gives_other_bytes_each_time() -> None:
    """Sabotage: the library's own default is not deterministic, so the test above can fail."""
    data = signed_attributes(STAMP, KIOSK.digest)
    assert KIOSK.key.sign(data, ec.ECDSA(SHA256())) != KIOSK.key.sign(data, ec.ECDSA(SHA256()))


def test_the_signature_is_that_of_rfc_6979_with_s_in_the_lower_half() -> None:
    """Annex A.2.5 for P-256, SHA-256 and "sample": r as printed there, s as n - s, because the printed s is high."""
    key = ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1())
    signed = sign_payload(b"", b"sample", key)
    high = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8
    assert signed.signature.hex()[:64] == "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    assert int.from_bytes(signed.signature[32:], "big") == ORDER - high


def test_nobody_without_the_key_can_make_a_second_receipt_out_of_the_first() -> None:
    """(r, n - s) verifies too in plain ECDSA; here it is refused, so two receipts of one number prove fraud."""
    signature = stamped(STAMP, KIOSK).signature
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    twin = encode_dss_signature(r, ORDER - s)
    PUBLIC.verify(twin, signed_attributes(STAMP, KIOSK.digest), ec.ECDSA(SHA256()))
    assert decode_dss_signature(twin)[1] == ORDER - s
    with pytest.raises(EvidenceError):
        verify_record(STAMP, signature[:32] + (ORDER - s).to_bytes(32, "big"), PUBLIC, KIOSK.digest)


@pytest.mark.parametrize("signature", [b"", bytes(64), b"\xff" * 64, bytes(63), bytes(65)])
def test_bytes_that_are_no_signature_are_refused(signature: bytes) -> None:
    """Zero, too large, too short and too long: one sentence each, no error of the library."""
    with pytest.raises(EvidenceError, match="签名不成立"):
        verify_record(STAMP, signature, PUBLIC, KIOSK.digest)


def test_a_signature_of_another_kiosk_or_for_another_certificate_is_refused() -> None:
    """The key is pinned, and the certificate's digest is part of what is signed."""
    other = Issued.authority().kiosk("kiosk-8", secret=8)
    signature = stamped(STAMP, KIOSK).signature
    for key, digest in ((other.key.public_key(), KIOSK.digest), (PUBLIC, other.digest)):
        with pytest.raises(EvidenceError):
            verify_record(STAMP, signature, key, digest)


def test_a_key_of_another_curve_neither_signs_nor_verifies() -> None:
    """P-384 would give signatures that do not fit the receipt."""
    key = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(EvidenceError, match="P-256"):
        sign_record(STAMP, key, KIOSK.digest)
    with pytest.raises(EvidenceError):
        verify_record(STAMP, stamped(STAMP, KIOSK).signature, key.public_key(), KIOSK.digest)


@pytest.mark.parametrize("grade", [Grade.P, Grade.I])
def test_an_asserted_time_never_becomes_a_time_stamp_or_a_receipt(grade: Grade) -> None:
    """What a person wrote in the emergency book is signed, but under a context that no token can carry."""
    made = stamped(stamp(grade), KIOSK)
    assert signed_attributes(made.record, KIOSK.digest).startswith(b"xianhou-asserted-v1\n")
    with pytest.raises(EvidenceError, match="人为申报"):
        time_stamp_info(made.record)
    with pytest.raises(EvidenceError):
        receipt_of(made.record, made.signature)
    with pytest.raises(EvidenceError):
        open_receipt(made.record.pack() + made.signature, PUBLIC, KIOSK.digest)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (replace(STAMP, time=Interval(0, OPEN)), "an anchored time has an end"),
        (replace(STAMP, grade=Grade.C), "a time without an anchor has none"),
        (replace(STAMP, time=Interval(-2_000_000, -1_000_000)), "before 1970"),
        (replace(STAMP, time=Interval(253_402_300_800_000_000, 253_402_300_800_000_000)), "after the year 9999"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_time_that_no_time_stamp_can_carry_is_refused(record: Record, why: str) -> None:
    """Grade and interval must fit, and the second must be one that GeneralizedTime can write."""
    with pytest.raises(EvidenceError):
        sign_record(record, KIOSK.key, KIOSK.digest)


def test_a_receipt_has_188_bytes() -> None:
    """More or less is refused with the number of bytes it has; a signature of another length makes none."""
    made = stamped(STAMP, KIOSK)
    assert len(made.receipt) == RECEIPT_SIZE == 188
    with pytest.raises(WireError, match="187"):
        open_receipt(made.receipt[:-1], PUBLIC, KIOSK.digest)
    with pytest.raises(EvidenceError, match="64"):
        receipt_of(STAMP, made.signature[:-1])


def test_a_payload_is_signed_for_its_context_only() -> None:
    """A head cannot be passed off as an anchor, and a changed payload or signature is refused."""
    signed = sign_payload(b"xianhou-head-v1\n", b'{"seq":12}', KIOSK.key)
    assert verify_payload(b"xianhou-head-v1\n", signed, PUBLIC) == b'{"seq":12}'
    with pytest.raises(EvidenceError):
        verify_payload(b"xianhou-anchor-v1\n", signed, PUBLIC)
    for changed in flips(signed.payload):
        with pytest.raises(EvidenceError):
            verify_payload(b"xianhou-head-v1\n", type(signed)(payload=changed, signature=signed.signature), PUBLIC)


def test_the_certificate_is_named_by_the_sha_256_of_its_der() -> None:
    """ESSCertIDv2 without algorithm means SHA-256 (RFC 5816)."""
    assert certificate_digest(b"der") == hashlib.sha256(b"der").digest()


def test_no_error_of_a_library_leaks_from_a_receipt_of_noise() -> None:
    """Whatever 188 bytes are scanned, the answer is one of our sentences."""
    seed = b"noise"
    for _ in range(200):
        seed = hashlib.sha512(seed).digest()
        with pytest.raises(XianhouError):
            open_receipt((STAMP.pack()[:8] + seed * 3)[:188], PUBLIC, KIOSK.digest)
