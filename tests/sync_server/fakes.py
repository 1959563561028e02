"""Hand-written stand-ins: a clock that the test moves, and a kiosk that speaks the protocol and nothing else."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared_rules.evidence import certificate_digest, sign_payload, sign_record
from shared_rules.facts import Fact, Grade, LogId, Need, SlipContent, SlipEntered, SlipStamped
from shared_rules.interval import OPEN, Interval
from shared_rules.journal import ZERO_HASH, Record, RecordKind, commitment
from shared_rules.protocol import HEAD_CONTEXT, EnrolAnswer, EnrolRequest, Entry, Head, PushRequest, Signed
from shared_rules.wire import canonical, encode_fact

if TYPE_CHECKING:
    from collections.abc import Iterable

SECOND = 1_000_000


@dataclass
class FakeSource:
    """A wall clock that stands where the test puts it."""

    now: int
    bound: int | None = 50_000
    ticks: int = 0

    def wall(self) -> int:
        return self.now

    def tick(self) -> int:
        return self.ticks

    def error(self) -> int | None:
        return self.bound


@dataclass
class FakeKiosk:
    """A journal with its key, that makes pushes; what it sends can be bent by the test."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    answer: EnrolAnswer | None = None
    inc: int = 77
    entries: list[Entry] = field(default_factory=list)
    last: bytes = ZERO_HASH
    counter: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    boot: bytes = bytes(16)
    grade: Grade = Grade.A
    err: int = 0
    """Of the facts that are appended from now on."""

    @property
    def log(self) -> LogId:
        assert self.answer is not None
        return LogId(self.answer.kiosk, self.inc)

    @property
    def office(self) -> str:
        assert self.answer is not None
        return self.answer.office

    def request(self, code: str) -> EnrolRequest:
        """Return the enrolment message for a code."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kiosk")])
        csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(self.key, hashes.SHA256())
        return EnrolRequest(code=code, csr=csr.public_bytes(serialization.Encoding.PEM).decode())

    def append(
        self, body: bytes, at: int, *, kind: RecordKind = RecordKind.FACT, err: int = 0, grade: Grade = Grade.A
    ) -> Entry:
        """Append a record and return it as it travels; of grade C its bounds are [at - err, open)."""
        assert self.answer is not None
        certificate = x509.load_pem_x509_certificate(self.answer.certificate.encode())
        digest = certificate_digest(certificate.public_bytes(serialization.Encoding.DER))
        salt = os.urandom(16)
        record = Record(
            self.log, len(self.entries) + 1, kind, grade,
            Interval(at - err, OPEN if grade is Grade.C else at + err), at, self.boot, 0, self.last,
            commitment(salt, body),
        )  # fmt: skip
        entry = Entry(record=record.pack(), signature=sign_record(record, self.key, digest), salt=salt, body=body)
        self.entries.append(entry)
        self.last = record.digest()
        return entry

    def genesis(self, at: int) -> Entry:
        """Append the record that every journal starts with."""
        return self.append(canonical({"kiosk": self.log.kiosk}), at, kind=RecordKind.GENESIS)

    def fact(self, fact: Fact, at: int) -> Entry:
        """Append a fact."""
        return self.append(encode_fact(fact), at, grade=self.grade, err=self.err)

    def anchor(self, at: int) -> Entry:
        """Append the record of an exchange of times with the server."""
        return self.append(canonical({}), at, kind=RecordKind.ANCHOR)

    def number(self) -> str:
        """Return the next slip number."""
        return f"{self.office}-{self.log.kiosk}-{next(self.counter)}"

    def stamp(
        self, at: int, *, by: str, name: str, phone: str, entered: bool = True, clerk: str = "clerk", need: str = ""
    ) -> str:
        """Stamp a new slip, with the clerk's second look unless told otherwise, and return its number."""
        number = self.number()
        content = SlipContent(names=(name,), phones=(phone,), need=Need(kind=need))
        self.slip(number, at, by=by, content=content, clerk=clerk)
        if entered:
            self.fact(SlipEntered(slip=number, entered_by=clerk), at + 60 * SECOND)
        return number

    def slip(self, number: str, at: int, *, by: str, content: SlipContent, clerk: str = "clerk") -> None:
        """Stamp a slip of this number and content."""
        assert self.answer is not None
        pool = next(iter(self.answer.pools))
        fact = SlipStamped(
            slip=number, pool=pool, office=self.office, salesperson=by, stamped_by=clerk, received_on=day(at),
            content=content,
        )  # fmt: skip
        self.fact(fact, at)

    def head(self, *, seq: int | None = None, floor: int = 0, digest: str | None = None, nonce: str = "00") -> Signed:
        """Return a signed head of the journal, or of the state it had at `seq`."""
        at = len(self.entries) if seq is None else seq
        held = hashlib.sha256(self.entries[at - 1].record).hexdigest() if at else ZERO_HASH.hex()
        head = Head(
            kiosk=self.log.kiosk, inc=self.inc, seq=at, hash=digest or held, floor=floor, lo=0, hi=0, cursor="",
            unsent=0, version="0", nonce=nonce,
        )  # fmt: skip
        return sign_payload(HEAD_CONTEXT, canonical(head), self.key)

    def head_of(self, older: FakeKiosk) -> Signed:
        """Return a head of an older life of this machine's journal, signed with the present key."""
        return FakeKiosk(self.key, self.answer, older.inc, older.entries, older.last).head()

    def push(self, after: int = 0, upto: int | None = None, *, floor: int = 0) -> PushRequest:
        """Return a push of the records after `after`, with the head of the whole journal."""
        return PushRequest(head=self.head(floor=floor), entries=self.entries[after:upto])

    def header(self) -> dict[str, str]:
        """Return the header that says who asks."""
        return {"xianhou-head": base64.b64encode(msgspec.json.encode(self.head())).decode()}

    def clone(self) -> FakeKiosk:
        """Return a copy of the machine, as a restored disk image would be."""
        return replace(self, entries=list(self.entries), counter=itertools.count(900))


def day(at: int) -> date:
    """Return the civil day of an instant in Shanghai."""
    return date.fromordinal(719_163 + (at // SECOND + 8 * 3600) // 86_400)


def bodies(messages: Iterable[Signed]) -> list[dict[str, object]]:
    """Return the bodies of feed items, decoded."""
    return [msgspec.json.decode(message.payload)["body"] for message in messages]
