"""业务日报表 on the screen: customer code and what was talked about; F10 prints the three copies (一.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kiosk.reports import COPIES
from kiosk.screens.base import key
from kiosk.screens.hours import moment
from kiosk.screens.plain import Field, PlainForm
from kiosk.widgets.page_table import Column, Listed, PageTable
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Session

__all__ = ["Report"]


class Report(PlainForm):
    """Write a line, or a new version of today's line about the same customer."""

    BINDINGS: ClassVar[list[BindingType]] = [key("print_it", "打印三份", "reprint")]
    heading_words: ClassVar[str] = "业务日报表"
    lead: ClassVar[Say | str] = say("只写客户编号和联系内容，不写电话、微信等联系方式（{clause}）", clause="一.10")

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def fields(self) -> tuple[Field, ...]:
        """Return code and content."""
        return (
            Field("claim", "客户编号", "您自己确认单的单号，写最后几位也行；首页“我的客户”里有"),
            Field("text", "联系内容", "谈了什么、意向几级；里面有联系方式就不收，会用【】标出来", limit=200),
        )

    def below(self) -> Iterable[Widget]:
        """Show today's lines."""
        titles = [("时间", 12), ("客户编号", 16), ("稿", 4), ("联系内容", 0)]
        yield PageTable([Column(self.speak(title), width) for title, width in titles], Listed(()), id="rows")

    def on_mount(self) -> None:
        """Read today's lines."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Read them again."""
        for table in self.query(PageTable):
            rows = self.desk.reports.rows(self.session)
            table.show(Listed([(moment(row.at), row.claim, str(row.version), row.text, "") for row in rows]))

    def do(self, values: dict[str, str]) -> Say | str:
        """Write the line."""
        row = self.desk.reports.write(self.session, values["claim"], values["text"], self.desk.policy())
        return say("已写入日报：{claim} 第 {version} 稿", claim=row.claim, version=row.version)

    def action_print_it(self) -> None:
        """F10: one copy for each of the three."""
        if self.attempt(self._print) is not None:
            self.say(say("三份已送打印：{who}", who="、".join(self.speak(one) for one in COPIES)), "good")

    def _print(self) -> str:
        lines = self.desk.reports.paper(self.session)
        for number, copy in enumerate(COPIES, 1):
            self.desk.print_report(self.session, number, (say(copy), *lines), self.counter.language)
        return "printed"
