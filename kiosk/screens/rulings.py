"""判定: what the server ruled, the latest first; each opens to its sentences, its clauses and what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.screens.base import CounterScreen, key
from kiosk.screens.claims import STATUS_WORDS
from kiosk.screens.find import ListScreen
from kiosk.screens.hours import moment
from kiosk.screens.stamp import table
from kiosk.widgets.page_table import Column, Listed, PageTable
from kiosk.widgets.rows import Body
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import RulingRow, Session

__all__ = ["Rulings"]

_COLUMNS = (("单号", 14), ("判定", 10), ("业务员", 10), ("收到", 12), ("是否终局", 8), ("依据", 8), ("原因", 0))


class Rulings(ListScreen):
    """The office's rulings; nothing of another office's customer stands in them (五)."""

    BINDINGS: ClassVar[list[BindingType]] = [key("refresh", "刷新", "refresh")]
    heading_words: ClassVar[str] = "判定"
    help_words: ClassVar[dict[str, Say | str]] = {"": "公司下发的判定，最新的在上面；回车看全部依据；F3 按单号找"}

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._rows: tuple[RulingRow, ...] = ()

    def body(self) -> Iterable[Widget]:
        """Lay out the table."""
        yield PageTable([Column(self.speak(title), width) for title, width in _COLUMNS], Listed(()), id="rulings")

    def on_mount(self) -> None:
        """Read the list."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Read the list again."""
        for one in self.query(PageTable):
            self._rows = self.desk.rulings(self.session)
            one.show(Listed([self._line(row) for row in self._rows]))
            if not self._rows:
                self.say("还没有收到判定")

    def _line(self, row: RulingRow) -> tuple[str, ...]:
        tone = "wrong" if row.status in ("returned", "refused", "void", "late") else ""
        tone = "waiting" if row.status == "with_manager" else tone
        first = row.reasons[0] if row.reasons else ("", "")
        final = self.speak("暂定") if row.provisional else self.speak("终局")
        status = self.speak(STATUS_WORDS.get(row.status, row.status))
        return (row.slip, status, row.salesperson, moment(row.at), final, first[0], self.speak(first[1]), tone)

    def on_page_table_chosen(self, message: PageTable.Chosen) -> None:
        """Open one."""
        self.app.push_screen(Ruling(self._rows[message.row]))

    def action_refresh(self) -> None:
        """F5: read again."""
        self.came_back()
        self.say("已刷新")


class Ruling(CounterScreen[str]):
    """One ruling, in whole sentences."""

    help_words: ClassVar[dict[str, Say | str]] = {"": "不服的话，由业务员本人交查询单"}

    def __init__(self, row: RulingRow) -> None:
        super().__init__()
        self.row = row

    def heading(self) -> Say | str:
        """Name the slip."""
        return say("判定　{slip}", slip=self.row.slip)

    def body(self) -> Iterable[Widget]:
        """Lay out status, reasons by clause, and what it waits for."""
        row = self.row
        lines = [
            (self.speak("状态"), self.speak(STATUS_WORDS.get(row.status, row.status))),
            (self.speak("业务员"), row.salesperson),
            (self.speak("收到"), moment(row.at)),
            (self.speak("是否终局"), self.speak("暂定") if row.provisional else self.speak("终局")),
            *((clause, self.speak(sentence)) for clause, sentence in row.reasons),
            *((self.speak("还在等"), self.speak(sentence)) for sentence in row.waits_for),
        ]
        body = Body(Static(table(lines), classes="said"))
        body.can_focus = True
        yield body
