"""Slips that go back (一.4): the clerk shows or prints the note, which names no holder unless the policy says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.input_traps.text import FieldKind
from kiosk.screens.base import CounterScreen, key
from kiosk.screens.hours import left, moment
from kiosk.widgets.page_table import Column, Listed, PageTable
from kiosk.widgets.rows import Body, FieldRow
from kiosk.widgets.slip_input import SlipInput
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import ReturnRow, Session

__all__ = ["Returns"]

_NOTES = {"": "未告知", "printed": "已打印", "shown": "已出示"}


class Returns(CounterScreen[str]):
    """退单: of everybody for the clerk, the own ones for a salesperson."""

    BINDINGS: ClassVar[list[BindingType]] = [key("refresh", "刷新", "refresh"), key("find", "按单号取", "find")]
    help_words: ClassVar[dict[str, Say | str]] = {
        "": say("盖章后 24 小时内把冲突的单退给业务员，请其停止联系客户（{clause}）；回车看通知", clause="一.4"),
        "returns": "上下键选一行，回车看退单通知",
    }

    def __init__(self, session: Session, *, own: bool) -> None:
        super().__init__()
        self.session = session
        self.own = own
        self._rows: tuple[ReturnRow, ...] = ()

    def heading(self) -> Say | str:
        """Name the list."""
        return say("我的退单") if self.own else say("要退的单")

    def body(self) -> Iterable[Widget]:
        """Lay out the table."""
        yield Static("", classes="said", id="counts", markup=False)
        titles = [("剩余", 18), ("单号", 14), ("业务员", 12), ("告知", 8), ("依据", 8), ("原因", 0), ("期限", 12)]
        yield PageTable([Column(self.speak(title), width) for title, width in titles], Listed(()), id="returns")

    def on_mount(self) -> None:
        """Read the list."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Read the list again."""
        tables = self.query(PageTable)
        if not tables:
            return
        rows = self.desk.returns.rows()
        self._rows = tuple(row for row in rows if not self.own or row.salesperson == self.session.number)
        tables.first().show(Listed([self._line(row) for row in self._rows]))
        words = say("共 {count} 份；请停止联系这些客户", count=len(self._rows)) if self._rows else say("没有要退的单")
        self.query_one("#counts", Static).update(self.speak(words))

    def _line(self, row: ReturnRow) -> tuple[str, ...]:
        words, tone = left(row.due_at, self.desk.now())
        clause, why = row.reasons[0] if row.reasons else ("", say("见通知"))
        note = self.speak(_NOTES.get(row.note, row.note))
        return (
            self.speak(words),
            row.slip,
            row.salesperson_name,
            note,
            clause,
            self.speak(why),
            moment(row.due_at),
            tone,
        )

    def on_page_table_chosen(self, message: PageTable.Chosen) -> None:
        """Open the note."""
        row = self._rows[message.row]
        self.app.push_screen(OwnNote(self.session, row) if self.own else Note(self.session, row))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A slip that was signed for comes out by its number, to its own salesperson only."""
        return self.own if action == "find" else super().check_action(action, parameters)

    def action_find(self) -> None:
        """F3: ask for a number."""
        self.app.push_screen(ByNumber(self.session), self._fetched)

    def _fetched(self, row: ReturnRow | None) -> None:
        if row is not None:
            self.app.push_screen(OwnNote(self.session, row))

    def action_refresh(self) -> None:
        """F5: read again."""
        self.came_back()
        self.say("已刷新")


class ByNumber(CounterScreen["ReturnRow"]):
    """Dismisses with the own returned slip of a number: what went back is not looked through (五)."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "取单", "save")]
    heading_words: ClassVar[str] = "按单号取退单"
    help_words: ClassVar[dict[str, Say | str]] = {"": "写您自己那份单的单号，最后几位也行，按 F9；签收过的也能取"}

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def body(self) -> Iterable[Widget]:
        """Lay out the field."""
        yield Body(
            Static(self.speak(self.help_words[""]), classes="hint", markup=False),
            Static(""),
            FieldRow(self.speak("单号"), SlipInput(FieldKind.TEXT, limit=40, id="wanted")),
        )

    def action_save(self) -> None:
        """F9: fetch it."""
        row = self.attempt(lambda: self.desk.returns.own(self.session, self.value("wanted")))
        if row is not None:
            self.dismiss(row)


class Note(CounterScreen[str]):
    """One return's note at the clerk's: F10 prints it, F9 says that it was shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("save", "已当面出示", "save"),
        key("reprint", "打印", "reprint"),
    ]
    own: ClassVar[bool] = False
    help_words: ClassVar[dict[str, Say | str]] = {
        "": "F10 打印通知交给业务员；当面看过按 F9；业务员本人登录签收后，这份单才算退完"
    }

    def __init__(self, session: Session, row: ReturnRow) -> None:
        super().__init__()
        self.session = session
        self.row = row

    def heading(self) -> Say | str:
        """Name the slip."""
        return say("退单通知　{slip}", slip=self.row.slip)

    def body(self) -> Iterable[Widget]:
        """Lay out the note."""
        lines = self.lines()
        ask = say("看过后按 F9 签收") if self.own else say("交给业务员：F10 打印，或当面出示后按 F9")
        ask = say("已签收") if self._signed else ask
        yield Body(
            Static("\n\n".join(self.speak(line) for line in lines), classes="said", markup=False),
            Static(""),
            Static(self.speak(ask), classes="hint", markup=False),
        )

    def lines(self) -> tuple[Say, ...]:
        """Return the note."""
        return self.desk.returns.note(self.row.slip)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A salesperson signs, once; the clerk prints."""
        if action == "save":
            return not self._signed
        return not self.own if action == "reprint" else super().check_action(action, parameters)

    @property
    def _signed(self) -> bool:
        return self.row.note == "acknowledged"

    def action_save(self) -> None:
        """F9: shown, or signed for."""
        note = "acknowledged" if self.own else "shown"
        if self.attempt(lambda: self._told(note)) is not None:
            self.dismiss(note)

    def _told(self, note: str) -> str:
        self.desk.returns.record(self.session, self.row.slip, note)
        return note

    def action_reprint(self) -> None:
        """F10: print it and record that."""
        language = self.counter.language
        if self.attempt(lambda: self.desk.returns.print(self.session, self.row.slip, language)) is not None:
            self.dismiss("printed")


class OwnNote(Note):
    """The same at the salesperson's: F9 signs for it, once."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "签收", "save")]
    own: ClassVar[bool] = True

    def lines(self) -> tuple[Say, ...]:
        """Return the note, also of a slip that was signed for."""
        return self.desk.returns.own_note(self.session, self.row.slip)
