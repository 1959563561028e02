"""Same-day cases that wait for the sales manager (二.2.4), and how each ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_server.store.sqlite import Transaction

__all__ = ["CaseRow", "add_case", "case_row", "cases", "close_case"]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case: `state` is open, ruled, or gone (the collision is no more).

    `edges` are the pairs of claims that collide, `ruling` the canonical bytes of the RulingMade that ended it.
    """

    number: int
    pool: str
    day: date
    claims: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    opened_at: int
    state: str
    closed_at: int
    ruling: bytes


def _case(row: dict[str, object]) -> CaseRow:
    ruling = row["ruling"]
    return CaseRow(
        int(str(row["number"])), str(row["pool"]), date.fromisoformat(str(row["day"])),
        tuple(json.loads(str(row["claims"]))),
        tuple((first, second) for first, second in json.loads(str(row["edges"]))),
        int(str(row["opened_at"])), str(row["state"]), int(str(row["closed_at"])),
        ruling if isinstance(ruling, bytes) else b"",
    )  # fmt: skip


def add_case(
    tx: Transaction, *, pool: str, day: date, claims: tuple[str, ...], edges: tuple[tuple[str, str], ...], at: int
) -> None:
    """Open a case among claims, given sorted."""
    texts = {"claims": json.dumps(claims), "edges": json.dumps(edges)}
    tx.insert("cases", pool=pool, day=day.isoformat(), opened_at=at, **texts)


def cases(tx: Transaction, *, state: str = "") -> list[CaseRow]:
    """Return all cases, or those in one state, oldest first."""
    rows = tx.rows("SELECT * FROM cases WHERE ? IN ('', state) ORDER BY number", state)
    return [_case(row) for row in rows]


def case_row(tx: Transaction, number: int) -> CaseRow | None:
    """Return one case."""
    row = tx.one("SELECT * FROM cases WHERE number = ?", number)
    return _case(row) if row else None


def close_case(tx: Transaction, number: int, *, state: str, at: int, ruling: bytes = b"") -> bool:
    """End an open case; return False if it was not open any more."""
    sql = "UPDATE cases SET state = ?, closed_at = ?, ruling = ? WHERE number = ? AND state = 'open'"
    return tx.run(sql, state, at, ruling, number) == 1
