"""The offices' feeds: signed items in gapless order, and what was published last about each subject."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from shared_rules.journal import ZERO_HASH
from shared_rules.protocol import Signed

if TYPE_CHECKING:
    from sync_server.store.sqlite import Transaction

__all__ = ["add_item", "hash_at", "items_after", "last_item", "published", "published_body", "set_published"]


def last_item(tx: Transaction, office: str) -> tuple[int, str]:
    """Return (sequence number, hash) of an office's last item; (0, 64 zeros) if there is none."""
    row = tx.one("SELECT seq, hash FROM feed WHERE office = ? ORDER BY seq DESC LIMIT 1", office)
    return (int(row["seq"]), str(row["hash"])) if row else (0, ZERO_HASH.hex())


def hash_at(tx: Transaction, office: str, seq: int) -> str:
    """Return the hash of an office's item: 64 zeros for 0, "" for one that is not there."""
    if seq == 0:
        return ZERO_HASH.hex()
    row = tx.one("SELECT hash FROM feed WHERE office = ? AND seq = ?", office, seq)
    return str(row["hash"]) if row else ""


def add_item(tx: Transaction, office: str, seq: int, item: Signed) -> None:
    """Keep a signed item."""
    digest = hashlib.sha256(item.payload).hexdigest()
    tx.insert("feed", office=office, seq=seq, hash=digest, payload=item.payload, signature=item.signature)


def items_after(tx: Transaction, office: str, seq: int, *, most: int) -> list[Signed]:
    """Return up to `most` items of an office after a sequence number, in order."""
    sql = "SELECT payload, signature FROM feed WHERE office = ? AND seq > ? ORDER BY seq LIMIT ?"
    return [Signed(payload=row["payload"], signature=row["signature"]) for row in tx.rows(sql, office, seq, most)]


def published(tx: Transaction) -> dict[tuple[str, str], bytes]:
    """Return the bodies that were published last, by (office, subject)."""
    return {(row["office"], row["subject"]): row["body"] for row in tx.rows("SELECT * FROM published")}


def published_body(tx: Transaction, office: str, subject: str) -> bytes | None:
    """Return what one office was told last about a subject."""
    row = tx.one("SELECT body FROM published WHERE office = ? AND subject = ?", office, subject)
    return bytes(row["body"]) if row else None


def set_published(tx: Transaction, office: str, subject: str, body: bytes) -> None:
    """Remember what was published last about a subject."""
    tx.run(
        """INSERT INTO published VALUES (?, ?, ?, ?)
        ON CONFLICT (office, subject) DO UPDATE SET digest = excluded.digest, body = excluded.body""",
        office, subject, hashlib.sha256(body).hexdigest(), body,
    )  # fmt: skip
