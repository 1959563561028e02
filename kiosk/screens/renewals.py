"""批量再次确认: own customers that end soon, ticked, handed in and stamped in one gesture, one record each (六.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.counter import Form
from kiosk.hours import asks_reason
from kiosk.input_traps.text import FieldKind
from kiosk.screens.ask import Ask
from kiosk.screens.base import CounterScreen, key
from kiosk.screens.claims import ends_soon
from kiosk.screens.hours import hours_sentence
from kiosk.screens.showing import who
from kiosk.widgets.page_table import Column, Listed, PageTable
from kiosk.widgets.rows import Body, FieldRow
from kiosk.widgets.slip_input import SlipInput
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import ClaimRow, Pending, Session

__all__ = ["BatchStamp", "Renewals"]


class Renewals(CounterScreen[str]):
    """All that end within three days are ticked at first; Enter takes a tick away or puts it back."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "交单盖章", "save")]
    heading_words: ClassVar[str] = "批量再次确认"
    help_words: ClassVar[dict[str, Say | str]] = {
        "": say("三天内到期的已打勾；回车改，F9 一起交给确认人员盖章，每位客户一条记录（{clause}）", clause="六.3")
    }

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._rows: tuple[ClaimRow, ...] = ()
        self._ticked: set[str] = set()

    def body(self) -> Iterable[Widget]:
        """Lay out the hours and the table."""
        sentence, tone = hours_sentence(self.desk.windows(), self.desk.now())
        yield Static(self.speak(sentence), classes=f"said {tone}", markup=False)
        titles = [("选", 6), ("客户", 20), ("有效到", 12), ("单号", 0)]
        yield PageTable([Column(self.speak(title), width) for title, width in titles], Listed(()), id="renewals")

    def on_mount(self) -> None:
        """Tick what ends soon."""
        super().on_mount()
        if self.again:
            self._show()
            return
        now = self.desk.now()
        live = [row for row in self.desk.my_claims(self.session) if row.status in ("upheld", "awaiting_entry")]
        self._rows = tuple(live)
        self._ticked = {row.claim for row in live if ends_soon(row, now)}
        self._show()

    def _show(self) -> None:
        self.query_one(PageTable).show(Listed([
            (
                self.speak("选上") if row.claim in self._ticked else "",
                who(row.content) or self.speak("纸质单"),
                row.valid_until.isoformat() if row.valid_until else "", row.claim,
                "waiting" if row.claim in self._ticked else "",
            )
            for row in self._rows
        ]))  # fmt: skip
        self.say(say("选了 {count} 位", count=len(self._ticked)))

    def on_page_table_chosen(self, message: PageTable.Chosen) -> None:
        """Enter: the other way round."""
        self._ticked ^= {self._rows[message.row].claim}
        self._show()

    def action_save(self) -> None:
        """F9: hand them all in; the contract office names one reason for all (一.3)."""
        window = self.desk.windows()
        if not self._ticked:
            self.say("先用回车选上要再次确认的客户", "wrong")
        elif asks_reason(self.desk.people.duty, window):
            answers = tuple((str(place), reason) for place, reason in enumerate(window.reasons, 1))
            self.app.push_screen(
                Ask(say("特殊原因"), (), answers), lambda digit: self._hand_in(dict(answers)[digit]) if digit else None
            )
        else:
            self._hand_in("")

    def _hand_in(self, reason: str) -> None:
        """Hand them in one by one; the first that is refused stops it, and says why."""
        pending: list[Pending] = []
        for row in self._rows:
            if row.claim in self._ticked:
                form = Form(kind="renew", claim=row.claim, exceptional=reason)
                handed = self.attempt(lambda form=form: self.desk.hand_in(self.session, form))  # type: ignore[misc]
                if handed is None:
                    break
                pending.append(handed)
        if pending:
            self.app.push_screen(BatchStamp(tuple(pending)), lambda _: self.dismiss("done"))


class BatchStamp(CounterScreen[str]):
    """The clerk stamps them one after the other with one badge; what fails stays in the queue."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "盖章", "save"), key("back", "暂不盖章", "back")]
    help_words: ClassVar[dict[str, Say | str]] = {
        "": "开窗的确认人员核对名单，刷工牌，按 F9 全部盖章；回车不会盖章",
        "badge": "开窗的确认人员刷自己的工牌，再按 F9",
    }

    def __init__(self, pending: tuple[Pending, ...]) -> None:
        super().__init__()
        self.pending = pending
        self._done = 0

    def heading(self) -> Say | str:
        """Say how many."""
        return say("再次确认盖章　{count} 份", count=len(self.pending))

    def body(self) -> Iterable[Widget]:
        """Lay out the list and the badge."""
        rows = {row.claim: row for row in self.desk.my_claims_of(self.pending[0].salesperson)}
        lines = [f"{one.form.claim}　{who(rows[one.form.claim].content)}" for one in self.pending]
        yield Body(Static("\n".join(lines), classes="said", markup=False))
        yield FieldRow(self.speak("工牌"), SlipInput(FieldKind.CODE, limit=40, id="badge"))

    def action_save(self) -> None:
        """F9: stamp every one that is left."""
        badge = self.value("badge")
        if not badge:
            self.mark("badge", say("请先刷工牌，再按 F9"))
            return
        for one in self.pending[self._done :]:
            stamped = self.attempt(lambda one=one: self.desk.stamp(one.id, badge))  # type: ignore[misc]
            if stamped is None:
                return
            self._done += 1
            self.attempt(lambda stamped=stamped: self.desk.print_receipt(stamped, self.counter.language))  # type: ignore[misc]
        self.dismiss("stamped")
