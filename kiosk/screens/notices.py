"""公告栏: read, Enter ticks; what is new stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kiosk.screens.ask import Ask
from kiosk.screens.base import CounterScreen
from kiosk.widgets.page_table import Column, Listed, PageTable
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from kiosk.counter import Session
    from kiosk.notices import Notice

__all__ = ["Notices"]


class Notices(CounterScreen[str]):
    """The board as one person sees it."""

    heading_words: ClassVar[str] = "公告栏"
    help_words: ClassVar[dict[str, Say | str]] = {"": "上下键选一条，回车看全文，再按 1 表示已读"}

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._rows: tuple[Notice, ...] = ()

    def body(self) -> Iterable[Widget]:
        """Lay out the table."""
        titles = [("已读", 8), ("内容", 0)]
        yield PageTable([Column(self.speak(title), width) for title, width in titles], Listed(()), id="notices")

    def on_mount(self) -> None:
        """Read the board."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Read it again."""
        for table in self.query(PageTable):
            self._rows = self.desk.notices.all(self.session)
            table.show(Listed([
                (self.speak("已读") if row.read else "", self.speak(row.sentence), "" if row.read else "waiting")
                for row in self._rows
            ]))  # fmt: skip
        if not self._rows:
            self.say("没有公告")

    def on_page_table_chosen(self, message: PageTable.Chosen) -> None:
        """Show a notice whole, to be ticked."""
        notice = self._rows[message.row]
        answers = (("1", say("已读")),)
        self.app.push_screen(Ask(say("公告栏"), (notice.sentence,), answers), lambda answer: self._read(answer, notice))

    def _read(self, answer: str | None, notice: Notice) -> None:
        if answer:
            self.attempt(lambda: self.desk.notices.tick(self.session, notice.id))
            self.came_back()
