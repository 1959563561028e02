"""What is to be printed: a queue in the database, written after the commit that it tells of, tried until it is out.

A second copy says 补打; a paper of which a part may be out already says so. The queue holds the texts sealed, and only
until they are printed. Who has no printer reads the files of the spool folder.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk import escpos
from kiosk.config import PrinterSettings
from kiosk.database import Database, transaction
from kiosk.devices import UncertainError, send, write_paper
from kiosk.receipt import modules, qr_rows, svg
from kiosk.words import LEXICON
from shared_rules.errors import UnavailableError, XianhouError
from shared_rules.words import Language, Say, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kiosk.sealing import Sealer

__all__ = ["Printing"]

_ENDINGS: Final = {"text": "txt", "pdf": "pdf", "gb18030": "bin", "raster": "bin"}


class _Sheet(msgspec.Struct, frozen=True):
    """A paper in the queue."""

    lines: tuple[str, ...]
    code: bytes
    doubt: str
    """What is added where a part may be out already."""
    page: str = ""
    """Where the code leads, "" = it holds the bare receipt."""


@dataclass(frozen=True, slots=True)
class _Job:
    id: int
    kind: str
    slip: str
    copy: int
    sheet: _Sheet


class Printing:
    """The queue of one kiosk."""

    def __init__(self, db: Database, spool: Path, sealer: Sealer, settings: PrinterSettings | None = None) -> None:
        self._db = db
        self._spool = spool
        self._sealer = sealer
        self._settings = settings or PrinterSettings()
        self._at_work = threading.Lock()
        self.soon: Callable[[], object] = self.work
        """Told after each paper; the counter puts a thread in its place."""
        self.trouble: Say | None = None
        """Why the last paper is not out."""

    # --- papers

    def copies(self, kind: str, slip: str) -> int:
        """Return how often a paper was ordered."""
        row = self._db.one("SELECT copies FROM prints WHERE kind = ? AND slip = ?", kind, slip)
        return int(row[0]) if row else 0

    def put(
        self, kind: str, slip: str, lines: tuple[Say, ...], language: Language, code: bytes = b"", *,
        page: str = "",
    ) -> int:  # fmt: skip
        """Order a paper and return which copy it is; from the second on it is marked.

        `code` is a receipt, `page` where its code leads.
        """
        copy = self.copies(kind, slip) + 1
        marked = (*lines, say("【补打】第 {copy} 份", copy=copy)) if copy > 1 else lines
        doubt = LEXICON.text(say("【可能重复】前一次打印中断过"), language)
        sheet = _Sheet(tuple(LEXICON.text(line, language) for line in marked), code, doubt, page)
        with transaction(self._db):
            self._db.run("INSERT OR REPLACE INTO prints VALUES (?, ?, ?)", kind, slip, copy)
            if self._settings.profile != "none":
                sealed = self._sealer.seal(msgspec.json.encode(sheet), _about(kind, slip, copy))
                self._db.run(
                    "INSERT INTO print_queue (kind, slip, copy, sealed) VALUES (?, ?, ?, ?)", kind, slip, copy, sealed
                )
        self.soon()
        return copy

    def waiting(self) -> int:
        """Return how many papers are not out yet."""
        row = self._db.one("SELECT count(*) FROM print_queue")
        return int(row[0]) if row else 0

    def forget(self, slip: str) -> None:
        """Remove the papers of a slip: its customer's data are erased. Inside the caller's transaction."""
        self._db.run("DELETE FROM print_queue WHERE slip = ?", slip)
        for path in self._spool.glob(f"{slip}-*"):
            path.unlink(missing_ok=True)

    # --- the printer

    def work(self) -> None:
        """Print what waits, in order, until the first that will not; may be called from a thread."""
        if not self._at_work.acquire(blocking=False):
            return
        try:
            while (job := self._next()) is not None:
                self._print(job)
            self.trouble = None
        except XianhouError as error:
            self.trouble = error.sentence
        finally:
            self._at_work.release()

    def _next(self) -> _Job | None:
        row = self._db.one("SELECT id, kind, slip, copy, sealed, begun FROM print_queue ORDER BY id LIMIT 1")
        if row is None:
            return None
        number, kind, slip, copy, sealed, begun = row
        sheet = msgspec.json.decode(self._sealer.open(sealed, _about(kind, slip, copy)), type=_Sheet)
        if begun:
            sheet = msgspec.structs.replace(sheet, lines=(*sheet.lines, sheet.doubt))
        return _Job(number, kind, slip, copy, sheet)

    def _print(self, job: _Job) -> None:
        data = self._made(job.sheet)
        self._begin(job, begun=True)  # a power cut from here on: a part may be out
        try:
            if self._settings.device:
                send(self._settings.device, data)
            else:
                ending = _ENDINGS[self._settings.profile]
                write_paper(self._spool / f"{job.slip}-{job.kind}-{job.copy}.{ending}", data)
        except UncertainError:
            raise
        except UnavailableError:
            self._begin(job, begun=False)
            raise
        with transaction(self._db):
            self._db.run("DELETE FROM print_queue WHERE id = ?", job.id)

    def _begin(self, job: _Job, *, begun: bool) -> None:
        with transaction(self._db):
            self._db.run("UPDATE print_queue SET begun = ? WHERE id = ?", int(begun), job.id)

    def _made(self, sheet: _Sheet) -> bytes:
        """Return the bytes that this kiosk's printer understands."""
        profile, dots = self._settings.profile, self._settings.dots
        if profile == "gb18030":
            return escpos.text(sheet.lines, modules(sheet.code, sheet.page) if sheet.code else (), dots=dots)
        if profile == "text":
            drawn = qr_rows(sheet.code, sheet.page) if sheet.code else ()
            return ("\n".join((*sheet.lines, *drawn)) + "\n").encode()
        from kiosk.typeset import dots_of, pdf_of  # noqa: PLC0415 - 80 MB of typesetting only where it is wanted

        code = svg(sheet.code, sheet.page) if sheet.code else ""
        if profile == "pdf":
            return pdf_of(sheet.lines, code, fonts=self._settings.fonts)
        height, rows = dots_of(sheet.lines, code, dots=dots, fonts=self._settings.fonts)
        return escpos.picture(height, rows, dots=dots)


def _about(kind: str, slip: str, copy: int) -> bytes:
    return f"print {kind} {slip} {copy}".encode()
