"""A whole day at the counter: both windows, both roles, the network out for half of it; by whoever's hands."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Final, Protocol

from kiosk.config import Folder, load_config
from kiosk.journal import Journal
from kiosk.practice import ticks_of
from shared_rules.facts import (
    DutyClosed,
    DutyOpened,
    ReportLineWritten,
    SlipEntered,
    SlipRenewed,
    SlipStamped,
    VisitLogged,
)
from tests.together.stages import at

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.cli.demo.stage import Member, Stage
    from shared_rules.facts import Fact

__all__ = ["HAN", "PATIENCE", "Hands", "live_through", "wait_until"]

PATIENCE: Final = 120.0
"""Seconds; a counter that was long alone looks for its server only every minute."""
FIRST: Final = ("张三丰", "13800000001")
SECOND: Final = ("李小龙", "13800000002")
THIRD: Final = ("王小明", "13900000003")
REPORT: Final = "看过样板间"
HAN: Final = {
    "张三丰": "zhangsanfeng",
    "李小龙": "lixiaolong",
    "王小明": "wangxiaoming",
    "看过样板间": "kanguoyangbanjian",
}
"""What is written in Han characters in the course of the day, and how it is typed by pinyin."""


class Hands(Protocol):
    """Somebody at a terminal of 100×30 with the counter on it."""

    @property
    def text(self) -> str:
        """What the screen shows."""

    def keys(self, *names: str) -> None:
        """Press keys: `Enter`, `Tab`, `Escape`, `Down`, `F1` to `F12`, or characters."""

    def write(self, text: str) -> None:
        """Type a text of ASCII characters."""

    def han(self, text: str) -> None:
        """Type a text in Han characters."""

    def see(self, wanted: str) -> str:
        """Wait until a text is shown, and return the screen."""

    def gone(self, unwanted: str) -> None:
        """Wait until a text is shown no longer."""


def wait_until(condition: Callable[[], bool], why: Callable[[], str]) -> None:
    """Wait for a condition, and fail with what `why` says then."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, why()
        time.sleep(0.05)


def first_login(hands: Hands, member: Member, wanted: str) -> None:
    """Badge, start PIN, the own PIN twice."""
    hands.write(member.badge)
    hands.keys("Enter")
    hands.write(member.pin)
    hands.keys("F9")
    hands.see("第一次登录")
    hands.write(member.own_pin)
    hands.keys("Enter")
    hands.write(member.own_pin)
    hands.keys("F9")
    hands.see(wanted)


def log_in(hands: Hands, member: Member, wanted: str) -> None:
    """Badge and own PIN."""
    hands.write(member.badge)
    hands.keys("Enter")
    hands.write(member.own_pin)
    hands.keys("F9")
    hands.see(wanted)


def hand_in(hands: Hands, clerk: Member, name: str, phone: str) -> str:
    """From a salesperson's home to the stamp and back; return the slip's number."""
    hands.keys("1")
    hands.see("同组家人")
    hands.keys("Tab")
    hands.han(name)
    hands.keys("Tab", "Tab", "Tab")
    hands.write(phone)
    hands.keys("F9")
    hands.see("盖章确认")
    hands.write(clerk.badge)
    hands.keys("F9")
    shown = hands.see("已盖章，已落盘")
    found = re.search(r"east-\d+-\d{6}", shown)
    assert found is not None, shown
    hands.keys("F9")
    hands.see("签收退单")
    return found.group()


def enter_all(hands: Hands) -> None:
    """The clerk's second look at everything."""
    hands.keys("2")
    hands.see("盖章与录入")
    hands.keys("Enter")
    while True:
        hands.see("录入核对")
        number = re.search(r"录入核对　(\S+)", hands.text)
        assert number is not None
        hands.keys("F9")
        hands.gone(number.group())
        if "录入核对" not in hands.text:
            break
    hands.see("都录入了")
    hands.keys("Escape")
    hands.see("窗口开着")


def morning(hands: Hands, stage: Stage, clerk: Member, first: Member) -> tuple[str, str]:
    """09:05: the window opens, two slips; 09:30 the network goes; one more; second looks; the window is handed over."""
    hands.see("窗口未开")
    hands.gone("离线")
    first_login(hands, clerk, "业务员登录")
    hands.keys("1")
    hands.see("工牌或工号")
    first_login(hands, first, "递交确认单")
    online = hand_in(hands, clerk, *FIRST)
    hands.see("全部已上报")
    stage.set_time(at("03-02 09:30"))
    stage.stop_server()
    offline = hand_in(hands, clerk, *SECOND)
    hands.see("【离线】")
    hands.keys("9")
    hands.see("窗口开着")
    enter_all(hands)
    hands.keys("8")
    hands.see("关窗？")
    hands.keys("2")
    hands.see("窗口未开")
    return online, offline


def noon(hands: Hands, stage: Stage, clerk: Member, first: Member) -> None:
    """12:10, still without network: outside the hours the form says so, and the clerk's stamp is refused."""
    stage.set_time(at("03-02 12:10"))
    log_in(hands, clerk, "业务员登录")
    hands.keys("1")
    hands.see("工牌或工号")
    log_in(hands, first, "递交确认单")
    hands.keys("1")
    assert "今天 16:00 再开" in hands.see("同组家人")
    hands.keys("Escape")
    hands.see("签收退单")
    hands.keys("4")
    hands.gone("签收退单")
    hands.keys("Tab")
    hands.han(THIRD[0])
    hands.keys("Tab")
    hands.write(THIRD[1])
    hands.keys("F9")
    hands.see(THIRD[0])
    hands.keys("Escape")
    hands.see("签收退单")


def busy_until_online(hands: Hands) -> None:
    """Wait for the network as somebody does who stands there: a counter without a key for a minute is covered."""
    until = time.monotonic() + PATIENCE
    while "【离线】" in (shown := hands.text):
        assert time.monotonic() < until, f"still without network:\n{shown}"
        hands.keys("Down")
        time.sleep(1)


def afternoon(hands: Hands, stage: Stage, clerk: Member, first: Member, claim: str) -> str:
    """16:05: a third slip still without network; then it is back; renewal, daily report, the counter shuts."""
    stage.set_time(at("03-02 16:05"))
    third = hand_in(hands, clerk, *THIRD)
    stage.start_server(int(stage.url.rpartition(":")[2]))
    busy_until_online(hands)
    hands.see("全部已上报")
    hands.keys("6")
    hands.gone("签收退单")
    hands.keys("F3")
    hands.see("在这张表里查找")
    hands.write(claim)
    hands.keys("F9")
    hands.gone("在这张表里查找")
    hands.keys("Enter")
    hands.see("再次确认")
    hands.keys("2")
    hands.see("盖章确认")
    hands.write(clerk.badge)
    hands.keys("F9")
    hands.see("已盖章，已落盘")
    hands.keys("F9")
    hands.see("我的客户")
    hands.keys("Escape")
    hands.see("签收退单")
    hands.keys("5")
    hands.gone("签收退单")
    hands.write(claim)
    hands.keys("Tab")
    hands.han(REPORT)
    hands.keys("F9")
    hands.see("已写入日报")
    hands.keys("F10")
    hands.see("三份已送打印")
    hands.keys("Escape")
    hands.see("签收退单")
    hands.keys("9")
    hands.see("窗口开着")
    enter_all(hands)
    hands.keys("8")
    hands.see("关窗？")
    hands.keys("3")
    hands.see("以前盖的章已封存")
    hands.keys("Escape")
    hands.gone("以前盖的章已封存")
    hands.see("窗口未开")
    hands.see("全部已上报")
    hands.keys("F4")
    hands.see("退出柜台程序")
    hands.keys("2")
    return third


def facts(stage: Stage) -> list[Fact]:
    """Return what the journal holds."""
    folder = Folder(stage.folder / "east")
    journal = Journal.look(folder, ticks=ticks_of(load_config(folder)), random=os.urandom)
    try:
        journal.verify()
        assert journal.unsent == 0
        return [event.fact for event in journal.events()]
    finally:
        journal.close()


def live_through(stage: Stage, hands: Hands, ended: Callable[[], bool]) -> None:
    """Play the day from 09:05 on, wait until the counter has ended, and look into the journal."""
    clerk = stage.clerk("east")
    first = next(one for one in stage.members("east") if one.roles == "salesperson")
    online, offline = morning(hands, stage, clerk, first)
    noon(hands, stage, clerk, first)
    third = afternoon(hands, stage, clerk, first, online)
    wait_until(ended, lambda: "the counter did not end")
    held = facts(stage)
    stamped = [fact for fact in held if isinstance(fact, SlipStamped)]
    assert [fact.slip for fact in stamped] == [online, offline, third]
    typed = [(*fact.content.names, *fact.content.phones) for fact in stamped if fact.content is not None]
    assert typed == [FIRST, SECOND, THIRD]
    assert [fact.claim for fact in held if isinstance(fact, SlipRenewed)] == [online]
    assert [fact.slip for fact in held if isinstance(fact, SlipEntered)] == [online, offline, third]
    assert [fact.name for fact in held if isinstance(fact, VisitLogged)] == [THIRD[0]]
    assert [(fact.claim, fact.text) for fact in held if isinstance(fact, ReportLineWritten)] == [(online, REPORT)]
    assert sum(isinstance(fact, DutyOpened) for fact in held) == 2
    assert [bool(fact.floor) for fact in held if isinstance(fact, DutyClosed)] == [False, True]
    assert len(list((stage.folder / "east" / "spool").glob("*-report-*.txt"))) == 3
