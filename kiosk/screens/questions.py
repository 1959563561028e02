"""身份核对: who the customer of an own slip is, asked of the own salesperson; the other side is not shown.

Only the own slip stands here: its number, its customer, and in one word which of its fields are alike with another's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.questions import LEAD, alike
from kiosk.screens.base import key
from kiosk.screens.find import ListScreen
from kiosk.screens.hours import left, moment
from kiosk.screens.plain import Field, PlainForm
from kiosk.screens.showing import who
from kiosk.widgets.page_table import Column, Listed, PageTable
from shared_rules.questioning import QUESTIONS
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Session
    from kiosk.questions import QuestionRow

__all__ = ["Questions", "waiting_words"]

_COLUMNS = (("剩余", 16), ("单号", 13), ("业务员", 8), ("客户", 14), ("原因", 0))
_LABELS = {"district": "住哪一片", "workplace": "在哪上班", "viewed": "看的哪套", "companions": "谁一起来"}


def waiting_words(rows: tuple[QuestionRow, ...]) -> Say | str:
    """Return how many questions wait and until when; "" = none."""
    if not rows:
        return ""
    return say("身份核对 {count} 项待回答，最早 {time} 以前；按 F3", count=len(rows), time=moment(rows[0].due_at))


class Questions(ListScreen):
    """The open questions; Enter answers one."""

    BINDINGS: ClassVar[list[BindingType]] = [key("refresh", "刷新", "refresh")]
    heading_words: ClassVar[str] = "身份核对"
    help_words: ClassVar[dict[str, Say | str]] = {
        "": say("回车打开，问本店业务员后写下回答；两家店问的话一样，对方的单不显示（{clause}）", clause="二.1.3")
    }

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._rows: tuple[QuestionRow, ...] = ()

    def body(self) -> Iterable[Widget]:
        """Lay out the count and the table."""
        yield Static("", classes="said", id="counts", markup=False)
        columns = [Column(self.speak(title), width) for title, width in _COLUMNS]
        yield PageTable(columns, Listed(()), id="questions")

    def on_mount(self) -> None:
        """Read the list."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Read it again."""
        for table in self.query(PageTable):
            self._rows = self.desk.questions.rows()
            table.show(Listed([self._line(row) for row in self._rows]))
            words = say("共 {count} 项待回答", count=len(self._rows)) if self._rows else say("没有要核对的单")
            self.query_one("#counts", Static).update(self.speak(words))

    def _line(self, row: QuestionRow) -> tuple[str, ...]:
        words, tone = left(row.due_at, self.desk.now())
        return (
            self.speak(words), row.slip, row.salesperson_name, who(row.content) if row.content else "",
            self.speak(alike(row)), tone,
        )  # fmt: skip

    def on_page_table_chosen(self, message: PageTable.Chosen) -> None:
        """Open one."""
        self.app.push_screen(Answering(self.session, self._rows[message.row]))

    def action_refresh(self) -> None:
        """F5: read again."""
        self.came_back()
        self.say("已刷新")


class Answering(PlainForm):
    """The neutral questions about one own slip; F9 writes the answers and closes."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "保存", "save")]
    lead: ClassVar[Say | str] = LEAD

    def __init__(self, session: Session, row: QuestionRow) -> None:
        super().__init__()
        self.session = session
        self.row = row

    def heading(self) -> Say | str:
        """Name the slip."""
        return say("身份核对　{slip}　{name}", slip=self.row.slip, name=self.row.salesperson_name)

    def fields(self) -> tuple[Field, ...]:
        """Return whether the salesperson knows, and the questions."""
        answers = (("yes", "能回答"), ("no", "说不上来"))
        knows = Field("knows", "业务员", "左右键选；说不上来就不用填下面几项", options=answers)
        asks = [
            Field(name, _LABELS[name], QUESTIONS[name], limit=200, hint=QUESTIONS[name].msgid)
            for name in self.row.asks
            if name in _LABELS
        ]
        return (knows, *asks)

    def below(self) -> Iterable[Widget]:
        """Show the own customer and the time that is left."""
        words, tone = left(self.row.due_at, self.desk.now())
        customer = who(self.row.content) if self.row.content else ""
        shown = say("本店的客户 {customer}　{alike}", customer=customer, alike=alike(self.row))
        yield Static("")
        yield Static(self.speak(shown), classes="said", markup=False)
        yield Static(self.speak(say("剩余 {time}", time=words)), classes=f"said {tone}", markup=False)

    def do(self, values: dict[str, str]) -> Say | str:
        """Write the answers."""
        self.desk.questions.answer(self.session, self.row.question, values, knows=values["knows"] == "yes")
        return say("已记下 {slip} 的回答", slip=self.row.slip)

    def finished(self, done: Say | str) -> None:
        """Go back to the list, which says how many are left."""
        self.dismiss(str(done))
