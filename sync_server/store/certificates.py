"""The certificates that each kiosk had, and what came in under one that counts no more: evidence, without effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shared_rules.facts import LogId
    from shared_rules.protocol import Entry
    from sync_server.store.sqlite import Transaction

__all__ = [
    "Certificate",
    "add_certificate",
    "certificates",
    "end_certificate",
    "first_issued",
    "withheld",
    "withhold",
]

_MOST_WITHHELD: Final = 100_000
"""Records kept of one kiosk: more than it stamps in years, and a thief cannot fill the disk."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM, the SHA-256 of its DER in hex, and when and why it stopped counting (0, "" = it counts)."""

    certificate: str
    digest: str
    ended_at: int
    reason: str


def add_certificate(tx: Transaction, kiosk: int, *, certificate: str, digest: str, at: int) -> None:
    """Keep a certificate that was issued to a kiosk."""
    tx.insert("certificates", kiosk=kiosk, certificate=certificate, digest=digest, issued_at=at)


def certificates(tx: Transaction, kiosk: int) -> list[Certificate]:
    """Return a kiosk's certificates, the newest first."""
    sql = "SELECT certificate, digest, ended_at, reason FROM certificates WHERE kiosk = ? ORDER BY number DESC"
    return [Certificate(**row) for row in tx.rows(sql, kiosk)]


def first_issued(tx: Transaction, kiosk: int) -> int:
    """Return when a kiosk was enrolled for the first time, microseconds of the server; 0 = never."""
    row = tx.one("SELECT coalesce(min(issued_at), 0) AS at FROM certificates WHERE kiosk = ?", kiosk)
    return int(row["at"]) if row else 0


def end_certificate(tx: Transaction, digest: str, *, at: int, reason: str) -> bool:
    """Let a certificate count no more; return False if it had ended already."""
    sql = "UPDATE certificates SET ended_at = ?, reason = ? WHERE digest = ? AND ended_at = 0"
    return tx.run(sql, at, reason, digest) == 1


def withhold(tx: Transaction, log: LogId, entry: Entry, *, seq: int, digest: str, at: int) -> None:
    """Keep a record that came under a revoked certificate, as evidence; nothing reads it but people."""
    row = tx.one("SELECT count(*) AS held FROM withheld WHERE kiosk = ?", log.kiosk)
    if row is None or int(row["held"]) >= _MOST_WITHHELD:
        return
    tx.run(
        "INSERT OR IGNORE INTO withheld (kiosk, inc, seq, hash, record, signature, sealed, received_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *log, seq, digest, entry.record, entry.signature, tx.sealer.seal(entry.salt + entry.body, entry.record), at,
    )  # fmt: skip


def withheld(tx: Transaction, kiosk: int) -> int:
    """Return how many records of a kiosk lie there as evidence only."""
    row = tx.one("SELECT count(*) AS held FROM withheld WHERE kiosk = ?", kiosk)
    return int(row["held"]) if row else 0
