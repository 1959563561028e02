"""A day at the counter in a real terminal: a real server, `xianhou kiosk` on a pty, both badges, bursts, kills."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

import pytest

from kiosk.config import Folder, load_config
from kiosk.desk import Desk
from kiosk.practice import ticks_of
from shared_rules.facts import SlipContent, SlipReturned, SlipStamped
from tests.terminal.pty_screen import Terminal
from tests.together.stages import at, stage_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kiosk.cli.demo.stage import Member, Stage
    from shared_rules.facts import Fact

F2, F4, F5, F9, ESC = "\x1bOQ", "\x1bOS", "\x1b[15~", "\x1b[20~", "\x1b"
SMALL, LARGE = (80, 24), (120, 36)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A server and an enrolled kiosk whose people have not been here yet, in the morning's window."""
    for built in stage_in(tmp_path):
        built.set_time(at("03-02 09:05"))
        yield built


def counter(stage: Stage, size: tuple[int, int] = SMALL, *, program: str = "kiosk.cli") -> Terminal:
    """Open the counter of the eastern office."""
    columns, rows = size
    arguments = ["-m", program, "--lang", "zh", "kiosk", "--dir", str(stage.folder / "east")]
    return Terminal(arguments, columns=columns, rows=rows)


def people(stage: Stage) -> tuple[Member, Member, Member]:
    """Return the clerk and two salespeople."""
    first, second, *_ = (one for one in stage.members("east") if one.roles == "salesperson")
    return stage.clerk("east"), first, second


def first_login(terminal: Terminal, member: Member) -> None:
    """Badge, the operator's start PIN, then the own PIN twice."""
    terminal.type(f"{member.badge}\r{member.pin}{F9}")
    terminal.see("第一次登录")
    terminal.type(f"{member.own_pin}\r{member.own_pin}{F9}")


def open_window(terminal: Terminal, clerk: Member) -> None:
    """Wait for the server's people, then open the window."""
    terminal.see("窗口未开")
    terminal.see(lambda seen: "离线" not in seen.text)
    first_login(terminal, clerk)
    terminal.see("业务员登录")


def to_the_salespersons_home(terminal: Terminal, clerk: Member, salesperson: Member) -> None:
    """Both for the first time at this counter."""
    open_window(terminal, clerk)
    terminal.type("1")
    first_login(terminal, salesperson)
    terminal.see("递交确认单")


def asked_about_the_draft(terminal: Terminal, clerk: Member, salesperson: Member) -> None:
    """Both again after a restart: what was half filled is offered."""
    terminal.see("窗口未开")
    terminal.type(f"{clerk.badge}\r{clerk.own_pin}{F9}")
    terminal.see("业务员登录")
    terminal.type(f"1{salesperson.badge}\r{salesperson.own_pin}{F9}")
    terminal.see("有一张没交的单")


def hand_in(terminal: Terminal, clerk: Member, *, name: str, phone: str) -> str:
    """From a salesperson's home: the whole form in one burst, the clerk's badge, F9; return the slip's number."""
    terminal.type(f"1\t{name}\t\t\t{phone}{F9}")
    terminal.see("盖章确认")
    terminal.see(phone)
    assert name in terminal.text
    terminal.type(f"{clerk.badge}{F9}")
    terminal.see("已盖章，已落盘")
    found = re.search(r"east-\d+-\d{6}", terminal.text)
    assert found is not None, terminal.text
    return found.group()


def facts(stage: Stage, *, waiting: int) -> list[Fact]:
    """Return what the closed kiosk's journal holds, after checking how many slips wait for their second look."""
    folder = Folder(stage.folder / "east")
    desk = Desk.open(folder, ticks=ticks_of(load_config(folder)), random=os.urandom)
    try:
        assert len(desk.entry_queue()) == waiting
        return [event.fact for event in desk.journal.events()]
    finally:
        desk.close()


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
def test_a_slip_goes_from_hand_in_to_its_signed_return_in_a_real_terminal(stage: Stage, size: tuple[int, int]) -> None:
    """Both badges: hand in, stamp, second look, the server's ruling, the return, the salesperson's signature."""
    clerk, first, second = people(stage)
    with counter(stage, size) as terminal:
        open_window(terminal, clerk)
        terminal.type("1")
        terminal.see("工牌或工号")
        first_login(terminal, first)
        terminal.see("递交确认单")
        kept = hand_in(terminal, clerk, name="张三丰", phone="138 0000 0001")
        terminal.type(f"{F9}9")
        terminal.see("窗口开着")

        stage.set_time(at("03-03 09:10"))
        terminal.type("1")
        terminal.see("工牌或工号")
        first_login(terminal, second)
        terminal.see("递交确认单")
        late = hand_in(terminal, clerk, name="張三豐", phone="+86 13800000001")
        terminal.type(f"{F9}9")
        terminal.see("窗口开着")

        terminal.type("2")
        terminal.see("待录入 2")
        terminal.type("\r")
        terminal.see(f"录入核对　{kept}")
        terminal.type(F9)
        terminal.see(f"录入核对　{late}")
        terminal.type(F9)
        terminal.see("都录入了")
        terminal.type(ESC)
        terminal.see("窗口开着")

        terminal.type("7")
        terminal.see(late)
        assert kept not in terminal.text
        terminal.type("\r")
        terminal.see("二.2.1")
        terminal.type(F9)
        terminal.see("已出示")
        terminal.type(ESC)
        terminal.see("窗口开着")

        terminal.type(f"1{second.badge}\r{second.own_pin}{F9}")
        terminal.see("签收退单")
        terminal.type("7\r")
        terminal.see("看过后按 F9 签收")
        terminal.type(F9)
        terminal.see("没有要退的单")
        terminal.type(ESC)
        terminal.see("签收退单")
        terminal.type("9")
        terminal.see("窗口开着")
        terminal.type("82")
        terminal.see("窗口未开")
        terminal.type(f"{F4}2")
        assert terminal.end() == 0
        assert terminal.settings() == terminal.before

    held = facts(stage, waiting=0)
    stamped = {fact.slip: fact for fact in held if isinstance(fact, SlipStamped)}
    contents = {slip: fact.content or SlipContent() for slip, fact in stamped.items()}
    assert contents[kept].names == ("张三丰",)
    assert contents[late].phones == ("+86 13800000001",)
    assert {(fact.slip, fact.note) for fact in held if isinstance(fact, SlipReturned)} == {
        (late, "shown"), (late, "acknowledged"),
    }  # fmt: skip


def test_the_counter_works_with_the_server_unplugged(stage: Stage) -> None:
    """The stamp is given, this office's own slips are looked through, and the slip waits to be reported."""
    clerk, first, _ = people(stage)
    with counter(stage) as terminal:
        to_the_salespersons_home(terminal, clerk, first)
        stage.stop_server()
        slip = hand_in(terminal, clerk, name="李四", phone="13800000002")
        terminal.see("本店已查，全公司待上报")
        terminal.see("离线")
        terminal.kill()
    assert [fact.slip for fact in facts(stage, waiting=1) if isinstance(fact, SlipStamped)] == [slip]


def killed_in_the_middle_of_a_form(stage: Stage, program: str = "kiosk.cli") -> None:
    """Fill half a form for the first salesperson, and end the program by kill -9."""
    clerk, first, _ = people(stage)
    with counter(stage, program=program) as terminal:
        to_the_salespersons_home(terminal, clerk, first)
        terminal.type("1\t王小明\t刘芳\t")
        terminal.see("刘芳")
        terminal.pump(0.5)
        terminal.kill()


def test_what_was_half_filled_is_offered_again_after_a_kill(stage: Stage) -> None:
    """Kill -9 in the middle of a form: at the next login the salesperson is asked, and goes on at the same field."""
    clerk, first, _ = people(stage)
    killed_in_the_middle_of_a_form(stage)
    with counter(stage) as terminal:
        asked_about_the_draft(terminal, clerk, first)
        terminal.type("1")
        terminal.see("王小明")
        terminal.see("刘芳")


def test_without_drafts_on_the_disk_a_kill_loses_what_was_half_filled(stage: Stage) -> None:
    """Sabotage: a counter that keeps its forms in memory alone asks nothing at the next login."""
    clerk, first, _ = people(stage)
    killed_in_the_middle_of_a_form(stage, "tests.terminal.forgetful_counter")
    with counter(stage) as terminal:
        terminal.see("窗口未开")
        terminal.type(f"{clerk.badge}\r{clerk.own_pin}{F9}")
        terminal.see("业务员登录")
        terminal.type(f"1{first.badge}\r{first.own_pin}{F9}")
        terminal.see("递交确认单")
        assert "有一张没交的单" not in terminal.text


def test_a_signal_gives_the_terminal_back_and_keeps_the_form(stage: Stage) -> None:
    """SIGTERM, as systemd sends it: exit 0, line settings as before, the draft on the disk."""
    clerk, first, _ = people(stage)
    with counter(stage) as terminal:
        to_the_salespersons_home(terminal, clerk, first)
        terminal.type("1\t王小明")
        terminal.see("王小明")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end() == 0
        assert terminal.settings() == terminal.before
        assert b"\x1b[?1049l" in terminal.output
    with counter(stage) as terminal:
        asked_about_the_draft(terminal, clerk, first)
        terminal.type("2")
        terminal.see("递交确认单")


def test_a_covered_counter_shows_nothing_of_a_customer(stage: Stage) -> None:
    """F2 covers the form; keys do not reach it; only the own PIN uncovers it."""
    clerk, first, _ = people(stage)
    with counter(stage) as terminal:
        to_the_salespersons_home(terminal, clerk, first)
        terminal.type("1\t王小明")
        terminal.see("王小明")
        terminal.type(F2)
        terminal.see("已锁定")
        assert "王小明" not in terminal.text
        terminal.type(f"000000{F9}")
        terminal.see("密码")
        terminal.see("不对")
        terminal.type(f"{first.own_pin}{F9}")
        terminal.see("王小明")
