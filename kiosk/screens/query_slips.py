"""查询单 of a day for supervisor and manager, and both daily reports side by side; nothing can be changed here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Static

from kiosk.acts import READERS
from kiosk.queries import QueryRow, without_contacts
from kiosk.screens.ask import Ask
from kiosk.screens.base import CounterScreen, key
from kiosk.screens.claims import STATUS_WORDS
from kiosk.screens.deals import Query
from kiosk.screens.find import ListScreen
from kiosk.screens.hours import moment
from kiosk.widgets.page_table import Column, Listed, PageTable
from kiosk.widgets.rows import Body
from shared_rules.facts import Role
from shared_rules.interval import day_of
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Session
    from kiosk.queries import Side
    from kiosk.reports import ReportRow

__all__ = ["QuerySlip", "QuerySlips", "open_query"]

_COLUMNS = (
    ("查询单", 17), ("交于", 6), ("按时", 7), ("业务员", 11), ("状态", 0), ("确认单", 14), ("对方的单", 14),
)  # fmt: skip


def _state(row: QueryRow) -> tuple[Say, str]:
    """Return how far the dispute has come as this kiosk knows, and its tone: only rulings come here (三)."""
    if not row.told:
        return say("等主管调解"), "waiting"
    if row.hangs:
        return say("公司已收到，未结"), "waiting"
    return say("公司判定：{status}", status=say(STATUS_WORDS.get(row.status, row.status))), ""


def open_query(screen: CounterScreen[Any], person: Session) -> None:
    """A salesperson files a query slip, a supervisor or manager looks; whoever is both says which."""

    def opened(answer: str | None) -> None:
        if answer:
            screen.app.push_screen(Query(person) if answer == "1" else QuerySlips(person))

    if person.may(*READERS) and person.may(Role.SALESPERSON):
        answers = (("1", say("交查询单")), ("2", say("看当天的查询单")))
        screen.app.push_screen(Ask(say("查询单"), (), answers), opened)
    else:
        opened("2" if person.may(*READERS) else "1")


class QuerySlips(ListScreen):
    """The list; Enter opens one, left and right turn the day."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("refresh", "刷新", "refresh"),
        Binding("left", "day(-1)", "前一天", show=False),
        Binding("right", "day(1)", "后一天", show=False),
    ]
    help_words: ClassVar[dict[str, Say | str]] = {
        "": say("回车对照双方的日报，左右键换一天；只能看，不能改（{clause}）", clause="三.1"),
    }

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.back = 0
        """Days before today."""
        self._rows: tuple[QueryRow, ...] = ()

    def heading(self) -> Say | str:
        """Name the day."""
        return say("查询单　{day}", day=self._day().isoformat())

    def _day(self) -> date:
        return day_of(self.desk.now()) - timedelta(days=self.back)

    def body(self) -> Iterable[Widget]:
        """Lay out the count, the table, and whose query slips stand in it."""
        yield Static("", classes="said", id="counts", markup=False)
        columns = [Column(self.speak(title), width) for title, width in _COLUMNS]
        yield PageTable(columns, Listed(()), id="query_slips")
        yield Static(self.speak("只有这台机器收下的查询单；别店的不在这里"), classes="hint", markup=False)

    def on_mount(self) -> None:
        """Read the list."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Read the day's list again."""
        for table in self.query(PageTable):
            self._rows = self.attempt(lambda: self.desk.queries.rows(self.session, self._day())) or ()
            table.show(Listed([self._line(row) for row in self._rows]))
            self.query_one(".title", Static).update(self.speak(self.heading()))
            late = sum(row.late for row in self._rows)
            words = say("共 {count} 份，逾期 {late}", count=len(self._rows), late=late)
            self.query_one("#counts", Static).update(self.speak(words if self._rows else say("这一天没有查询单")))

    def _line(self, row: QueryRow) -> tuple[str, ...]:
        state, tone = _state(row)
        in_time = self.speak("逾期") if row.late else self.speak("按时")
        filed = moment(row.filed_at).partition(" ")[2]
        other = row.other or self.speak("未写")
        tone = "wrong" if row.late else tone
        return (row.number, filed, in_time, row.by_name, self.speak(state), row.claim, other, tone)

    def on_page_table_chosen(self, message: PageTable.Chosen) -> None:
        """Open one."""
        self.app.push_screen(QuerySlip(self.session, self._rows[message.row]))

    def action_day(self, by: int) -> None:
        """Left and right: the day before, the day after, today at the latest."""
        self.back = max(0, self.back - by)
        self.came_back()

    def action_refresh(self) -> None:
        """F5: read again."""
        self.came_back()
        self.say("已刷新")


class QuerySlip(CounterScreen[str]):
    """One query slip: on the left whoever filed it, on the right the other party; nothing of a customer but codes."""

    help_words: ClassVar[dict[str, Say | str]] = {
        "": say("左边交单的一方，右边对方；各列盖章那天的日报，不显示联系方式（{clause}）", clause="二.2.4"),
    }

    def __init__(self, session: Session, row: QueryRow) -> None:
        super().__init__()
        self.session = session
        self.row = row

    def heading(self) -> Say | str:
        """Name the query slip."""
        return say("查询单　{number}　{name}", number=self.row.number, name=self.row.by_name)

    def body(self) -> Iterable[Widget]:
        """Lay out when it was filed, how far it has come, and both sides."""
        row = self.row
        state, tone = _state(row)
        in_time = say("逾期") if row.late else say("按时") if row.noted else say("按时，本机没有退单签收")
        filed = say("交于 {time}　{in_time}　{state}", time=moment(row.filed_at), in_time=in_time, state=state)
        yield Static(self.speak(filed), classes=f"said {'wrong' if row.late else tone}", markup=False)
        sides = self.attempt(lambda: self.desk.queries.sides(self.session, row.number)) or ()
        titles = (say("交查询单的一方"), say("对方"))
        shown = [
            Static(self._shown(title, side), classes="side", id=f"side-{place}")
            for place, (title, side) in enumerate(zip(titles, sides, strict=False))
        ]
        body = Body(Horizontal(*shown, classes="sides"))
        body.can_focus = True
        yield body

    def _shown(self, title: Say, side: Side) -> Text:
        text = Text(end="").append(self.speak(title) + "\n", "bold #56B4E9")
        if not side.here:
            text.append(self.speak(_elsewhere(side.claim)), "#E69F00")
            return text
        text.append(f"{side.name}　{side.claim}\n", "bold")
        if side.day is None:
            text.append(self.speak("盖章的日子还不能确定，等这台机器对过时间"), "#E69F00")
            return text
        stamped = say("盖章 {time}", time=moment(side.stamped_at))
        report = say("{day} 的日报，{count} 条", day=f"{side.day:%m-%d}", count=len(side.lines))
        text.append(f"{self.speak(stamped)}\n{self.speak(report)}\n", "#A9B4BE")
        for line in side.lines:
            self._add_line(text, side, line)
        return text

    def _add_line(self, text: Text, side: Side, line: ReportRow) -> None:
        """Add a line of the report: about the slip in question bright, about other customers quiet."""
        own = line.claim == side.claim
        marks = [self.speak("本单")] if own else []
        marks += [self.speak(say("第 {version} 稿", version=line.version))] if line.version > 1 else []
        marks += [self.speak("交查询单以后写的")] if line.at > self.row.since else []
        clock = moment(line.at).partition(" ")[2]
        text.append(f"\n{clock}  {line.claim}  {'　'.join(marks)}\n", "#F0E442" if own else "#A9B4BE")
        text.append(f"{without_contacts(line.text)}\n", "bold" if own else "")


def _elsewhere(claim: str) -> Say:
    """Say that a slip is not here, and where its report is to be had."""
    if not claim:
        return say("查询单上没有写对方的单号")
    return say("{claim} 不是这台机器盖的；别店的单和日报不在这里，请向对方的主管要", claim=claim)
