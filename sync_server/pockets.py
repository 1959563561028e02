"""What salespeople carry in their pockets, shown to the server by a phone: an upper bound of the time, and a witness.

A receipt that is shown proves that its record existed by then, also while its kiosk is cut off; the server writes that
into its own journal. Where the record is not the one that the journal holds, one of the two was forged with the
kiosk's key: an alarm. Nothing is kept of who showed it, and nothing that no kiosk's key signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from shared_rules.errors import EvidenceError
from shared_rules.evidence import open_receipt
from shared_rules.facts import SERVER_KIOSK
from shared_rules.journal import RECORD_SIZE, Record
from shared_rules.protocol import ReceiptPageItem
from shared_rules.words import say
from sync_server.pki import point_of, public_key_of
from sync_server.store import certificates, feeds, journals, persons, places, pockets

if TYPE_CHECKING:
    from sync_server.feed import Feed
    from sync_server.log import ServerLog
    from sync_server.pki import Signer
    from sync_server.store import Store, Transaction

__all__ = ["Pockets", "PublicKey", "PublicKeys", "ReceiptSeen"]

_SUBJECT: Final = "receipt page"


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to check a kiosk's receipts."""

    kiosk: int
    certificate: str
    """SHA-256 of the certificate's DER, hex."""
    point: str
    """The public key, uncompressed, hex."""
    ended_at: int
    """When the certificate was taken back or replaced, microseconds; 0 = it counts."""


class PublicKeys(msgspec.Struct, frozen=True, kw_only=True):
    """All of a server's: every certificate that a kiosk ever had, and the server's own as kiosk 0."""

    server: str
    keys: list[PublicKey]


class ReceiptSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to who shows a receipt."""

    latest: int
    """The record existed by then, microseconds; 0 = the server's clock could not say when it was first shown."""


@dataclass(frozen=True, slots=True)
class Pockets:
    """Takes receipts, and says by which keys they are checked."""

    store: Store
    log: ServerLog
    feed: Feed
    name: str
    page: str
    """Address of the page on the open network, "" = none."""

    def seen(self, receipt: bytes) -> ReceiptSeen:
        """Keep a receipt that is shown; again and again it is the same answer.

        Raises WireError or EvidenceError for one that does not hold: nothing is written then.
        """
        with self.store.snapshot() as tx:
            record, digest = self._proved(tx, receipt)
            latest = pockets.seen_by(tx, record.log, record.seq, digest)
        if latest is None:
            with self.store.transaction() as tx:
                latest = self._keep(tx, record, digest, receipt[RECORD_SIZE:])
        return ReceiptSeen(latest=latest)

    @staticmethod
    def _proved(tx: Transaction, receipt: bytes) -> tuple[Record, str]:
        kiosk = int.from_bytes(receipt[4:6], "big")
        refusal = EvidenceError(say("本服务器没有登记过 {kiosk} 号机", kiosk=kiosk), field="certificate")
        for held in certificates.certificates(tx, kiosk):
            try:
                record = open_receipt(receipt, public_key_of(held.certificate.encode()), bytes.fromhex(held.digest))
            except EvidenceError as error:
                refusal = error
            else:
                return record, record.digest().hex()
        raise refusal

    def _keep(self, tx: Transaction, record: Record, digest: str, signature: bytes) -> int:
        log, seq = record.log, record.seq
        known = pockets.seen_by(tx, log, seq, digest)
        if known is not None:
            return known
        reading = self.log.signed_now(tx)
        latest = reading.interval.hi if reading.synchronised else 0
        differs = bool(pockets.receipts_of(tx, log, seq, seq).get(seq, set()) - {digest})
        pockets.add_receipt(tx, log, seq, digest, record=record.pack(), signature=signature, latest=latest)
        self.log.note(tx, {"receipt": digest, "kiosk": log.kiosk, "inc": log.inc, "seq": seq}, reading)
        if differs or journals.hash_at(tx, log, seq) not in (None, digest):
            sentence = say(
                "有人出示了 {kiosk} 号机第 {seq} 号记录的凭证，与服务器见过的不是同一条：日志被改过，请管理员查看",
                kiosk=log.kiosk, seq=seq,
            )  # fmt: skip
            persons.add_alarm(tx, f"pocket {log.kiosk}.{log.inc}.{seq}", sentence, at=reading.now)
        return latest

    def keys(self) -> PublicKeys:
        """Return the public keys of every kiosk and of the server itself."""
        own = _key_of(SERVER_KIOSK, self.log.signer)
        with self.store.snapshot() as tx:
            held = [(place.kiosk, one) for place in places.kiosks(tx)
                    for one in certificates.certificates(tx, place.kiosk)]  # fmt: skip
        found = [
            PublicKey(
                kiosk=kiosk, certificate=one.digest, point=point_of(public_key_of(one.certificate.encode())).hex(),
                ended_at=one.ended_at,
            )
            for kiosk, one in held
        ]  # fmt: skip
        return PublicKeys(server=self.name, keys=[own, *found])

    def tell_offices(self) -> bool:
        """Tell every office where its receipts' codes lead, if it was told otherwise; return whether one was."""
        item = ReceiptPageItem(address=self.page)
        with self.store.snapshot() as tx:
            stale = [office.office for office in places.offices(tx) if self._told(tx, office.office) != self.page]
        if stale:
            with self.store.transaction() as tx:
                now = self.log.signed_now(tx).now
                for office in stale:
                    self.feed.publish_changed(tx, office, _SUBJECT, item, at=now)
        return bool(stale)

    @staticmethod
    def _told(tx: Transaction, office: str) -> str:
        told = feeds.published_body(tx, office, _SUBJECT)
        return msgspec.json.decode(told, type=ReceiptPageItem).address if told else ""


def _key_of(kiosk: int, signer: Signer) -> PublicKey:
    return PublicKey(
        kiosk=kiosk, certificate=signer.digest.hex(), point=point_of(signer.key.public_key()).hex(), ended_at=0
    )
