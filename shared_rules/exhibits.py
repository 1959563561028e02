"""What a stranger is handed as proof, and whether it holds: receipts, time stamps, journals, bodies.

A verifier believes certificates that it was given from elsewhere, and nothing that lies among the exhibits. Signed
bytes are derived from the records again; of a time stamp every byte is derived again and compared, none is parsed.
Exhibits are checked together: two records under one number prove fraud, whoever shows them.

A journal file is the 188 bytes of record and signature of each record, one after another, life after life: what the
chain needs and no datum of anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from shared_rules.checkpoints import PROOF_HEADER, open_checkpoint, open_proof
from shared_rules.errors import EvidenceError, InputError, WireError
from shared_rules.evidence import (
    RECEIPT_SIZE,
    certificate_digest,
    der_signature,
    time_stamp_info,
    verify_record,
)
from shared_rules.facts import Grade, LogId
from shared_rules.interval import OPEN, to_datetime
from shared_rules.journal import (
    RECORD_SIZE,
    SALT_SIZE,
    ChainHead,
    Record,
    check_body,
    check_run,
    commitment,
    falling_times,
)
from shared_rules.token import time_stamp_token
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Checked", "Exhibit", "Kind", "Pin", "body_text", "examine", "kind_of", "pin", "record_lines"]


class Kind(StrEnum):
    """What an exhibit is."""

    RECEIPT = "receipt"
    """188 bytes."""
    RECORD = "record"
    """The 124 bytes alone: proved by a time stamp or a receipt beside it."""
    TOKEN = "token"  # noqa: S105 - no password
    """An RFC 3161 time stamp, as DER."""
    JOURNAL = "journal"
    BODY = "body"
    """Salt and canonical content, as JSON."""
    PROOF = "proof"
    """The second receipt, a C2SP tlog-proof: proved together with the receipt that it is about."""
    CERTIFICATE = "certificate"
    """Read by the caller, who makes pins of the ones to believe."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """Some bytes and the name under which they were handed over."""

    name: str
    kind: Kind
    data: bytes


@dataclass(frozen=True, slots=True)
class Pin:
    """A certificate that the verifier believes."""

    certificate: x509.Certificate
    key: EllipticCurvePublicKey
    digest: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """What came out for one exhibit: that it holds, or the sentence and the field that say why it does not."""

    name: str
    kind: Kind
    lines: tuple[Say, ...] = ()
    refusal: Say | None = None
    field: str = ""


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    salt: str
    canonical: str


_TOKEN_STARTS: Final = bytes.fromhex("06092a864886f70d010702")
"""The object identifier of CMS signed data, within the first bytes of every time stamp."""
_LEANING: Final = (Kind.RECORD, Kind.BODY, Kind.PROOF)
"""Exhibits that prove nothing by themselves."""
_ISSUED_TO: Final = re.compile(r"Xianhou kiosk (\d{1,5})")
"""Common name of a kiosk's certificate, as the server writes it."""
_SIGNATURES: Final = range(8, 73)
"""How many bytes the DER of r and s can take."""


def kind_of(data: bytes) -> Kind | None:
    """Return what some bytes are by their look, None = nothing known here."""
    if len(data) == RECORD_SIZE:
        return Kind.RECORD
    if data and len(data) % RECEIPT_SIZE == 0:
        return Kind.RECEIPT if len(data) == RECEIPT_SIZE else Kind.JOURNAL
    if data.startswith(PROOF_HEADER.encode()):
        return Kind.PROOF
    if _TOKEN_STARTS in data[:24]:
        return Kind.TOKEN
    return Kind.BODY if data.lstrip().startswith(b"{") else None


def body_text(salt: bytes, body: bytes) -> bytes:
    """Return the file that opens a record's commitment: JSON of the salt in hex and the canonical content."""
    return msgspec.json.format(msgspec.json.encode(_Body(salt.hex(), body.decode())), indent=1) + b"\n"


def pin(certificate: x509.Certificate, authority: x509.Certificate | None = None) -> Pin:
    """Return a certificate to believe; EvidenceError for a key of another kind, or if the authority did not issue it.

    Without an authority the caller vouches for the certificate.
    """
    key = certificate.public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise EvidenceError(say("密钥必须是 P-256"), field="certificate")
    if authority is not None:
        try:
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise EvidenceError(say("证书不是给出的 CA 签发的"), field="certificate") from error
    return Pin(certificate, key, certificate_digest(certificate.public_bytes(Encoding.DER)))


def examine(exhibits: Sequence[Exhibit], pins: Sequence[Pin]) -> tuple[Checked, ...]:
    """Check every exhibit, in the order given, by itself and against the others.

    Raises InputError for a body that cannot be read, and for a time stamp, record or body to which the exhibit is
    missing that it belongs to.
    """
    return tuple(_Court(exhibits, pins).hear())


@dataclass(slots=True)
class _Court:
    """The exhibits of one call, and what is proved so far."""

    exhibits: Sequence[Exhibit]
    pins: Sequence[Pin]
    leaves: list[tuple[Record, bytes]] = field(default_factory=list)
    """Records that are proved, with the 188 bytes that stand in the server's log."""
    logged: dict[str, tuple[Say, ...]] = field(default_factory=dict)
    """What each second receipt says, by its name."""

    def hear(self) -> Iterator[Checked]:
        proved = [None if one.kind in _LEANING else self._proved(one) for one in self.exhibits]
        sure = [record for found in proved if isinstance(found, list) for record in found]
        seen: dict[tuple[LogId, int], tuple[bytes, str]] = {}
        for one, outcome in zip(self.exhibits, proved, strict=True):
            try:
                found = self._leaning(one, sure) if outcome is None else outcome
                if isinstance(found, EvidenceError | WireError):
                    raise found
                for record in found:
                    _once(record, one.name, seen)
            except (EvidenceError, WireError) as error:
                yield Checked(one.name, one.kind, refusal=error.sentence, field=error.field)
            else:
                yield Checked(one.name, one.kind, (*self.logged.pop(one.name, ()), *_lines(one.kind, found)))

    def _proved(self, exhibit: Exhibit) -> list[Record] | EvidenceError | WireError:
        """Return the records that an exhibit proves by its own signatures, or why it proves none."""
        try:
            if exhibit.kind is Kind.RECEIPT:
                return [self._signed(exhibit.data)]
            return [self._stamped(exhibit.data)] if exhibit.kind is Kind.TOKEN else self._chained(exhibit.data)
        except (EvidenceError, WireError) as error:
            return error

    def _signed(self, receipt: bytes) -> Record:
        record = Record.unpack(receipt[:RECORD_SIZE])
        time_stamp_info(record)
        self._signer(record, receipt[RECORD_SIZE:])
        self.leaves.append((record, receipt))
        return record

    def _signer(self, record: Record, signature: bytes) -> Pin:
        """Return whose signature it is; raises the last refusal."""
        refusal = EvidenceError(say("没有可信的证书可用来核对"), field="certificate")
        for one in self.pins:
            try:
                verify_record(record, signature, one.key, one.digest)
            except EvidenceError as error:
                refusal = error
            else:
                _own(one, record)
                return one
        raise refusal

    def _stamped(self, token: bytes) -> Record:
        held = [Record.unpack(one.data[:RECORD_SIZE]) for one in self.exhibits
                if one.kind in (Kind.RECORD, Kind.RECEIPT)]  # fmt: skip
        if not held:
            raise InputError(say("时间戳要和它的记录（rec.bin）一起核对；请把两个文件都给出"), field="record")
        about = [record for record in held if time_stamp_info(record) in token]
        if not about:
            raise EvidenceError(say("时间戳不是给出的记录的"), field="record")
        named = [one for one in self.pins if one.digest in token]
        if not named:
            raise EvidenceError(say("时间戳的签名证书不是可信的那一张（可能出自伪造的 CA）"), field="certificate")
        signature = _signature_in(token, about[0], named[0])
        verify_record(about[0], signature, named[0].key, named[0].digest)
        _own(named[0], about[0])
        self.leaves.append((about[0], about[0].pack() + signature))
        return about[0]

    def _chained(self, journal: bytes) -> list[Record]:
        """Return the records of a journal file: each life from its first record on, under one certificate."""
        found: list[Record] = []
        for _, life in groupby(_entries(journal), key=lambda entry: entry[0].log):
            head, signer = ChainHead(LogId(0, 0)), None
            for record, signature in life:
                head = check_run([record], head if head.seq else ChainHead(record.log))
                signer = signer or self._signer(record, signature)
                verify_record(record, signature, signer.key, signer.digest)
                self.leaves.append((record, record.pack() + signature))
                found.append(record)
        return found

    def _leaning(self, exhibit: Exhibit, sure: list[Record]) -> list[Record]:
        """Return the record that a bare record or a body belongs to, if another exhibit proves it."""
        if exhibit.kind is Kind.RECORD:
            record = Record.unpack(exhibit.data)
            if all(one.kind in _LEANING for one in self.exhibits):
                raise InputError(say("单有记录不能证明什么；请把时间戳（rec.tst）也给出"), field="token")
            if record not in sure:
                raise EvidenceError(say("没有一份凭证或时间戳证明这条记录"), field="signature")
            return [record]
        if exhibit.kind is Kind.PROOF:
            return [self._logged(exhibit)]
        salt, body = _opened(exhibit)
        if not any(one.kind is not Kind.BODY for one in self.exhibits):
            raise InputError(say("正文要和它的记录或凭证一起核对；请把文件都给出"), field="record")
        committed = commitment(salt, body)
        owner = next((record for record in sure if record.body == committed), None)
        if owner is None and len(sure) == 1:
            check_body(sure[0], salt, body)
        if owner is None:
            raise EvidenceError(say("没有一条成立的记录是对这份正文作出的"), field="body")
        return [owner]

    def _logged(self, exhibit: Exhibit) -> Record:
        """Return the record that a second receipt is about; the key of its checkpoint is one that is believed."""
        try:
            proof = open_proof(exhibit.data.decode())
        except UnicodeDecodeError as error:
            raise WireError(say("存证文字有误（{field}）", field="header"), field="header") from error
        if all(one.kind in _LEANING for one in self.exhibits):
            raise InputError(say("存证要和它的凭证一起核对；请把凭证或记录和时间戳也给出"), field="receipt")
        refusal = EvidenceError(say("没有可信的证书可用来核对"), field="certificate")
        for one in self.pins:
            try:
                checkpoint = open_checkpoint(proof.checkpoint, one.key)
            except EvidenceError as error:
                refusal = error
                continue
            about = next((record for record, leaf in self.leaves if proof.covers(leaf, checkpoint)), None)
            if about is None:
                raise EvidenceError(say("存证不包含这张凭证：凭证、位置或路径有一处不符"), field="path")
            told = say("已存入 {origin} 的账本，第 {index} 条，当时共 {size} 条",
                       origin=checkpoint.origin, index=proof.index + 1, size=checkpoint.size)  # fmt: skip
            self.logged[exhibit.name] = (told,)
            return about
        raise refusal


def _own(signer: Pin, record: Record) -> None:
    """Raise EvidenceError if a kiosk signed a record of another's journal; a foreign CA's names say nothing."""
    named = signer.certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    kiosk = _ISSUED_TO.fullmatch(str(named[0].value)) if named else None
    if kiosk and int(kiosk[1]) != record.log.kiosk:
        sentence = say("签名是 {signer} 号机作的，记录却自称 {kiosk} 号机的", signer=kiosk[1], kiosk=record.log.kiosk)
        raise EvidenceError(sentence, field="kiosk")


def _signature_in(token: bytes, record: Record, signer: Pin) -> bytes:
    """Return the r, s with which our own making of the time stamp gives exactly these bytes; EvidenceError if none."""
    for size in _SIGNATURES:
        tail = token[-size:]
        middle = 4 + tail[3]
        signature = b"".join(part[-32:].rjust(32, b"\0") for part in (tail[4:middle], tail[middle + 2 :]))
        if der_signature(signature) == tail and time_stamp_token(record, signature, signer.certificate) == token:
            return signature
    raise EvidenceError(say("时间戳与它的记录、证书重做出来的不符"), field="token")


def _entries(journal: bytes) -> Iterator[tuple[Record, bytes]]:
    for start in range(0, len(journal), RECEIPT_SIZE):
        entry = journal[start : start + RECEIPT_SIZE]
        try:
            yield Record.unpack(entry[:RECORD_SIZE]), entry[RECORD_SIZE:]
        except WireError as error:
            place = start // RECEIPT_SIZE + 1
            raise EvidenceError(
                say("第 {place} 条：{why}", place=place, why=error.sentence), field=error.field
            ) from error


def _opened(exhibit: Exhibit) -> tuple[bytes, bytes]:
    try:
        held = msgspec.json.decode(exhibit.data, type=_Body)
        salt, body = bytes.fromhex(held.salt), held.canonical.encode()
    except (msgspec.DecodeError, UnicodeError, ValueError) as error:
        raise InputError(say("{name} 读不懂：应有 salt 和 canonical 两项", name=exhibit.name), field="body") from error
    if len(salt) != SALT_SIZE:
        raise EvidenceError(say("盐应为 {want} 字节", want=SALT_SIZE), field="salt")
    return salt, body


def _once(record: Record, name: str, seen: dict[tuple[LogId, int], tuple[bytes, str]]) -> None:
    digest = record.digest()
    held, other = seen.setdefault((record.log, record.seq), (digest, name))
    if held != digest:
        sentence = say(
            "第 {seq} 号用过两次：与 {other} 中的不是同一条记录，签名却都成立——这本身就证明日志被改过",
            seq=record.seq, other=other,
        )  # fmt: skip
        raise EvidenceError(sentence, field="seq")


def _lines(kind: Kind, found: list[Record]) -> tuple[Say, ...]:
    if kind is Kind.BODY:
        return (say("正文就是第 {seq} 号记录所承诺的", seq=found[0].seq),)
    if kind is not Kind.JOURNAL:
        return record_lines(found[0])
    lines = []
    for log, life in groupby(found, key=lambda record: record.log):
        records = list(life)
        lines.append(
            say(
                "日志：柜台机 {kiosk}，第 {inc} 本，{count} 条记录相连",
                kiosk=log.kiosk,
                inc=log.inc,
                count=len(records),
            )
        )
        lines += [say("第 {seq} 号的时间早于前一条，请查前后的时钟记录", seq=seq) for seq in falling_times(records)]
    return tuple(lines)


_GRADES: Final = {
    Grade.A: say("A（与服务器对过时）"),
    Grade.B: say("B（重启后由硬件时钟推算）"),
    Grade.C: say("C（未对时，只知道不早于）"),
    Grade.P: say("P（应急本上的时间，人为申报）"),
    Grade.I: say("I（导入旧账的时间，人为申报）"),
}


def record_lines(record: Record) -> tuple[Say, ...]:
    """Return what a record says, for people; it holds no datum of a customer."""

    def moment(instant: int) -> str:
        return to_datetime(instant).isoformat(sep=" ", timespec="milliseconds")

    latest = say("无上限（未与服务器对时）") if record.time.hi == OPEN else moment(record.time.hi)
    return (
        say(
            "日志：柜台机 {kiosk}，第 {inc} 本，第 {seq} 号", kiosk=record.log.kiosk, inc=record.log.inc, seq=record.seq
        ),
        say("时间不早于：{time}", time=moment(record.time.lo)),
        say("时间不晚于：{time}", time=latest),
        say("时间等级：{grade}", grade=_GRADES[record.grade]),
        say("正文承诺：{body}", body=record.body.hex()),
        say("前一记录：{prev}", prev=record.prev.hex()),
    )
