"""The register's own index: by which keyed hashes each claim's customer can be found, and nothing that names anybody.

One row a claim and a row for each of its keys. A key that two claims share proposes a comparison and proves nothing:
whoever asks compares the records.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.blocking import hashed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync_server.store.sqlite import Transaction

__all__ = ["Indexed", "borne_by", "candidates", "forget", "indexed", "key_of", "live_ones", "put", "set_live"]

COMMON: Final = 30
"""A key that more claims share proposes none of them: a name of two frequent characters, an exchange's digits."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A claim in the index: `digest` is of the content that the keys were made of, `called` of the name on it."""

    claim: str
    digest: int
    called: int
    live: bool
    keys: tuple[int, ...]


_ROW: Final = "SELECT claim, digest, called, live, keys FROM register_claims"


def _indexed(row: dict[str, object]) -> Indexed:
    keys = row["keys"]
    assert isinstance(keys, bytes)
    digest, called, live = (int(str(row[name])) for name in ("digest", "called", "live"))
    return Indexed(str(row["claim"]), digest, called, bool(live), tuple(array("q", keys)))


def key_of(pool: str, key: str, secret: bytes) -> int:
    """Return a key of a customer in a pool as it is kept: 63 bits that name nobody without the secret."""
    return hashed(f"{pool}\n{key}", secret)


def indexed(tx: Transaction, claim: str) -> Indexed | None:
    """Return a claim's row."""
    row = tx.one(f"{_ROW} WHERE claim = ?", claim)
    return _indexed(row) if row else None


def live_ones(tx: Transaction) -> Iterator[Indexed]:
    """Yield the claims that were live when they were looked at last."""
    for row in tx.rows(f"{_ROW} WHERE live = 1 ORDER BY id"):
        yield _indexed(row)


def put(tx: Transaction, item: Indexed) -> None:
    """Index a claim, or index it anew by other keys."""
    forget(tx, item.claim)
    number = tx.insert(
        "register_claims", claim=item.claim, digest=item.digest, called=item.called, live=int(item.live),
        keys=array("q", item.keys).tobytes(),
    )  # fmt: skip
    tx.db.conn.executemany(
        "INSERT OR IGNORE INTO register_keys (key, id) VALUES (?, ?)", [(key, number) for key in item.keys]
    )


def set_live(tx: Transaction, claim: str, *, live: bool) -> None:
    """Note whether a claim is live."""
    tx.run("UPDATE register_claims SET live = ? WHERE claim = ?", int(live), claim)


def forget(tx: Transaction, claim: str) -> None:
    """Take a claim out of the index: it is erased, or indexed anew."""
    row = tx.one("SELECT id, keys FROM register_claims WHERE claim = ?", claim)
    if row is None:
        return
    keys = [(key, row["id"]) for key in array("q", row["keys"])]
    tx.db.conn.executemany("DELETE FROM register_keys WHERE key = ? AND id = ?", keys)
    tx.run("DELETE FROM register_claims WHERE id = ?", row["id"])


def candidates(tx: Transaction, keys: Sequence[int], *, most: int = COMMON) -> list[str]:
    """Return the claims, live or not, that share one of these keys; a key of more than `most` proposes nobody."""
    found: set[int] = set()
    execute = tx.db.conn.execute  # sqlite-utils' own takes longer than these small questions
    for key in keys:
        rows = execute("SELECT id FROM register_keys WHERE key = ? LIMIT ?", (key, most + 1)).fetchall()
        if len(rows) <= most:
            found.update(row[0] for row in rows)
    marks = ", ".join("?" * len(found))
    sql = f"SELECT claim FROM register_claims WHERE id IN ({marks}) ORDER BY id"  # noqa: S608 - marks only
    return [str(row[0]) for row in execute(sql, sorted(found))]


def borne_by(tx: Transaction, key: int, *, most: int) -> int:
    """Return under how many different names a number (its key) stands in the register, counted up to `most`."""
    sql = """SELECT count(*) FROM (
        SELECT DISTINCT called FROM register_keys JOIN register_claims USING (id) WHERE key = ? LIMIT ?)"""
    return int(tx.db.execute(sql, (key, most)).fetchone()[0])
