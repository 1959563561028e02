"""Practice mode: a counter beside the real one, with keys, people and a journal of its own; nothing of it counts.

It lies in `practice/` of the kiosk's folder and knows no server: its certificates were issued by a CA that was thrown
away at once, so that no server and no verifier takes a practice slip for a real one. Its people and their PIN stand on
the screen.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.config import Folder, Settings, load_config, write_private
from kiosk.desk import Desk
from kiosk.enrolment import comparison, complete, enrolled, request
from kiosk.practice import ticks_of
from shared_rules.evidence import certificate_digest, sign_payload
from shared_rules.facts import Role
from shared_rules.interval import SECOND
from shared_rules.journal import ZERO_HASH
from shared_rules.protocol import (
    ANCHOR_CONTEXT,
    FEED_CONTEXT,
    Anchor,
    EnrolAnswer,
    FeedAnswer,
    FeedItem,
    Signed,
    StaffItem,
)
from shared_rules.wire import canonical
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from kiosk.clock import Ticks

__all__ = ["PIN", "classroom", "lesson", "open_classroom"]

PIN: Final = "204060"
_START: Final = "102030"
_PEOPLE: Final = (
    ("201", "练习确认员", Role.CLERK),
    ("301", "练习签约员", Role.CONTRACT_OFFICE),
    ("401", "练习主管", Role.SUPERVISOR),
    ("101", "练习业务甲", Role.SALESPERSON),
    ("102", "练习业务乙", Role.SALESPERSON),
)
_FROM, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)
_EPOCH: Final = "practice"
_TEACHER: Final = "teacher.key"


def lesson() -> Say:
    """Return who can log in here."""
    return say("练习：确认员 201、签约员 301、主管 401、业务 101 和 102，密码都是 {pin}；盖的章都不算数", pin=PIN)


def classroom(folder: Folder) -> Folder:
    """Return the practice folder of a kiosk's folder, made at the first call; the real one need not be enrolled yet."""
    place = Folder(folder.root / "practice")
    if not enrolled(place):
        _furnish(place, *_copied(folder))
    return place


def open_classroom(place: Folder, *, ticks: Ticks | None = None, random: Callable[[int], bytes] = os.urandom) -> Desk:
    """Open the practice counter; the machine's own clock is believed here."""
    desk = Desk.open(place, ticks=ticks or ticks_of(load_config(place)), random=random)
    key = serialization.load_pem_private_key((place.keys / _TEACHER).read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    desk.lesson = lesson()
    if not desk.staff.items():
        _introduce(desk, key)
    now = desk.journal.clock.ticks.wall()
    note = Anchor(nonce="", head_hash="", rx=now, tx=now, err=SECOND, epoch=_EPOCH)
    tick = desk.journal.clock.ticks.tick()
    desk.journal.anchored(sign_payload(ANCHOR_CONTEXT, canonical(note), key), tick, tick)
    return desk


def _copied(folder: Folder) -> tuple[str, str, dict[str, str]]:
    """Return office, its name and its pools: the real ones where they are known."""
    if not enrolled(folder):
        return "L", "练习店", {"practice": "练习盘"}
    config = load_config(folder)
    return config.office, config.office_name, config.pools


def _furnish(place: Folder, office: str, name: str, pools: dict[str, str]) -> None:
    authority, teacher = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    asked = x509.load_pem_x509_csr(request(place, "practice").csr.encode())
    own = asked.public_key()
    assert isinstance(own, ec.EllipticCurvePublicKey)
    root = _certificate("Xianhou practice", authority.public_key(), authority, ca=True)
    answer = EnrolAnswer(
        kiosk=1, office=office, office_name=name, pools=pools,
        certificate=_pem(_certificate("Xianhou practice kiosk", own, authority)), ca=_pem(root),
        server_certificate=_pem(_certificate("Xianhou teacher", teacher.public_key(), authority)),
        epoch=_EPOCH, not_before=int(_FROM.timestamp()) * SECOND, comparison=comparison(root, own),
    )  # fmt: skip
    secret = teacher.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(place.keys / _TEACHER, secret)
    fingerprint = certificate_digest(root.public_bytes(serialization.Encoding.DER)).hex()
    settings = Settings(server="https://practice", practice=True)
    complete(place, answer, fingerprint=fingerprint, settings=settings, random=os.urandom)


def _certificate(
    name: str, public: ec.EllipticCurvePublicKey, authority: ec.EllipticCurvePrivateKey, *, ca: bool = False
) -> x509.Certificate:
    def common(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    draft = x509.CertificateBuilder(
        common("Xianhou practice"), common(name), public, x509.random_serial_number(), _FROM, _UNTIL
    )
    draft = draft.add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
    return draft.sign(authority, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _introduce(desk: Desk, teacher: ec.EllipticCurvePrivateKey) -> None:
    """Tell the counter its people, and set the PIN that the screen shows."""
    start = desk.staff.hashed(_START)
    items: list[Signed] = []
    last = ZERO_HASH.hex()
    for seq, (number, name, role) in enumerate(_PEOPLE, 1):
        body = StaffItem(
            person=number, name=name, office=desk.place.office, roles=(role,), badge=f"B{number}", start_pin=start
        )
        payload = canonical(FeedItem(office=desk.place.office, seq=seq, prev=last, at=1, body=body))
        last = hashlib.sha256(payload).hexdigest()
        items.append(sign_payload(FEED_CONTEXT, payload, teacher))
    desk.feed.apply(FeedAnswer(items=items, cursor=f"{_EPOCH}.{len(items)}"))
    for number, _, _ in _PEOPLE:
        desk.people.set_pin(number, _START, PIN)
