"""Questions about pairs of claims that may be one customer: one row a pair, whatever becomes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sync_server.store.sqlite import Transaction

__all__ = ["OPEN", "QuestionRow", "Side", "end", "note_answer", "open_again", "question", "question_of", "questions",
           "questions_about"]  # fmt: skip

OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two claims, the name that its office knows the question by, and when the answers came; 0 = not yet."""

    claim: str
    name: str
    answered_at: int = 0


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question; `state` is open, found (a person said) or moot, `presumed` = settlement rules on the equal name."""

    number: int
    pool: str
    one: Side
    other: Side
    grounds: tuple[str, ...]
    presumed: bool
    opened_at: int
    due_at: int
    state: str = OPEN

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both."""
        return self.one, self.other

    @property
    def claims(self) -> tuple[str, str]:
        """Both claims, sorted."""
        return self.one.claim, self.other.claim


def _row(row: dict[str, object]) -> QuestionRow:
    one, other = (
        Side(str(row[f"{side}_claim"]), str(row[f"{side}_name"]), int(str(row[f"{side}_answered"])))
        for side in ("one", "other")
    )
    return QuestionRow(
        int(str(row["number"])), str(row["pool"]), one, other, tuple(json.loads(str(row["grounds"]))),
        bool(row["presumed"]), int(str(row["opened_at"])), int(str(row["due_at"])), str(row["state"]),
    )  # fmt: skip


def open_again(tx: Transaction, item: QuestionRow) -> QuestionRow:
    """Open a question about a pair, or let the pair's question be open as it is now; return the row."""
    tx.run(
        """INSERT INTO questions
        (pool, one_claim, one_name, other_claim, other_name, grounds, presumed, opened_at, due_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (one_claim, other_claim) DO UPDATE SET
        grounds = excluded.grounds, presumed = excluded.presumed, due_at = excluded.due_at, state = 'open'""",
        item.pool, item.one.claim, item.one.name, item.other.claim, item.other.name, json.dumps(item.grounds),
        int(item.presumed), item.opened_at, item.due_at,
    )  # fmt: skip
    row = tx.one("SELECT * FROM questions WHERE one_claim = ? AND other_claim = ?", *item.claims)
    assert row is not None
    return _row(row)


def question(tx: Transaction, number: int) -> QuestionRow | None:
    """Return one question."""
    row = tx.one("SELECT * FROM questions WHERE number = ?", number)
    return _row(row) if row else None


def question_of(tx: Transaction, name: str) -> QuestionRow | None:
    """Return the question that an office knows by this name."""
    row = tx.one("SELECT * FROM questions WHERE one_name = ? OR other_name = ?", name, name)
    return _row(row) if row else None


def questions(tx: Transaction, *, state: str = "") -> list[QuestionRow]:
    """Return all questions, or those in one state, the most urgent first."""
    rows = tx.rows("SELECT * FROM questions WHERE ? IN ('', state) ORDER BY due_at, number", state)
    return [_row(row) for row in rows]


def questions_about(tx: Transaction, claim: str) -> list[QuestionRow]:
    """Return the questions in which a claim is one side."""
    rows = tx.rows("SELECT * FROM questions WHERE one_claim = ? OR other_claim = ? ORDER BY number", claim, claim)
    return [_row(row) for row in rows]


def end(tx: Transaction, number: int, state: str) -> None:
    """Let a question be answered by a finding, or moot."""
    tx.run("UPDATE questions SET state = ? WHERE number = ?", state, number)


def note_answer(tx: Transaction, item: QuestionRow, name: str, at: int) -> None:
    """Note when the answers of the office that knows a question by this name were given."""
    side = "one_answered" if item.one.name == name else "other_answered"
    tx.run(f"UPDATE questions SET {side} = ? WHERE number = ?", at, item.number)  # noqa: S608 - one of two columns
