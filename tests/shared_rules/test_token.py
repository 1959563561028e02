"""Our stamps in the hands of tools that know nothing of us: OpenSSL, asn1crypto and rfc3161-client."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from asn1crypto import cms, tsp
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from shared_rules import der
from shared_rules.errors import EvidenceError
from shared_rules.evidence import POLICY_ARC, signed_attributes
from shared_rules.exhibits import Exhibit, Kind, examine, pin
from shared_rules.facts import Grade, LogId
from shared_rules.interval import DAY, OPEN, SECOND, Interval, from_datetime, to_datetime
from shared_rules.token import time_stamp_token
from tests.certificates import Issued
from tests.stamps import NINE_TEN, STAMP, stamp, stamped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shared_rules.journal import Record

CA = Issued.authority()
KIOSK = CA.kiosk()
MEASURED = (Grade.A, Grade.B, Grade.C)


def token_of(record: Record, kiosk: Issued = KIOSK) -> bytes:
    """Return the token of a record as a kiosk signed it."""
    return time_stamp_token(record, stamped(record, kiosk).signature, kiosk.certificate)


@dataclass(frozen=True, slots=True)
class OpenSsl:
    """`openssl ts -verify` in a folder of its own, exactly as the documentation tells the user to call it."""

    path: str
    folder: Path

    def verify(self, record: bytes, token: bytes, ca: Issued = CA, kiosk: Issued = KIOSK) -> tuple[int, str]:
        """Return exit code and output."""
        files = {"rec.bin": record, "rec.tst": token, "ca.pem": ca.pem, "kiosk.pem": kiosk.pem}
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        words = "ts -verify -data rec.bin -token_in -in rec.tst -CAfile ca.pem -untrusted kiosk.pem"
        run = subprocess.run(
            [self.path, *words.split()], cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )
        return run.returncode, run.stdout + run.stderr


@pytest.fixture
def openssl(tool: Callable[[str], str], tmp_path: Path) -> OpenSsl:
    """Return the machine's own OpenSSL."""
    return OpenSsl(tool("openssl"), tmp_path)


@pytest.mark.system
@pytest.mark.parametrize("grade", MEASURED)
def test_openssl_accepts_one_stamp_of_each_grade(openssl: OpenSsl, grade: Grade) -> None:
    """A stranger with OpenSSL and the CA's certificate can check a stamp without our code."""
    code, said = openssl.verify(stamp(grade).pack(), token_of(stamp(grade)))
    assert (code, "Verification: OK" in said) == (0, True), said


@pytest.mark.system
def test_openssl_accepts_a_ca_with_a_chinese_name_and_a_time_known_exactly(openssl: OpenSsl) -> None:
    """The issuer's name travels in the token byte for byte; an accuracy of zero is an empty sequence."""
    ca = Issued.authority("昌平销售公司", secret=3)
    kiosk = ca.kiosk("东店 1 号机", secret=9)
    record = replace(STAMP, time=Interval(NINE_TEN, NINE_TEN))
    code, said = openssl.verify(record.pack(), token_of(record, kiosk), ca, kiosk)
    assert code == 0, said


@pytest.mark.system
@pytest.mark.parametrize("field", ["record", "signature", "grade", "ca", "usage"])
def test_openssl_refuses_what_was_changed(openssl: OpenSsl, field: str) -> None:
    """Sabotage of each part that carries the proof: OpenSSL must say no, or its OK above would mean nothing."""
    record, ca, kiosk = STAMP, CA, KIOSK
    token = token_of(record)
    if field == "record":
        record = replace(record, seq=13)
    if field == "signature":
        token = token[:-1] + bytes((token[-1] ^ 1,))
    if field == "grade":
        grade_a, grade_b = (der.object_id(f"{POLICY_ARC}.{number}") for number in (1, 2))
        assert grade_a in token
        token = token.replace(grade_a, grade_b)
    if field == "ca":
        ca = Issued.authority(secret=2)
    if field == "usage":
        kiosk = CA.kiosk(critical=False)
        token = token_of(record, kiosk)
    code, said = openssl.verify(record.pack(), token, ca, kiosk)
    assert (code, "Verification: OK" in said) == (1, False), said


def parsed(token: bytes) -> tuple[Any, Any]:
    """Return TSTInfo and SignerInfo as asn1crypto reads them."""
    content = cms.ContentInfo.load(token, strict=True)
    signed = content["content"]
    assert (content["content_type"].native, signed["version"].native) == ("signed_data", "v3")
    assert signed["certificates"].native is None
    return tsp.TSTInfo.load(signed["encap_content_info"]["content"].contents, strict=True), signed["signer_infos"][0]


@pytest.mark.parametrize("grade", MEASURED)
def test_asn1crypto_reads_what_the_record_says(grade: Grade) -> None:
    """A reader of others finds policy, imprint, serial number and signer where RFC 3161 and RFC 5652 put them."""
    record = stamp(grade)
    info, signer = parsed(token_of(record))
    assert info["policy"].native == f"{POLICY_ARC}.{int(grade)}"
    assert info["serial_number"].native == (record.log.inc << 64) + record.seq
    assert info["message_imprint"]["hashed_message"].native == hashlib.sha256(record.pack()).digest()
    assert (info["ordering"].native, info["nonce"].native, info["tsa"].native) == (False, None, None)
    named = signer["sid"].chosen
    assert named["serial_number"].native == KIOSK.certificate.serial_number
    assert named["issuer"].dump() == KIOSK.certificate.issuer.public_bytes()


def test_the_signed_attributes_are_what_cms_says_they_are() -> None:
    """Re-encoded by asn1crypto as a SET OF they are the very bytes that were signed, and name the certificate."""
    info, signer = parsed(token_of(STAMP))
    attributes = signer["signed_attrs"]
    assert cms.CMSAttributes.load(signed_attributes(STAMP, KIOSK.digest), strict=True).native == attributes.native
    values = {item["type"].native: item["values"][0] for item in attributes}
    assert values["content_type"].native == "tst_info"
    assert values["message_digest"].native == hashlib.sha256(info.dump()).digest()
    named = values["signing_certificate_v2"]["certs"][0]
    assert named["cert_hash"].native == hashlib.sha256(KIOSK.certificate.public_bytes(Encoding.DER)).digest()
    assert named["hash_algorithm"]["algorithm"].native == "sha256"
    assert attributes.untag().dump(force=True) == signed_attributes(STAMP, KIOSK.digest)


def covered(info: Any) -> tuple[int, int]:
    """Return the bounds that genTime and accuracy give, in microseconds."""
    accuracy = info["accuracy"]
    seconds, millis, micros = (accuracy[part].native or 0 for part in ("seconds", "millis", "micros"))
    away = seconds * SECOND + millis * 1000 + micros
    middle = from_datetime(info["gen_time"].native)
    return middle - away, middle + away


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 8000 * 365 * DAY), st.integers(0, 400 * DAY), st.integers(0, 2**16 - 1), st.integers(1, 2**64 - 1)
)
def test_time_and_accuracy_of_a_token_cover_the_interval(lo: int, width: int, inc: int, seq: int) -> None:
    """Whoever reads only genTime ± accuracy never reads a narrower claim than the record's, nor one a second wider."""
    record = replace(STAMP, log=LogId(7, inc), seq=seq, time=Interval(lo, lo + width))
    info, _ = parsed(token_of(record))
    first, last = covered(info)
    assert first <= lo
    assert lo + width <= last
    assert last - first <= width + SECOND


@given(st.integers(0, 2**62))
def test_an_open_end_gives_the_lower_bound_rounded_down_and_no_accuracy(lo: int) -> None:
    """Grade C promises nothing about how late it is."""
    lo %= 8000 * 365 * DAY
    info, _ = parsed(token_of(replace(STAMP, grade=Grade.C, time=Interval(lo, OPEN))))
    assert info["accuracy"].native is None
    assert info["gen_time"].native == to_datetime(lo, UTC).replace(microsecond=0)
    assert to_datetime(lo, UTC) - info["gen_time"].native < timedelta(seconds=1)


def test_an_asserted_time_has_no_token() -> None:
    """A page of the emergency book cannot be dressed up as a time stamp."""
    with pytest.raises(EvidenceError):
        token_of(stamp(Grade.P))


@given(st.integers(0, 2**200))
def test_integers_are_written_as_asn1crypto_writes_them(value: int) -> None:
    """In the fewest bytes, and never negative by accident of the first bit."""
    from asn1crypto import core

    assert der.integer(value) == core.Integer(value).dump()


@given(st.integers(0, 2**130), st.lists(st.integers(0, 2**40), max_size=4))
def test_object_identifiers_are_written_as_asn1crypto_writes_them(uuid: int, arcs: list[int]) -> None:
    """Arcs of 128 bits, as an arc under 2.25 has them."""
    from asn1crypto import core

    dotted = ".".join(str(arc) for arc in (2, 25, uuid, *arcs))
    assert der.object_id(dotted) == core.ObjectIdentifier(dotted).dump()


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65_535, 65_536])
def test_lengths_are_written_in_the_shortest_form(size: int) -> None:
    """127 fits one byte, 128 needs two: the border where hand-made DER goes wrong."""
    from asn1crypto import core

    assert der.octets(bytes(size)) == core.OctetString(bytes(size)).dump()


def test_a_set_is_written_in_the_order_of_its_encodings() -> None:
    """DER sorts, so the same members in any order are the same signed bytes."""
    one, two, long = der.integer(1), der.integer(2), der.octets(b"long")
    assert der.set_of(long, two, one) == der.set_of(one, two, long) == der.tagged(0x31, one, two, long)


# --- rfc3161-client: what Python programs of others check with


def as_response(token: bytes) -> bytes:
    """Return the TimeStampResp in which a time stamp travels: status granted (RFC 3161 2.4.2)."""
    return der.sequence(der.sequence(der.integer(0)), token)


def accepted_by_client(record: Record, token: bytes, ca: Issued = CA, kiosk: Issued = KIOSK) -> bool:
    """Return whether rfc3161-client accepts a token, with the kiosk's certificate pinned."""
    builder = VerifierBuilder(tsa_certificate=kiosk.certificate, roots=[ca.certificate])
    try:
        return builder.build().verify_message(decode_timestamp_response(as_response(token)), record.pack())
    except (VerificationError, ValueError):
        return False


@pytest.mark.parametrize("grade", MEASURED)
def test_rfc3161_client_accepts_one_stamp_of_each_grade(grade: Grade) -> None:
    """It reads the time and the accuracy that we wrote, and the certificate need not be inside."""
    record, token = stamp(grade), token_of(stamp(grade))
    assert accepted_by_client(record, token)
    info = decode_timestamp_response(as_response(token)).tst_info
    assert (info.serial_number, info.policy.dotted_string) == (
        (record.log.inc << 64) + record.seq, f"{POLICY_ARC}.{int(grade)}",
    )  # fmt: skip
    assert (info.accuracy is None) is (grade is Grade.C)


@pytest.mark.parametrize("fault", ["forged root", "other record", "signature"])
def test_rfc3161_client_refuses_what_we_refuse(fault: str) -> None:
    """A root of the same names with a kiosk of its own, another record, a touched signature."""
    record, token = STAMP, token_of(STAMP)
    if fault == "forged root":
        forger = Issued.authority(secret=666)
        assert not accepted_by_client(record, token, ca=forger)
        token = token_of(STAMP, forger.kiosk(secret=667))
    if fault == "other record":
        record = replace(STAMP, seq=13)
    if fault == "signature":
        token = token[:-1] + bytes((token[-1] ^ 1,))
    assert not accepted_by_client(record, token)
    ours = [Exhibit("rec.bin", Kind.RECORD, record.pack()), Exhibit("rec.tst", Kind.TOKEN, token)]
    assert examine(ours, [pin(KIOSK.certificate, CA.certificate)])[1].refusal is not None


@pytest.mark.system
def test_openssl_refuses_a_forged_root_of_the_same_names(openssl: OpenSsl) -> None:
    """The forger's own kiosk.pem lies beside the token; ca.pem is the true one."""
    kiosk = Issued.authority(secret=666).kiosk(secret=667)
    code, said = openssl.verify(STAMP.pack(), token_of(STAMP, kiosk), CA, kiosk)
    assert (code, "Verification: OK" in said) == (1, False), said
