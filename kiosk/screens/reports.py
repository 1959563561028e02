"""业务日报表 on the screen: customer code and what was talked about; F10 prints its copies (一.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from kiosk.reports import copies
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
    from shared_rules.policy import Policy

__all__ = ["Report"]

_PRINT: Final = "打印三份"
_THREE: Final = 3
"""Copies for which the sentences have a word of their own."""


class Report(PlainForm):
    """Write a line, or a new version of today's line about the same customer."""

    BINDINGS: ClassVar[list[BindingType]] = [key("print_it", _PRINT, "reprint")]
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

    def key_words(self, description: str) -> Say | str:
        """Say how many copies F10 prints."""
        count = self.desk.policy().report.copies
        return say("打印 {count} 份", count=count) if description == _PRINT and count != _THREE else description

    def action_print_it(self) -> None:
        """F10: print each copy."""
        policy = self.desk.policy()
        if self.attempt(lambda: self._print(policy)) is not None:
            who, count = "、".join(map(self.speak, copies(policy))), policy.report.copies
            three = say("三份已送打印：{who}", who=who)
            self.say(three if count == _THREE else say("{count} 份已送打印：{who}", count=count, who=who), "good")

    def _print(self, policy: Policy) -> str:
        lines = self.desk.reports.paper(self.session, policy)
        for number, copy in enumerate(copies(policy), 1):
            self.desk.print_report(self.session, number, (copy, *lines), self.counter.language)
        return "printed"
