"""Receipts that people showed the server: who carries one proves that its record existed by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared_rules.facts import LogId
    from sync_server.store.sqlite import Transaction

__all__ = ["add_receipt", "receipts_of", "seen_by"]


def seen_by(tx: Transaction, log: LogId, seq: int, digest: str) -> int | None:
    """Return by when at the latest a record existed, microseconds; 0 = the clock could not say, None = never shown."""
    sql = "SELECT latest FROM pockets WHERE kiosk = ? AND inc = ? AND seq = ? AND hash = ?"
    row = tx.one(sql, *log, seq, digest)
    return int(row["latest"]) if row else None


def receipts_of(tx: Transaction, log: LogId, first: int, last: int) -> dict[int, set[str]]:
    """Return the hashes of the records of a journal that were shown, by number, from `first` to `last`."""
    found: dict[int, set[str]] = {}
    sql = "SELECT seq, hash FROM pockets WHERE kiosk = ? AND inc = ? AND seq BETWEEN ? AND ?"
    for row in tx.rows(sql, *log, first, last):
        found.setdefault(int(row["seq"]), set()).add(str(row["hash"]))
    return found


def add_receipt(
    tx: Transaction, log: LogId, seq: int, digest: str, *, record: bytes, signature: bytes, latest: int
) -> None:
    """Keep a receipt that was shown for the first time."""
    tx.insert(
        "pockets", kiosk=log.kiosk, inc=log.inc, seq=seq, hash=digest, record=record, signature=signature,
        latest=latest,
    )  # fmt: skip
