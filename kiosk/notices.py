"""公告栏: what the server told everybody, with a tick for who has read it at this kiosk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.database import transaction

if TYPE_CHECKING:
    from kiosk.acts import Acts
    from kiosk.counter import Session
    from shared_rules.words import Say

__all__ = ["Notice", "NoticeBoard"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as one person sees it."""

    id: str
    sentence: Say
    read: bool


@dataclass(frozen=True, slots=True)
class NoticeBoard:
    """Reads the board and keeps the ticks."""

    acts: Acts

    def all(self, session: Session) -> tuple[Notice, ...]:
        """Return all notices, the latest first."""
        rows = self.acts.journal.database.rows("SELECT notice FROM ticks WHERE person = ?", session.number)
        ticked = {row[0] for row in rows}
        named = ((_id(sentence), sentence) for sentence in self.acts.register.notices())
        return tuple(Notice(name, sentence, name in ticked) for name, sentence in named)

    def unread(self, session: Session) -> int:
        """Return how many this person has not ticked."""
        return sum(not notice.read for notice in self.all(session))

    def tick(self, session: Session, notice: str) -> None:
        """Note that the person has read a notice."""
        self.acts.alive(session)
        db = self.acts.journal.database
        with transaction(db):
            db.run("INSERT OR IGNORE INTO ticks VALUES (?, ?, ?)", session.number, notice, self.acts.now())


def _id(sentence: Say) -> str:
    return hashlib.sha256(repr((sentence.msgid, sentence.args)).encode()).hexdigest()[:16]
