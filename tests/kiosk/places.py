"""Kiosks for tests: enrolled in a folder by a CA of the test's own, without any server."""

from __future__ import annotations

import hashlib
import itertools
import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.config import Folder, Settings, write_private
from kiosk.enrolment import comparison, complete, request
from kiosk.journal import Journal
from shared_rules.evidence import sign_payload
from shared_rules.facts import Need, SlipContent, SlipStamped
from shared_rules.journal import ZERO_HASH
from shared_rules.protocol import ANCHOR_CONTEXT, FEED_CONTEXT, Anchor, EnrolAnswer, FeedBody, FeedItem, Signed
from shared_rules.wire import canonical
from tests.certificates import Issued
from tests.kiosk.machine import Machine

SETTINGS = Settings(server="https://127.0.0.1:1")


@dataclass
class Authority:
    """A server reduced to its keys: takes kiosks in, signs anchors and feed items."""

    ca: Issued = field(default_factory=Issued.authority)
    server: Issued = field(init=False)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    pools: dict[str, str] = field(default_factory=lambda: {"river": "滨江"})
    seq: int = 0
    last: str = ZERO_HASH.hex()

    def __post_init__(self) -> None:
        self.server = self.ca.kiosk("server", secret=99)

    def answer(self, key: ec.EllipticCurvePublicKey, kiosk: Issued, number: int, office: str = "E") -> EnrolAnswer:
        """Return the answer to a kiosk whose certificate is `kiosk`."""
        return EnrolAnswer(
            kiosk=number, office=office, office_name="东店", pools=self.pools, certificate=kiosk.pem.decode(),
            ca=self.ca.pem.decode(), server_certificate=self.server.pem.decode(), epoch="e1",
            not_before=Machine().true - 60_000_000, comparison=comparison(self.ca.certificate, key),
        )  # fmt: skip

    @property
    def fingerprint(self) -> str:
        return self.ca.digest.hex()

    def enrol(self, root: Path, office: str = "E", settings: Settings = SETTINGS) -> Folder:
        """Return the folder of a new enrolled kiosk."""
        folder, number = Folder(root), next(self.numbers)
        folder.keys.mkdir(mode=0o700, parents=True)
        issued = self.ca.kiosk(f"kiosk-{number}", secret=1000 + number)
        write_private(folder.signing_key, private_pem(issued.key))
        request(folder, "code")
        answer = self.answer(issued.key.public_key(), issued, number, office)
        complete(folder, answer, fingerprint=self.fingerprint, settings=settings, random=os.urandom)
        return folder

    def note(self, machine: Machine, nonce: str = "", head_hash: str = "") -> Signed:
        """Return a signed anchor that says the machine's true time."""
        body = Anchor(nonce=nonce, head_hash=head_hash, rx=machine.true, tx=machine.true, err=50_000, epoch="e1")
        return sign_payload(ANCHOR_CONTEXT, canonical(body), self.server.key)

    def item(self, body: FeedBody, office: str = "E", *, at: int = 1) -> Signed:
        """Return the next feed item."""
        self.seq += 1
        item = FeedItem(office=office, seq=self.seq, prev=self.last, at=at, body=body)
        return self.seal(canonical(item))

    def seal(self, payload: bytes) -> Signed:
        """Return a signed feed payload that the next item follows."""
        self.last = hashlib.sha256(payload).hexdigest()
        return sign_payload(FEED_CONTEXT, payload, self.server.key)


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as the kiosk keeps it."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def opened(folder: Folder, machine: Machine, name: str = "machine") -> Journal:
    """Return the journal of a folder, opened on a machine."""
    return Journal.open(folder, ticks=machine, random=os.urandom, machine=name)


def slip(journal: Journal, name: str = "张三", phone: str = "13800000001") -> SlipStamped:
    """Return a stamped slip with the number that comes next."""
    return SlipStamped(
        slip=journal.next_slip_number(), pool="river", office="E", salesperson="101", stamped_by="201",
        received_on=date(2026, 3, 2), content=SlipContent(names=(name,), phones=(phone,), need=Need(kind="flat")),
    )  # fmt: skip
