"""What is to be printed: plain text files in the spool folder, written after the commit they tell of.

A second copy says 补打. Printers and PDF come behind the same call; who has no printer reads the file or the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.database import Database, transaction
from kiosk.words import LEXICON
from shared_rules.errors import UnavailableError
from shared_rules.words import Language, Say, say

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Printing"]


class Printing:
    """The spool of one kiosk."""

    def __init__(self, db: Database, spool: Path) -> None:
        self._db = db
        self._spool = spool

    def copies(self, kind: str, slip: str) -> int:
        """Return how often a paper was printed."""
        row = self._db.one("SELECT copies FROM prints WHERE kind = ? AND slip = ?", kind, slip)
        return int(row[0]) if row else 0

    def forget(self, slip: str) -> None:
        """Remove the papers of a slip from the spool: its customer's data are erased."""
        for path in self._spool.glob(f"{slip}-*.txt"):
            path.unlink(missing_ok=True)

    def put(self, kind: str, slip: str, lines: tuple[Say, ...], language: Language) -> Path:
        """Write a paper into the spool and return its file; from the second copy on it is marked.

        Raises UnavailableError where the disk does not take it; the stamp it tells of stands all the same.
        """
        copies = self.copies(kind, slip)
        marked = (*lines, say("【补打】第 {copy} 份", copy=copies + 1)) if copies else lines
        text = "\n".join(LEXICON.text(line, language) for line in marked) + "\n"
        path = self._spool / f"{slip}-{kind}-{copies + 1}.txt"
        try:
            self._spool.mkdir(mode=0o700, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)
        except OSError as error:
            raise UnavailableError(say("打印件写不进磁盘；盖章已生效，请检查磁盘后补打")) from error
        with transaction(self._db):
            self._db.run("INSERT OR REPLACE INTO prints VALUES (?, ?, ?)", kind, slip, copies + 1)
        return path
