"""A record as the chain needs it, and why its meaning is not taken, where it is not: seen before anything is kept."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.errors import EvidenceError, WireError
from shared_rules.evidence import verify_record
from shared_rules.journal import Place, Record, RecordKind, check_body, place_of
from shared_rules.seals import SealBody
from shared_rules.wire import decode_canonical, decode_fact
from sync_server.pki import public_key_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    from shared_rules.protocol import Entry, Head
    from sync_server.store.certificates import Certificate

__all__ = ["UNPROVED", "CertifiedKeys", "Link", "covered", "keys_of", "link_of"]

CertifiedKeys = list[tuple["EllipticCurvePublicKey", bytes]]
"""Keys with the digests of their certificates, the newest first."""
UNPROVED: Final = ("signature", "header")
"""Quarantined records whose own signature does not vouch for them: a signed head must."""


@dataclass(frozen=True, slots=True)
class Link:
    """A record as the chain needs it, with why its meaning is not taken (quarantine), if so."""

    place: Place
    record: Record | None
    """None where this release does not know its grade or kind."""
    entry: Entry
    digest: str
    quarantine: str


def keys_of(held: list[Certificate]) -> CertifiedKeys:
    """Return the keys of a kiosk's certificates."""
    return [(public_key_of(one.certificate.encode()), bytes.fromhex(one.digest)) for one in held]


def link_of(entry: Entry, keys: CertifiedKeys) -> Link:
    """Return a record as it stands to its journal; WireError for bytes that are no record."""
    place = place_of(entry.record)
    digest = hashlib.sha256(entry.record).hexdigest()
    try:
        record = Record.unpack(entry.record)
    except WireError:
        return Link(place, None, entry, digest, "header")
    return Link(place, record, entry, digest, _quarantine(record, entry, keys))


def _quarantine(record: Record, entry: Entry, keys: CertifiedKeys) -> str:
    """Return why a record's meaning is not taken; a kiosk enrolled again vouches by its head for its older keys."""
    if not any(_signed(record, entry, *key) for key in keys):
        return "signature"
    try:
        check_body(record, entry.salt, entry.body)
    except EvidenceError:
        return "commitment"
    try:
        if record.kind is RecordKind.FACT:
            decode_fact(entry.body)
        elif record.kind is RecordKind.SEAL:
            decode_canonical(entry.body, SealBody)
    except WireError:
        return "body"
    return ""


def _signed(record: Record, entry: Entry, key: EllipticCurvePublicKey, certificate: bytes) -> bool:
    try:
        verify_record(record, entry.signature, key, certificate)
    except EvidenceError:
        return False
    return True


def covered(links: list[Link], head: Head) -> bool:
    """Return whether the signed head vouches for every record: an unbroken chain that ends in it."""
    chained = all(later.place.prev.hex() == link.digest for link, later in itertools.pairwise(links))
    return chained and (links[-1].place.seq, links[-1].digest) == (head.seq, head.hash)
