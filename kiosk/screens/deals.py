"""认购与签约 at the contract office, after a look whether anybody could have an earlier claim; 查询单 of a party."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.clearance import advice, clear
from kiosk.deals import KINDS
from kiosk.input_traps.text import FieldKind
from kiosk.screens.base import key
from kiosk.screens.plain import Field, PlainForm
from shared_rules.errors import XianhouError
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Session

__all__ = ["CloseDeal", "Query"]


class CloseDeal(PlainForm):
    """F5 asks the server before signing; F9 records the deal. The advice blocks nothing (二.2.2)."""

    BINDINGS: ClassVar[list[BindingType]] = [key("ask", "签前查询", "refresh")]
    heading_words: ClassVar[str] = "认购与签约"
    lead: ClassVar[Say | str] = "先写单号按 F5 查一查有没有更早的确认，再按 F9 登记"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def fields(self) -> tuple[Field, ...]:
        """Return what a deal says."""
        return (
            *self.pool_field(),
            Field("claims", "确认单号", "这位客户的确认单号，写最后几位也行；不知道可空着"),
            Field("kind", "类别", "左右键选认购或签约", options=tuple(KINDS.items())),
            Field("deal", "房号", "房号或合同号", limit=60),
            Field("contract_name", "合同姓名", "合同上的姓名或单位全称"),
            Field("closer", "成交业务员", "刷工牌或输入工号", kind=FieldKind.CODE, limit=40),
        )

    def below(self) -> Iterable[Widget]:
        """Make room for the advice."""
        yield Static("", id="advice", classes="said", markup=False)

    def action_ask(self) -> None:
        """F5: ask the server in the background; the counter goes on meanwhile."""
        claim = self.desk.corrections.number(self.value("claims"))
        if not claim:
            self.mark("claims", say("请先写确认单号，再按 F5"))
            return
        self._show((say("正在问服务器……"),), "")
        self.run_worker(self._asked(claim), exclusive=True)

    async def _asked(self, claim: str) -> None:
        try:
            answer = await self.counter.clear_to_sign(claim)
        except XianhouError as error:
            self._show((error.sentence,), "waiting")
            return
        self._show(advice(answer), "good" if clear(answer) else "wrong")

    def _show(self, sentences: tuple[Say, ...], tone: str) -> None:
        line = self.query_one("#advice", Static)
        line.update("\n".join(self.speak(sentence) for sentence in sentences))
        line.set_classes(f"said {tone}")

    def do(self, values: dict[str, str]) -> Say | str:
        """Record the deal."""
        claims = tuple(values["claims"].split())
        number = self.desk.deals.close(
            self.session, deal=values["deal"], kind=values["kind"], closer=values["closer"],
            contract_name=values["contract_name"], claims=claims, pool=values.get("pool", ""),
        )  # fmt: skip
        return say("已登记{kind} {deal}", kind=say(KINDS[values["kind"]]), deal=number)


class Query(PlainForm):
    """查询单: a party says that it disagrees; the supervisors mediate first (三.1)."""

    heading_words: ClassVar[str] = "查询单"
    lead: ClassVar[Say | str] = say("对归属有异议就交查询单，先由主管调解（{clause}）", clause="三.1")

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def fields(self) -> tuple[Field, ...]:
        """Return own and other slip."""
        return (
            Field("claim", "自己的单号", "您自己那份确认单的单号，写最后几位也行"),
            Field("other", "对方的单号", "知道对方的单号就写上；不知道就空着"),
        )

    def do(self, values: dict[str, str]) -> Say | str:
        """File it."""
        number = self.desk.deals.query(self.session, values["claim"], values["other"])
        return say("已交查询单 {number}，主管会找双方调解", number=number)
