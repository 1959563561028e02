"""A server's hand without a server: it enrols kiosks, signs anchors and feed items, as the tests need them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from kiosk.config import Folder, KioskConfig, Settings
from kiosk.enrolment import complete, request
from kiosk.journal import Journal
from shared_rules.evidence import sign_payload
from shared_rules.interval import HOUR
from shared_rules.protocol import (
    ANCHOR_CONTEXT,
    FEED_CONTEXT,
    Anchor,
    EnrolAnswer,
    EnrolRequest,
    FeedBody,
    FeedItem,
    Signed,
)
from shared_rules.wire import canonical
from tests.certificates import FROM, UNTIL, Issued
from tests.kiosk.machine import Machine
from tests.stamps import NINE_TEN

SERVER = "https://127.0.0.1:8443"
EPOCH = "epoch-1"
POOLS = {"river": "滨江花园"}


def seeded(seed: int = 1) -> Callable[[int], bytes]:
    """Return a source of bytes that is the same in every run."""
    return random.Random(seed).randbytes


@dataclass(slots=True)
class Hand:
    """The keys of one server, and what it signs with them."""

    authority: Issued = field(default_factory=Issued.authority)
    signer: Issued = field(init=False)
    feed: list[Signed] = field(default_factory=list)
    _last: bytes = bytes(32)

    def __post_init__(self) -> None:
        self.signer = self.authority.kiosk("server", secret=99)

    @property
    def fingerprint(self) -> str:
        return self.authority.digest.hex()

    def certificate(self, public: ec.EllipticCurvePublicKey) -> x509.Certificate:
        """Return a certificate for a kiosk's key."""

        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        issuer = self.authority.certificate.subject
        draft = x509.CertificateBuilder(issuer, named("kiosk"), public, 4711, FROM, UNTIL)
        return draft.sign(self.authority.key, SHA256(), ecdsa_deterministic=True)

    def answer(self, message: EnrolRequest, *, kiosk: int = 7, office: str = "east") -> EnrolAnswer:
        """Return what a server answers to an enrolment."""
        public = x509.load_pem_x509_csr(message.csr.encode()).public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        number = int.from_bytes(hashlib.sha256(self.authority.digest + spki).digest()[:8], "big")
        return EnrolAnswer(
            kiosk=kiosk, office=office, office_name="东店", pools=POOLS,
            certificate=self.certificate(public).public_bytes(Encoding.PEM).decode(),
            ca=self.authority.pem.decode(), server_certificate=self.signer.pem.decode(),
            epoch=EPOCH, not_before=NINE_TEN - HOUR, comparison=f"{number % 1_000_000:06d}",
        )  # fmt: skip

    def enrol(self, root: Path, *, kiosk: int = 7, office: str = "east", seed: int = 1) -> KioskConfig:
        """Make a folder the folder of an enrolled kiosk."""
        folder = Folder(root)
        answer = self.answer(request(folder, "CODE"), kiosk=kiosk, office=office)
        settings = Settings(server=SERVER)
        return complete(folder, answer, fingerprint=self.fingerprint, settings=settings, random=seeded(seed))

    def anchor(self, machine: Machine, *, nonce: str = "", head_hash: str = "") -> tuple[Signed, int, int]:
        """Exchange a note of time with a kiosk's machine; returns the note and the ticks around it."""
        note, sent, received = machine.exchange()
        body = canonical(Anchor(nonce=nonce, head_hash=head_hash, rx=note.rx, tx=note.tx, err=note.err, epoch=EPOCH))
        return sign_payload(ANCHOR_CONTEXT, body, self.signer.key), sent, received

    def tell(self, *bodies: FeedBody, office: str = "east", at: int = NINE_TEN) -> Sequence[Signed]:
        """Append items to an office's feed and return them."""
        fresh: list[Signed] = []
        for body in bodies:
            seq = len(self.feed) + 1
            payload = canonical(FeedItem(office=office, seq=seq, prev=self._last.hex(), at=at, body=body))
            self._last = hashlib.sha256(payload).digest()
            signed = sign_payload(FEED_CONTEXT, payload, self.signer.key)
            self.feed.append(signed)
            fresh.append(signed)
        return fresh


def open_journal(root: Path, machine: Machine, *, seed: int = 2, machine_name: str = "machine-1") -> Journal:
    """Open an enrolled folder's journal on a machine whose time the test moves."""
    return Journal.open(Folder(root), ticks=machine, random=seeded(seed), machine=machine_name)
