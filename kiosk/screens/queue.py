"""The clerk's queue: slips that wait for the stamp (their people stand at the window), then entries by time left."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.counter import Pending
from kiosk.screens.base import key
from kiosk.screens.entry import PaperEntry, SecondLook
from kiosk.screens.find import ListScreen
from kiosk.screens.hours import left, moment
from kiosk.screens.showing import KINDS, who
from kiosk.screens.stamp import StampScreen
from kiosk.widgets.page_table import Column, Listed, PageTable
from kiosk.widgets.slip_input import masked
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import QueueRow, Session
    from shared_rules.facts import SlipContent

__all__ = ["Queue"]


class Queue(ListScreen):
    """盖章与录入: Enter opens the line; after F9 the next entry opens by itself."""

    BINDINGS: ClassVar[list[BindingType]] = [key("refresh", "刷新", "refresh")]
    help_words: ClassVar[dict[str, Say | str]] = {
        "": say("先盖章（业务员在窗口等），再录入；录入须在盖章后 24 小时内，按剩余时间排（{clause}）", clause="一.4"),
        "queue": "上下键选一行，回车打开",
    }

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._pending: tuple[Pending, ...] = ()
        self._entries: Sequence[QueueRow] = ()

    def heading(self) -> Say | str:
        """Name the list."""
        return say("盖章与录入")

    def body(self) -> Iterable[Widget]:
        """Lay out the counts and the table."""
        yield Static("", classes="said", id="counts", markup=False)
        titles = [("事项", 12), ("剩余", 17), ("客户", 18), ("业务员", 12), ("单号", 14), ("电话", 16), ("时间", 12)]
        columns = [Column(self.speak(title), width) for title, width in titles]
        yield PageTable(columns, Listed(()), id="queue")

    def on_mount(self) -> None:
        """Read the queue."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Read the queue again."""
        if not self.is_mounted and not self.query(PageTable):
            return
        pending, entries = self.desk.pending(), self.desk.entry_queue()
        self._pending, self._entries = pending, entries
        self.query_one(PageTable).show(self)
        overdue = entries.overdue(self.desk.now())
        counts = say(
            "待盖章 {stamps}，待录入 {entries}，超时 {overdue}",
            stamps=len(pending),
            entries=len(entries),
            overdue=overdue,
        )
        asked = len(self.desk.questions.rows())
        asking = "　" + self.speak(say("待核对身份 {count}", count=asked)) if asked else ""
        self.query_one("#counts", Static).update(self.speak(counts) + asking)

    def count(self) -> int:
        """Return how many lines the table has."""
        return len(self._pending) + len(self._entries)

    def rows(self, first: int, limit: int) -> list[tuple[str, ...]]:
        """Return the lines of one page: only these are made."""
        at = first - len(self._pending)
        waiting = [self._pending_row(one) for one in self._pending[first : first + limit]]
        return waiting + [self._entry_row(one) for one in self._entries[max(0, at) : max(0, at + limit)]]

    def _pending_row(self, one: Pending) -> tuple[str, ...]:
        kind = self.speak("待盖章")
        content = one.form.content
        what = self.speak(KINDS[one.form.kind])
        return (
            kind,
            what,
            who(content),
            one.salesperson_name,
            one.form.claim,
            self._phone(content),
            moment(one.handed_in_at),
            "good",
        )

    def _entry_row(self, one: QueueRow) -> tuple[str, ...]:
        words, tone = left(one.due_at, self.desk.now())
        kind = self.speak("待录入") if one.content is not None else self.speak("纸质单")
        return (
            kind, self.speak(words), who(one.content), one.salesperson_name, one.slip, self._phone(one.content),
            moment(one.stamped_at), tone,
        )  # fmt: skip

    @staticmethod
    def _phone(content: SlipContent | None) -> str:
        return masked(content.phones[0]) if content is not None and content.phones else ""

    def on_page_table_chosen(self, message: PageTable.Chosen) -> None:
        """Open a line."""
        if message.row < len(self._pending):
            self.app.push_screen(StampScreen(self._pending[message.row], by=None))
        else:
            self.open_entry(self._entries[message.row - len(self._pending)])

    def open_entry(self, row: QueueRow) -> None:
        """Open the second look of a slip."""
        screen = SecondLook(self.session, row) if row.content is not None else PaperEntry(self.session, row)
        self.app.push_screen(screen, self._entered)

    def _entered(self, result: str | None) -> None:
        """After F9 the next one, without leaving the queue."""
        if result != "entered":
            return
        rows = self.desk.entry_queue()
        if rows:
            self.open_entry(rows[0])
        else:
            self.say("都录入了", "good")

    def action_refresh(self) -> None:
        """F5: read again."""
        self.came_back()
        self.say("已刷新")
