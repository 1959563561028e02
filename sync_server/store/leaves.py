"""The Merkle tree's rows: the records themselves are its leaves, in the order of arrival, and nothing is kept twice.

Only roots of whole blocks of 256 records and of what is above them are stored, written by the transaction that brings
a block's last record. What lies within a block is computed from its records when a proof needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shared_rules.errors import EvidenceError
from shared_rules.tree import leaf_hash, node_hash, root_of
from shared_rules.words import say

if TYPE_CHECKING:
    from sqlite_utils import Database

    from shared_rules.tree import Nodes

__all__ = ["BLOCK", "grow", "nodes"]

_HEIGHT: Final = 8
BLOCK: Final = 1 << _HEIGHT
"""Records in a block."""


def grow(db: Database, position: int) -> None:
    """Keep what becomes whole with the record at `position` (1, 2, 3 …); inside the transaction that brought it."""
    if position % BLOCK:
        return
    level, index = _HEIGHT, position // BLOCK - 1
    found = root_of(_leaves(db, index))
    _keep(db, level, index, found)
    while index & 1:
        found = node_hash(_kept(db, level, index - 1), found)
        level, index = level + 1, index >> 1
        _keep(db, level, index, found)


def nodes(db: Database) -> Nodes:
    """Return the supplier of whole subtrees as they stand in this transaction; a block's records are read once."""
    blocks: dict[int, list[list[bytes]]] = {}

    def node(level: int, index: int) -> bytes:
        if level >= _HEIGHT:
            return _kept(db, level, index)
        block, place = divmod(index, 1 << (_HEIGHT - level))
        if block not in blocks:
            blocks[block] = _levels(_leaves(db, block))
        return blocks[block][level][place]

    return node


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    """Return every whole subtree of a block, level by level."""
    levels = [leaves]
    for _ in range(1, _HEIGHT):
        below = levels[-1]
        levels.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
    return levels


def _leaves(db: Database, block: int) -> list[bytes]:
    """Return the hashes of a block's records, as many as there are."""
    rows = db.execute(
        "SELECT position, record, signature FROM records WHERE position BETWEEN ? AND ? ORDER BY position",
        (block * BLOCK + 1, (block + 1) * BLOCK),
    ).fetchall()
    if [position for position, _, _ in rows] != list(range(block * BLOCK + 1, block * BLOCK + 1 + len(rows))):
        raise EvidenceError(say("库中的记录少了：有记录被删除过"))
    return [leaf_hash(record + signature) for _, record, signature in rows]


def _keep(db: Database, level: int, index: int, found: bytes) -> None:
    db.execute("INSERT INTO tree (level, place, hash) VALUES (?, ?, ?)", (level, index, found))


def _kept(db: Database, level: int, index: int) -> bytes:
    row = db.execute("SELECT hash FROM tree WHERE level = ? AND place = ?", (level, index)).fetchone()
    if row is None:
        raise EvidenceError(say("库中的记录少了：有记录被删除过"))
    return bytes(row[0])
