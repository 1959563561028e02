"""Half-filled forms and slips that wait for the stamp: encrypted at rest, kept through a crash, without a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kiosk.counter import Draft, Form, Pending
from kiosk.database import Database, transaction
from kiosk.sealing import Sealer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Drafts"]


class _Waiting(msgspec.Struct, frozen=True):
    form: Form
    salesperson: str
    handed_in_at: int


class Drafts:
    """The counter's unfinished papers."""

    def __init__(self, db: Database, sealer: Sealer, name_of: Callable[[str], str]) -> None:
        self._db = db
        self._sealer = sealer
        self._name_of = name_of

    # --- half-filled forms

    def save(self, person: str, draft: Draft) -> None:
        """Keep a person's form as it stands; an earlier one of the same name is replaced."""
        sealed = self._sealer.seal(msgspec.json.encode(draft), _about("draft", person, draft.name))
        with transaction(self._db):
            self._db.run("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?)", person, draft.name, sealed)

    def of(self, person: str) -> tuple[Draft, ...]:
        """Return a person's half-filled forms, the latest first."""
        rows = self._db.rows("SELECT name, sealed FROM drafts WHERE person = ?", person)
        drafts = [
            msgspec.json.decode(self._sealer.open(sealed, _about("draft", person, name)), type=Draft)
            for name, sealed in rows
        ]
        return tuple(sorted(drafts, key=lambda draft: -draft.saved_at))

    def drop(self, person: str, name: str) -> None:
        """Throw a half-filled form away."""
        with transaction(self._db):
            self._db.run("DELETE FROM drafts WHERE person = ? AND name = ?", person, name)

    # --- slips that wait for the stamp

    def hand_in(self, person: str, form: Form, handed_in_at: int, *, draft: str = "") -> Pending:
        """Keep a form until the clerk stamps it; the draft it came from goes in the same transaction."""
        with transaction(self._db):
            number = int(self._db.run("INSERT INTO pending (sealed) VALUES (x'')").lastrowid)
            body = msgspec.json.encode(_Waiting(form, person, handed_in_at))
            sealed = self._sealer.seal(body, _about("pending", str(number)))
            self._db.run("UPDATE pending SET sealed = ? WHERE id = ?", sealed, number)
            self._db.run("DELETE FROM drafts WHERE person = ? AND name = ?", person, draft)
        return Pending(number, form, person, self._name_of(person), handed_in_at)

    def pending(self) -> tuple[Pending, ...]:
        """Return what waits for the stamp, in the order of the queue."""
        found = []
        for number, sealed in self._db.rows("SELECT id, sealed FROM pending ORDER BY id"):
            opened = self._sealer.open(sealed, _about("pending", str(number)))
            waiting = msgspec.json.decode(opened, type=_Waiting)
            name = self._name_of(waiting.salesperson)
            found.append(Pending(number, waiting.form, waiting.salesperson, name, waiting.handed_in_at))
        return tuple(found)

    @staticmethod
    def taken(db: Database, number: int) -> None:
        """Take a slip off the queue; inside the stamp's own transaction."""
        db.run("DELETE FROM pending WHERE id = ?", number)

    def discard(self, number: int) -> None:
        """Take a slip off the queue unstamped: the salesperson changed their mind."""
        with transaction(self._db):
            self.taken(self._db, number)


def _about(*parts: str) -> bytes:
    return "\x1f".join(parts).encode()
