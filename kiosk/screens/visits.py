"""来人来电表 on the screen: three fields and F9, so that a call is written while it is still ringing in the ear."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.input_traps.text import FieldKind
from kiosk.screens.hours import moment
from kiosk.screens.plain import Field, PlainForm
from kiosk.visits import KINDS
from kiosk.widgets.page_table import Column, Listed, PageTable
from kiosk.widgets.slip_input import masked
from shared_rules.facts import Role
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from kiosk.counter import Session

__all__ = ["Visits"]


class Visits(PlainForm):
    """Write a row; today's rows stand below."""

    heading_words: ClassVar[str] = "来人来电表"
    lead: ClassVar[Say | str] = say("当天接待、接听的都登记；没有登记，新接待的确认不成立（{clause}）", clause="一.7")

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def fields(self) -> tuple[Field, ...]:
        """Return kind, name and phone; the receiver where somebody else writes."""
        rows = (
            Field("kind", "方式", "左右键选来人、来电或去电", options=tuple(KINDS.items())),
            Field("name", "客户姓名", "姓名和电话至少写一项"),
            Field("phone", "电话", "手机、座机或微信号；不知道就空着", kind=FieldKind.PHONE),
        )
        if self.session.may(Role.SALESPERSON):
            return rows
        help_ = say("接待的业务员：刷工牌或输入工号；没有点名的客户按轮值（{clause}）", clause="一.8")
        return (*rows, Field("by", "接待", help_, kind=FieldKind.CODE, limit=40))

    def below(self) -> Iterable[Widget]:
        """Show whose turn it is, and today's rows."""
        yield Static("", id="turn", classes="said", markup=False)
        titles = [("时间", 12), ("方式", 6), ("客户", 18), ("电话", 16), ("接待", 0)]
        yield PageTable([Column(self.speak(title), width) for title, width in titles], Listed(()), id="rows")

    def on_mount(self) -> None:
        """Read today's rows."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Read them again."""
        for table in self.query(PageTable):
            rows = self.desk.visits.rows()
            table.show(Listed([
                (moment(row.at), self.speak(KINDS[row.kind]), row.name, masked(row.phone), row.by_name, "")
                for row in rows
            ]))  # fmt: skip
            turn = self.desk.visits.on_duty()
            words = say("下一位没有点名的客户：{name}（{clause}）", name=turn.name, clause="一.8") if turn else ""
            self.query_one("#turn", Static).update(self.speak(words))

    def do(self, values: dict[str, str]) -> Say | str:
        """Write the row."""
        row = self.desk.visits.log(
            self.session, kind=values["kind"], name=values["name"], phone=values["phone"], by=values.get("by", "")
        )
        return say("已登记：{kind} {name}", kind=say(KINDS[row.kind]), name=row.name or masked(row.phone))
