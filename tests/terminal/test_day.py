"""A whole day at the counter in tmux: both windows, both roles, the network out for half of it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import pytest

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
from tests.paths import ROOT
from tests.together.stages import at, stage_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from kiosk.cli.demo.stage import Member, Stage
    from shared_rules.facts import Fact

PATIENCE = 120.0
"""Seconds; a counter that was long alone looks for its server only every minute."""


@dataclass
class Tmux:
    """One session of a tmux server of its own."""

    socket: Path
    command: str

    def __enter__(self) -> Self:
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", "-s", "kiosk", self.command)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], check=False, capture_output=True)

    def _tmux(self, *arguments: str) -> str:
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        environment.pop("TMUX", None)
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self.socket), *arguments],
            check=True, capture_output=True, text=True, timeout=30, env=environment, cwd=ROOT,
        )  # fmt: skip
        return done.stdout

    @property
    def text(self) -> str:
        """What the pane shows."""
        return self._tmux("capture-pane", "-p", "-t", "kiosk")

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names."""
        self._tmux("send-keys", "-t", "kiosk", *names)

    def write(self, text: str) -> None:
        """Type a text."""
        self._tmux("send-keys", "-t", "kiosk", "-l", text)

    def see(self, wanted: str) -> str:
        """Wait until the pane shows a text, and return the pane."""
        until = time.monotonic() + PATIENCE
        while wanted not in (shown := self.text):
            assert time.monotonic() < until, f"waited for {wanted!r}, the screen shows:\n{shown}"
            time.sleep(0.05)
        return shown

    def gone(self, unwanted: str) -> None:
        """Wait until the pane shows a text no longer."""
        until = time.monotonic() + PATIENCE
        while unwanted in (shown := self.text):
            assert time.monotonic() < until, f"{unwanted!r} still stands:\n{shown}"
            time.sleep(0.05)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A server and an enrolled kiosk at 08:55."""
    for built in stage_in(tmp_path):
        built.set_time(at("03-02 08:55"))
        yield built


def first_login(tmux: Tmux, member: Member, wanted: str) -> None:
    """Badge, start PIN, the own PIN twice."""
    tmux.write(member.badge)
    tmux.keys("Enter")
    tmux.write(member.pin)
    tmux.keys("F9")
    tmux.see("第一次登录")
    tmux.write(member.own_pin)
    tmux.keys("Enter")
    tmux.write(member.own_pin)
    tmux.keys("F9")
    tmux.see(wanted)


def log_in(tmux: Tmux, member: Member, wanted: str) -> None:
    """Badge and own PIN."""
    tmux.write(member.badge)
    tmux.keys("Enter")
    tmux.write(member.own_pin)
    tmux.keys("F9")
    tmux.see(wanted)


def hand_in(tmux: Tmux, clerk: Member, name: str, phone: str) -> str:
    """From a salesperson's home to the stamp and back; return the slip's number."""
    tmux.keys("1")
    tmux.see("同组家人")
    tmux.keys("Tab")
    tmux.write(name)
    tmux.keys("Tab", "Tab", "Tab")
    tmux.write(phone)
    tmux.keys("F9")
    tmux.see("盖章确认")
    tmux.write(clerk.badge)
    tmux.keys("F9")
    shown = tmux.see("已盖章，已落盘")
    found = re.search(r"east-\d+-\d{6}", shown)
    assert found is not None, shown
    tmux.keys("F9")
    tmux.see("签收退单")
    return found.group()


def enter_all(tmux: Tmux) -> None:
    """The clerk's second look at everything."""
    tmux.keys("2")
    tmux.see("盖章与录入")
    tmux.keys("Enter")
    while True:
        tmux.see("录入核对")
        number = re.search(r"录入核对　(\S+)", tmux.text)
        assert number is not None
        tmux.keys("F9")
        tmux.gone(number.group())
        if "录入核对" not in tmux.text:
            break
    tmux.see("都录入了")
    tmux.keys("Escape")
    tmux.see("窗口开着")


def morning(tmux: Tmux, stage: Stage, clerk: Member, first: Member) -> tuple[str, str]:
    """09:05: the window opens, two slips; 09:30 the network goes; one more; second looks; the window is handed over."""
    tmux.see("窗口未开")
    tmux.gone("离线")
    first_login(tmux, clerk, "业务员登录")
    tmux.keys("1")
    tmux.see("工牌或工号")
    first_login(tmux, first, "递交确认单")
    online = hand_in(tmux, clerk, "张三丰", "13800000001")
    tmux.see("全部已上报")
    stage.set_time(at("03-02 09:30"))
    stage.stop_server()
    offline = hand_in(tmux, clerk, "李四", "13800000002")
    tmux.see("【离线】")
    tmux.keys("9")
    tmux.see("窗口开着")
    enter_all(tmux)
    tmux.keys("8")
    tmux.see("关窗？")
    tmux.keys("2")
    tmux.see("窗口未开")
    return online, offline


def noon(tmux: Tmux, stage: Stage, clerk: Member, first: Member) -> None:
    """12:10, still without network: outside the hours the form says so, and the clerk's stamp is refused."""
    stage.set_time(at("03-02 12:10"))
    log_in(tmux, clerk, "业务员登录")
    tmux.keys("1")
    tmux.see("工牌或工号")
    log_in(tmux, first, "递交确认单")
    tmux.keys("1")
    assert "今天 16:00 再开" in tmux.see("同组家人")
    tmux.keys("Escape")
    tmux.see("签收退单")
    tmux.keys("4")
    tmux.gone("签收退单")
    tmux.keys("Tab")
    tmux.write("王五")
    tmux.keys("Tab")
    tmux.write("13900000003")
    tmux.keys("F9")
    tmux.see("王五")
    tmux.keys("Escape")
    tmux.see("签收退单")


def afternoon(tmux: Tmux, stage: Stage, clerk: Member, first: Member, claim: str) -> str:
    """16:05: a third slip still without network; then it is back; renewal, daily report, the counter shuts."""
    stage.set_time(at("03-02 16:05"))
    third = hand_in(tmux, clerk, "王五", "13900000003")
    stage.start_server(int(stage.url.rpartition(":")[2]))
    tmux.gone("【离线】")
    tmux.see("全部已上报")
    tmux.keys("6")
    tmux.gone("签收退单")
    tmux.keys("F3")
    tmux.see("在这张表里查找")
    tmux.write(claim)
    tmux.keys("F9")
    tmux.gone("在这张表里查找")
    tmux.keys("Enter")
    tmux.see("再次确认")
    tmux.keys("2")
    tmux.see("盖章确认")
    tmux.write(clerk.badge)
    tmux.keys("F9")
    tmux.see("已盖章，已落盘")
    tmux.keys("F9")
    tmux.see("我的客户")
    tmux.keys("Escape")
    tmux.see("签收退单")
    tmux.keys("5")
    tmux.gone("签收退单")
    tmux.write(claim)
    tmux.keys("Tab")
    tmux.write("看过样板间，周末再来")
    tmux.keys("F9")
    tmux.see("已写入日报")
    tmux.keys("F10")
    tmux.see("三份已送打印")
    tmux.keys("Escape")
    tmux.see("签收退单")
    tmux.keys("9")
    tmux.see("窗口开着")
    enter_all(tmux)
    tmux.keys("8")
    tmux.see("关窗？")
    tmux.keys("3")
    tmux.see("以前盖的章已封存")
    tmux.keys("Escape")
    tmux.gone("以前盖的章已封存")
    tmux.see("窗口未开")
    tmux.see("全部已上报")
    tmux.keys("F4")
    tmux.see("退出柜台程序")
    tmux.keys("2")
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


@pytest.mark.system
def test_a_whole_day_with_the_network_out_for_half_of_it(
    tool: Callable[[str], str], stage: Stage, tmp_path: Path
) -> None:
    """Morning, noon, afternoon: every act is in the journal once, and all of it reached the server in the end."""
    tool("tmux")
    clerk = stage.clerk("east")
    first = next(one for one in stage.members("east") if one.roles == "salesperson")
    folder = shlex.quote(str(stage.folder / "east"))
    command = f"{sys.executable} -m kiosk.cli --lang zh kiosk --dir {folder}"
    with Tmux(tmp_path / "tmux", command) as tmux:
        stage.set_time(at("03-02 09:05"))
        online, offline = morning(tmux, stage, clerk, first)
        noon(tmux, stage, clerk, first)
        third = afternoon(tmux, stage, clerk, first, online)
        until = time.monotonic() + PATIENCE
        while not (stage.folder / "east" / "anchor").exists() or _running(tmux):
            assert time.monotonic() < until
            time.sleep(0.1)
    held = facts(stage)
    assert [fact.slip for fact in held if isinstance(fact, SlipStamped)] == [online, offline, third]
    assert [fact.claim for fact in held if isinstance(fact, SlipRenewed)] == [online]
    assert [fact.slip for fact in held if isinstance(fact, SlipEntered)] == [online, offline, third]
    assert [fact.name for fact in held if isinstance(fact, VisitLogged)] == ["王五"]
    assert [fact.claim for fact in held if isinstance(fact, ReportLineWritten)] == [online]
    assert sum(isinstance(fact, DutyOpened) for fact in held) == 2
    assert [bool(fact.floor) for fact in held if isinstance(fact, DutyClosed)] == [False, True]
    assert len(list((stage.folder / "east" / "spool").glob("*-report-*.txt"))) == 3


def _running(tmux: Tmux) -> bool:
    done = subprocess.run(["tmux", "-S", str(tmux.socket), "has-session"], check=False, capture_output=True)
    return done.returncode == 0
