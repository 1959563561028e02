"""补录 and 更正: a page of the emergency book keyed with its pen's time, and what was wrongly typed put right."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from kiosk.counter import Form, PaperPage
from kiosk.input_traps.text import FieldKind
from kiosk.screens.plain import Field, PlainForm
from shared_rules.errors import InputError
from shared_rules.facts import CustomerKind, Need, SlipContent
from shared_rules.interval import SHANGHAI, from_datetime
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from kiosk.counter import Session

__all__ = ["Correct", "EmergencyPage", "pen_instant"]


def pen_instant(text: str, now: datetime) -> int:
    """Return the instant of `03-02 14:05` (the last one that is not later than now); InputError for anything else."""
    short = len(text.strip().split("-")) == 2
    try:
        written = f"{now.year}-{text.strip()}" if short else text.strip()
        moment = datetime.strptime(written, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise InputError(say("纸上的时间写成 03-02 14:05"), field="pen_at") from error
    return from_datetime(moment.replace(year=now.year - 1) if short and moment > now else moment)


class EmergencyPage(PlainForm):
    """One page of the book, co-signed by the contract office; each page once."""

    heading_words: ClassVar[str] = "补录应急本"
    lead: ClassVar[Say | str] = say("照纸上写的录；时间是纸上签的时间，由签约室刷工牌作证（{clause}）", clause="一.3")

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def fields(self) -> tuple[Field, ...]:
        """Return what stands on a page, and who vouches for it."""
        code, number = FieldKind.CODE, FieldKind.NUMBER
        return (
            *self.pool_field(),
            Field("page", "页码", "应急本上印的页码", kind=number, limit=8),
            Field("pen_at", "签字时间", "纸上签的时间，03-02 14:05", limit=16, hint="03-02 14:05"),
            Field("salesperson", "业务员", "纸上的递交人：工牌或工号", kind=code, limit=40),
            Field("signed_by", "签字人", "在纸上签字的确认人员：工牌或工号", kind=code, limit=40),
            Field("company", "单位全称", "单位购买才写"),
            Field("name", "客户姓名", "个人购买必填"),
            Field("contact", "联系人", "单位必填"),
            Field("phone", "电话", "手机、座机或微信号", kind=FieldKind.PHONE),
            Field("need", "需求", "住宅、商铺、写字楼等；没写就空着", limit=20),
            Field("badge", "作证人", "签约室另一位刷工牌或输入工号", kind=code, limit=40),
            Field("pin", "作证人密码", "作证人自己的密码", kind=FieldKind.SECRET, limit=12),
        )

    def do(self, values: dict[str, str]) -> Say | str:
        """Write the page up."""
        content = SlipContent(
            kind=CustomerKind.COMPANY if values["company"] else CustomerKind.PERSON, company=values["company"],
            names=(values["name"],) if values["name"] else (), contact=values["contact"],
            phones=(values["phone"],) if values["phone"] else (), need=Need(kind=values["need"]),
        )  # fmt: skip
        page = PaperPage(
            page=values["page"], pen_at=pen_instant(values["pen_at"], self.desk.local_now()),
            form=Form(content=content, pool=values.get("pool", "")),
            salesperson=values["salesperson"], signed_by=values["signed_by"],
        )  # fmt: skip
        done = self.desk.write_up(self.session, page, cosigner_badge=values["badge"], cosigner_pin=values["pin"])
        return say("已补录第 {page} 页，单号 {slip}；这不是凭证", page=values["page"], slip=done.slip)


class Correct(PlainForm):
    """Name, contact person or phone of a slip, with a supervisor."""

    heading_words: ClassVar[str] = "更正"
    lead: ClassVar[Say | str] = say("只改写错的字和号码，时间不变；换了客户要用变更（{clause}）", clause="一.6")

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def fields(self) -> tuple[Field, ...]:
        """Return what may be put right, and who agrees."""
        return (
            Field("slip", "单号", "写错的那份单的单号，写最后几位也行"),
            Field("name", "对的名称", "姓名或单位名称，没错就空着"),
            Field("contact", "对的联系人", "单位的联系人，没错就空着"),
            Field("phone", "对的电话", "电话没错就空着", kind=FieldKind.PHONE),
            Field("reason", "原因", "哪里写错了，依据什么更正", limit=100),
            Field("badge", "主管", "主管刷工牌或输入工号", kind=FieldKind.CODE, limit=40),
            Field("pin", "主管密码", "主管自己的密码", kind=FieldKind.SECRET, limit=12),
        )

    def do(self, values: dict[str, str]) -> Say | str:
        """Write the correction."""
        slip = self.desk.corrections.number(values["slip"])
        self.desk.corrections.correct(
            self.session, slip, name=values["name"], contact=values["contact"], phone=values["phone"],
            reason=values["reason"], badge=values["badge"], pin=values["pin"],
        )  # fmt: skip
        return say("已更正 {slip}，时间不变", slip=slip)
