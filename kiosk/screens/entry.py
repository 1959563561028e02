"""The second look within 24 h (一.4): what was stamped is looked at once more; a paper slip's content is typed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.screens.base import CounterScreen, key
from kiosk.screens.form import SlipScreen
from kiosk.screens.hours import left, moment
from kiosk.screens.showing import content_lines
from kiosk.screens.slip_fields import content_of, phones_of
from kiosk.screens.stamp import table
from kiosk.widgets.rows import Body
from shared_rules.facts import SlipContent
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import QueueRow, Session

__all__ = ["PaperEntry", "SecondLook"]


class SecondLook(CounterScreen[str]):
    """Dismisses with `entered` after F9."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "录入", "save")]
    help_words: ClassVar[dict[str, Say | str]] = {
        "": "核对姓名、单位和联系方式是否写全、写对；没有问题按 F9 录入，接着是下一份"
    }

    def __init__(self, session: Session, row: QueueRow) -> None:
        super().__init__()
        self.session = session
        self.row = row

    def heading(self) -> Say | str:
        """Name the slip."""
        return say("录入核对　{slip}", slip=self.row.slip)

    def body(self) -> Iterable[Widget]:
        """Lay out the slip."""
        row = self.row
        words, tone = left(row.due_at, self.desk.now())
        yield Static(self.speak(say("录入剩余 {time}", time=words)), classes=f"said {tone}", markup=False)
        head = [
            ("业务员", row.salesperson_name),
            ("盖章时间", moment(row.stamped_at)),
            ("录入期限", moment(row.due_at)),
        ]
        lines = [*head, *content_lines(row.content or SlipContent(), self.speak)]
        yield Body(Static(table([(self.speak(label), text) for label, text in lines]), classes="said"))

    def action_save(self) -> None:
        """F9: looked at and right."""
        if self.attempt(self._enter) is not None:
            self.dismiss("entered")

    def _enter(self) -> str:
        self.desk.enter(self.session, self.row.slip)
        return self.row.slip


class PaperEntry(SlipScreen):
    """Types a paper slip's content, its phone twice; dismisses with `entered` after F9."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "录入", "save")]
    phone_twice = True

    def __init__(self, session: Session, row: QueueRow) -> None:
        super().__init__()
        self.session = session
        self.row = row

    def heading(self) -> Say | str:
        """Name the slip."""
        return say("录入纸质单　{slip}　{name}", slip=self.row.slip, name=self.row.salesperson_name)

    def body(self) -> Iterable[Widget]:
        """Lay out the time left and the fields."""
        words, tone = left(self.row.due_at, self.desk.now())
        yield Static(self.speak(say("录入剩余 {time}", time=words)), classes=f"said {tone}", markup=False)
        yield Body(*self.rows())

    def action_save(self) -> None:
        """F9: enter it."""
        if self.attempt(self._enter) is not None:
            self.dismiss("entered")

    def _enter(self) -> str:
        values = self.values()
        again = ",".join(phones_of(values["phone_again"]))
        self.desk.enter(self.session, self.row.slip, content_of(values), phone_again=again)
        return self.row.slip
