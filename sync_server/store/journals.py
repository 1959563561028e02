"""Journals as they lie in the database: records verbatim in the order of arrival, bodies sealed beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared_rules.errors import EvidenceError
from shared_rules.facts import LogId
from shared_rules.journal import SALT_SIZE, ZERO_HASH
from shared_rules.protocol import Entry
from shared_rules.words import say
from sync_server.store import leaves

if TYPE_CHECKING:
    from sync_server.store.sqlite import Transaction

__all__ = [
    "Kept",
    "LogState",
    "add_log",
    "add_record",
    "entries_after",
    "erase_body",
    "freeze",
    "has_record",
    "hash_at",
    "head_payload",
    "last_position",
    "log_state",
    "logs",
    "note_head",
    "position_of",
    "quarantined",
    "records_after",
    "set_floor",
]


@dataclass(frozen=True, slots=True)
class LogState:
    """One journal as the server holds it: the next sequence number wanted, the hash of the last one held.

    `first` orders journals by their first arrival here.
    """

    first: int
    log: LogId
    next: int
    hash: str
    floor: int
    frozen: bool
    head_seq: int
    heard_at: int
    unsent: int
    version: str
    office: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored record with its opened body; `position` is its place in the order of arrival at the server."""

    position: int
    branch: int
    frozen: bool
    quarantine: str
    received_at: int
    office: str
    entry: Entry
    """Salt and body are empty where they were erased."""
    redacted: bytes
    """What stands in the place of an erased body, empty = nothing."""


_STATE = """SELECT l.rowid AS first, l.*, coalesce(k.office, '') AS office
    FROM logs l LEFT JOIN kiosks k ON k.kiosk = l.kiosk"""


def _state(row: dict[str, object]) -> LogState:
    values = {
        name: row[name] for name in ("first", "next", "hash", "floor", "head_seq", "heard_at", "unsent", "version")
    }
    log = LogId(int(str(row["kiosk"])), int(str(row["inc"])))
    return LogState(log=log, frozen=bool(row["frozen"]), office=str(row["office"]), **values)  # type: ignore[arg-type]


def log_state(tx: Transaction, log: LogId) -> LogState | None:
    """Return the state of a journal, None if nothing of it ever arrived."""
    row = tx.one(f"{_STATE} WHERE l.kiosk = ? AND l.inc = ?", *log)
    return _state(row) if row else None


def logs(tx: Transaction) -> list[LogState]:
    """Return all journals, the server's own first."""
    return [_state(row) for row in tx.rows(f"{_STATE} ORDER BY l.kiosk, l.inc")]


def add_log(tx: Transaction, log: LogId) -> None:
    """Begin to keep a journal."""
    tx.insert("logs", kiosk=log.kiosk, inc=log.inc, next=1, hash=ZERO_HASH.hex())


def hash_at(tx: Transaction, log: LogId, seq: int) -> str | None:
    """Return the hash of the record at `seq` of the main branch; 64 zeros for 0, None for one not held."""
    if seq == 0:
        return ZERO_HASH.hex()
    row = tx.one("SELECT hash FROM records WHERE kiosk = ? AND inc = ? AND seq = ? AND branch = 0", *log, seq)
    return str(row["hash"]) if row else None


def has_record(tx: Transaction, log: LogId, digest: str) -> bool:
    """Return whether a record of this hash is held, on any branch."""
    return tx.one("SELECT 1 FROM records WHERE kiosk = ? AND inc = ? AND hash = ?", *log, digest) is not None


def add_record(
    tx: Transaction, log: LogId, entry: Entry, *, seq: int, digest: str, at: int, branch: int = 0,
    quarantine: str = "", frozen: bool = False,
) -> int:  # fmt: skip
    """Keep a record verbatim with its sealed body; on branch 0 it becomes the journal's last. Return its position."""
    position = tx.insert(
        "records", kiosk=log.kiosk, inc=log.inc, seq=seq, branch=branch, hash=digest, record=entry.record,
        signature=entry.signature, received_at=at, quarantine=quarantine, frozen=int(frozen),
    )  # fmt: skip
    sealed = tx.sealer.seal(entry.salt + entry.body, entry.record)
    tx.insert("bodies", position=position, sealed=sealed)
    leaves.grow(tx.db, position)
    if branch == 0:
        tx.run("UPDATE logs SET next = ?, hash = ? WHERE kiosk = ? AND inc = ?", seq + 1, digest, *log)
    return position


def position_of(tx: Transaction, log: LogId, seq: int) -> int:
    """Return the place of a journal's record in the order of arrival."""
    row = tx.one("SELECT position FROM records WHERE kiosk = ? AND inc = ? AND seq = ? AND branch = 0", *log, seq)
    assert row is not None
    return int(row["position"])


def erase_body(tx: Transaction, position: int, redacted: bytes) -> None:
    """Take a record's salt and body away for good, and put a redacted fact in their place."""
    tx.run("DELETE FROM bodies WHERE position = ?", position)
    tx.run("INSERT OR REPLACE INTO erased (position, redacted) VALUES (?, ?)", position, redacted)


def freeze(tx: Transaction, log: LogId) -> None:
    """Take the automatic effect from whatever this journal brings from now on."""
    tx.run("UPDATE logs SET frozen = 1 WHERE kiosk = ? AND inc = ?", *log)


def note_head(
    tx: Transaction, log: LogId, *, seq: int, payload: bytes, signature: bytes, at: int, unsent: int, version: str
) -> None:
    """Keep the last signed head of a journal; an older one does not replace a newer one."""
    tx.run(
        """UPDATE logs SET heard_at = ?, unsent = ?, version = ?, head_seq = ?, head_payload = ?, head_signature = ?
        WHERE kiosk = ? AND inc = ? AND head_seq <= ?""",
        at, unsent, version, seq, payload, signature, *log, seq,
    )  # fmt: skip


def head_payload(tx: Transaction, log: LogId) -> bytes:
    """Return the last head of a journal as it was signed, empty if none was heard."""
    row = tx.one("SELECT head_payload FROM logs WHERE kiosk = ? AND inc = ?", *log)
    return bytes(row["head_payload"] or b"") if row else b""


def set_floor(tx: Transaction, log: LogId, floor: int) -> None:
    """Raise a journal's floor; a promise once given is never taken back."""
    tx.run("UPDATE logs SET floor = max(floor, ?) WHERE kiosk = ? AND inc = ?", floor, *log)


_KEPT = """SELECT r.position, r.branch, r.frozen, r.quarantine, r.received_at, r.record, r.signature, b.sealed,
    e.redacted, coalesce(k.office, '') AS office
    FROM records r LEFT JOIN bodies b USING (position) LEFT JOIN erased e USING (position)
    LEFT JOIN kiosks k ON k.kiosk = r.kiosk"""


def _kept(tx: Transaction, row: dict[str, object]) -> Kept:
    record, signature, sealed, redacted = (row[name] for name in ("record", "signature", "sealed", "redacted"))
    assert isinstance(record, bytes)
    assert isinstance(signature, bytes)
    assert sealed is None or isinstance(sealed, bytes)
    assert redacted is None or isinstance(redacted, bytes)
    if sealed is None and redacted is None:
        raise EvidenceError(say("库中一条记录的正文不见了，也没有删除它的记录：内容被改动过"))
    plain = b"" if sealed is None else tx.sealer.open(sealed, record)
    entry = Entry(record=record, signature=signature, salt=plain[:SALT_SIZE], body=plain[SALT_SIZE:])
    return Kept(
        int(str(row["position"])), int(str(row["branch"])), bool(row["frozen"]), str(row["quarantine"]),
        int(str(row["received_at"])), str(row["office"]), entry, redacted or b"",
    )  # fmt: skip


def records_after(tx: Transaction, position: int, *, most: int) -> list[Kept]:
    """Return up to `most` records in the order of arrival, of all journals and branches."""
    rows = tx.rows(f"{_KEPT} WHERE r.position > ? ORDER BY r.position LIMIT ?", position, most)
    return [_kept(tx, row) for row in rows]


def quarantined(tx: Transaction) -> int:
    """Return how many records are kept whose meaning could not be taken."""
    row = tx.one("SELECT count(*) AS held FROM records WHERE quarantine <> ''")
    return int(row["held"]) if row else 0


def last_position(tx: Transaction) -> int:
    """Return the position of the record that arrived last."""
    row = tx.one("SELECT coalesce(max(position), 0) AS last FROM records")
    return int(row["last"]) if row else 0


def entries_after(tx: Transaction, log: LogId, after: int, *, most: int) -> list[Entry]:
    """Return up to `most` records of a journal's main branch after a sequence number."""
    sql = f"{_KEPT} WHERE r.kiosk = ? AND r.inc = ? AND r.branch = 0 AND r.seq > ? ORDER BY r.seq LIMIT ?"
    return [_kept(tx, row).entry for row in tx.rows(sql, *log, after, most)]
