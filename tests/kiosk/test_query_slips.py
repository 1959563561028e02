"""Supervisor and manager at the machine: the day's query slips and both reports, to be looked at and not changed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from kiosk.counter import Form
from kiosk.queries import without_contacts
from kiosk.screens.ask import Ask
from kiosk.screens.deals import Query
from kiosk.screens.home import Home
from kiosk.screens.login import LogIn
from kiosk.screens.query_slips import QuerySlip, QuerySlips
from shared_rules.data import policy_text
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import Role
from shared_rules.interval import DAY, HOUR, MINUTE
from shared_rules.protocol import PolicyItem, RulingItem, Sentence
from tests.kiosk import counters
from tests.kiosk.counters import CLERK, OTHER, SALES, Kiosk, press, shown
from tests.kiosk.test_daily_work import SIZE, at_home, log_in

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.counter import Session

BOSS, MANAGER, BOTH = "401", "901", "402"
PHONE = "13800000001"
ELSEWHERE = "W-1-000003"
HAS_NOT_COME = "别店的单和日报不在这里"


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """Return a counter at 09:10 with a supervisor, a manager, and a supervisor who sells too."""
    for number, name, roles in (
        (BOSS, "孙丽", (Role.SUPERVISOR,)), (MANAGER, "赵敏", (Role.MANAGER,)),
        (BOTH, "周舟", (Role.SALESPERSON, Role.SUPERVISOR)),
    ):  # fmt: skip
        monkeypatch.setitem(counters.PEOPLE, number, (name, roles))
        monkeypatch.setitem(counters.PINS, number, f"82635{number[0]}")
    return Kiosk(tmp_path / "kiosk")


def filed(kiosk: Kiosk, *, signed: bool = False, after: int = HOUR) -> tuple[str, tuple[str, str]]:
    """Stamp two slips of one customer on two days, with reports; file a query slip about the later; close the window.

    `signed` = the note of the return was signed for right after the second stamp; `after` = µs until it is filed.
    """
    duty = kiosk.duty()
    first = kiosk.stamped("张三", PHONE).slip
    report(kiosk, SALES, first, "看过样板间，B 级")
    kiosk.machine.run(DAY)
    kiosk.desk.journal.anchored(kiosk.authority.note(kiosk.machine), kiosk.machine.tick(), kiosk.machine.tick())
    second = kiosk.stamped("张三", PHONE, by=OTHER).slip
    report(kiosk, OTHER, second, "电话回访")
    report(kiosk, OTHER, second, "电话回访，A 级")
    if signed:
        kiosk.desk.returns.record(kiosk.log_in(OTHER), second, "acknowledged")
    kiosk.machine.run(after)
    number = kiosk.desk.deals.query(kiosk.log_in(OTHER), second, first)
    kiosk.desk.people.close_duty(duty)
    return number, (second, first)


def report(kiosk: Kiosk, by: str, claim: str, text: str) -> None:
    """Write a line of the daily report."""
    kiosk.desk.reports.write(kiosk.log_in(by), claim, text, kiosk.desk.policy())


def come(kiosk: Kiosk, number: str = BOSS) -> Session:
    """Open the window and let somebody in who looks."""
    if kiosk.desk.people.duty is None:
        kiosk.duty()
    return kiosk.desk.people.come(f"B{number}", counters.PINS[number])


async def test_a_supervisor_sees_the_day_s_query_slips_and_both_reports_side_by_side(kiosk: Kiosk) -> None:
    """By badge and PIN at the open window, three keys; nothing of the customer, and the journal is as it was."""
    number, (second, first) = filed(kiosk)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=BOSS)
        before = len(list(kiosk.desk.journal.events()))
        assert all(word in shown(app) for word in ("主管 孙丽", "查询单", "当天 1 份"))
        assert not any(word in shown(app) for word in ("递交确认单", "业务日报表", "我的客户", "业务员 孙丽"))
        await press(pilot, "3")
        assert isinstance(app.screen, QuerySlips)
        assert all(word in shown(app) for word in (number, "10:10", "按时", "李娜", "等主管调解", second, "共 1 份"))
        await press(pilot, "enter")
        assert isinstance(app.screen, QuerySlip)
        lines = shown(app).splitlines()
        sides = next(line for line in lines if second in line and first in line)
        assert sides.index("李娜") < sides.index("陈明")
        assert all(
            word in shown(app) for word in ("盖章 03-03 09:10", "盖章 03-02 09:10", "第 2 稿", "本单", "看过样板间")
        )
        assert not any(word in shown(app) for word in ("张三", PHONE))
        await press(pilot, "f9", "f10", "f8", "f5", "escape", "f9", "f10", "f8", "escape")
        assert isinstance(app.screen, Home)
        assert len(list(kiosk.desk.journal.events())) == before
        await press(pilot, "9")
        assert "窗口开着，确认人员 王芳" in shown(app)


async def test_left_and_right_turn_the_day_and_never_into_tomorrow(kiosk: Kiosk) -> None:
    """Yesterday's query slip is still to be mediated today."""
    number, _ = filed(kiosk)
    kiosk.machine.run(DAY)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=MANAGER)
        assert "销售部经理 赵敏" in shown(app)
        await press(pilot, "3")
        assert "查询单　2026-03-04" in shown(app)
        assert "这一天没有查询单" in shown(app)
        assert HAS_NOT_COME[:2] in shown(app)
        await press(pilot, "left")
        assert all(word in shown(app) for word in ("查询单　2026-03-03", number))
        await press(pilot, "right", "right")
        assert "查询单　2026-03-04" in shown(app)
        await press(pilot, "f12")
        assert all(word in shown(app) for word in ("前一天", "后一天", "打开这一行", "回车对照双方的日报"))
        await press(pilot, "escape", "f1")
        assert "左右键换一天" in shown(app)


async def test_who_sells_and_supervises_is_asked_which(kiosk: Kiosk) -> None:
    """The salesperson's home has both; who only sells files at once, who only stamps does not get in."""
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=BOTH)
        assert "业务员 周舟" in shown(app)
        await press(pilot, "3")
        assert isinstance(app.screen, Ask)
        await press(pilot, "1")
        assert isinstance(app.screen, Query)
        await press(pilot, "escape", "3", "2")
        assert isinstance(app.screen, QuerySlips)
        await press(pilot, "escape", "9", "1")
        await log_in(pilot, SALES)
        await press(pilot, "3")
        assert isinstance(app.screen, Query)
        await press(pilot, "escape", "9", "1")
        await log_in(pilot, CLERK)
        assert isinstance(app.screen, LogIn)
        assert "王芳 不是业务员" in shown(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_in_english_both_screens_and_their_help_are_english_and_fit(kiosk: Kiosk, size: tuple[int, int]) -> None:
    """Han stands in names and in what salespeople wrote, nowhere else; help ends on its line."""
    filed(kiosk)
    app = kiosk.app("en")
    async with app.run_test(size=size) as pilot:
        await at_home(pilot)
        assert "leave your seat" in shown(app), "a remark that is too long pushes the last line out"
        await press(pilot, "1")
        await log_in(pilot, BOSS)
        assert all(word in shown(app) for word in ("Supervisor 孙丽", "Query slip", "Log out", "Lock"))
        own = (
            "东店",
            "滨江",
            "孙丽",
            "王芳",
            "李娜",
            "陈明",
            "电话回访",
            "看过样板间",
            "级",
            "中文",
            "三.1",
            "二.2.4",
            "，",
            "　",
        )
        for keys in (("3",), ("f1",), ("enter",), ("f1",)):
            await press(pilot, *keys)
            text = shown(app)
            for word in own:
                text = text.replace(word, "")
            assert not any("一" <= letter <= "鿿" for letter in text), text
        assert "(二.2.4)" in shown(app)
        await press(pilot, "escape")
        assert all(word in shown(app) for word in ("awaits mediation", "Salesperson", "In time"))


def test_late_is_who_files_after_the_day_of_the_signed_note(kiosk: Kiosk) -> None:
    """三.1: the day runs from the note that was signed for; without one here, that is said."""
    number, _ = filed(kiosk, signed=True, after=DAY)
    (row,) = kiosk.desk.queries.rows(come(kiosk))
    assert (row.number, row.late, row.noted) == (number, True, True)


@pytest.mark.parametrize("signed", [True, False])
def test_on_the_day_of_the_note_it_is_in_time(kiosk: Kiosk, *, signed: bool) -> None:
    """Also where no note was signed for at this kiosk: then nobody says that it is late."""
    filed(kiosk, signed=signed)
    (row,) = kiosk.desk.queries.rows(come(kiosk))
    assert (row.late, row.noted) == (False, signed)


async def test_a_late_one_says_so_in_list_and_detail(kiosk: Kiosk) -> None:
    """In words, not by colour alone."""
    filed(kiosk, signed=True, after=DAY)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=BOSS)
        await press(pilot, "3")
        assert "共 1 份，逾期 1" in shown(app)
        await press(pilot, "enter")
        assert "逾期" in shown(app)
        assert "按时" not in shown(app)


async def test_the_state_is_what_the_company_has_said_since(kiosk: Kiosk) -> None:
    """A ruling from before the query slip is what it is about; one that hangs on it shows that it has arrived."""
    duty = kiosk.duty()
    slip = kiosk.stamped("张三", PHONE, by=OTHER).slip
    kiosk.tell(RulingItem(claim=slip, slip=slip, status="returned"))
    kiosk.machine.run(MINUTE)
    number = kiosk.desk.deals.query(kiosk.log_in(OTHER), slip, "")
    kiosk.desk.people.close_duty(duty)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=BOSS)
        await press(pilot, "3")
        assert "等主管调解" in shown(app)
        kiosk.machine.run(MINUTE)
        open_ = Sentence(msgid="争议 {dispute} 未结", args={"dispute": number})
        kiosk.tell(RulingItem(claim=slip, slip=slip, status="returned", provisional="yes", pending_on=(open_,)))
        await press(pilot, "f5")
        assert "公司已收到，未结" in shown(app)
        kiosk.machine.run(MINUTE)
        kiosk.tell(RulingItem(claim=slip, slip=slip, status="upheld"))
        await press(pilot, "f5")
        assert "公司判定：有效" in shown(app)
        await press(pilot, "enter")
        assert "查询单上没有写对方的单号" in shown(app)


async def test_of_another_office_s_slip_there_is_its_number_and_a_plain_sentence(kiosk: Kiosk) -> None:
    """Neither name nor report of it is here."""
    duty = kiosk.duty()
    slip = kiosk.stamped("张三", PHONE, by=OTHER).slip
    kiosk.desk.deals.query(kiosk.log_in(OTHER), slip, ELSEWHERE)
    kiosk.desk.people.close_duty(duty)
    app = kiosk.app()
    async with app.run_test(size=(120, 36)) as pilot:
        await at_home(pilot, salesperson=BOSS)
        await press(pilot, "3")
        assert ELSEWHERE in shown(app)
        await press(pilot, "enter")
        assert HAS_NOT_COME in shown(app)
        assert "03-02 的日报，0 条" in shown(app)


def test_the_report_is_that_of_the_day_of_each_stamp_and_tells_what_was_written_later(kiosk: Kiosk) -> None:
    """Lines of other days are not in it; every customer of the day is, by code."""
    number, (second, first) = filed(kiosk)
    kiosk.duty()
    kiosk.machine.run(MINUTE)
    report(kiosk, OTHER, second, "交单以后补写")
    report(kiosk, SALES, first, "第二天的事")
    mine, theirs = kiosk.desk.queries.sides(come(kiosk), number)
    assert (mine.claim, mine.name, mine.day, [line.text for line in mine.lines]) == (
        second, "李娜", date(2026, 3, 3), ["交单以后补写"],
    )  # fmt: skip
    (row,) = kiosk.desk.queries.rows(come(kiosk))
    assert mine.lines[0].at > row.since
    assert (theirs.claim, theirs.day, [line.text for line in theirs.lines]) == (
        first, date(2026, 3, 2), ["看过样板间，B 级"],
    )  # fmt: skip


async def test_a_line_written_after_the_query_slip_is_marked(kiosk: Kiosk) -> None:
    """二.2.4: who reads the report shall know that it was written with the dispute in mind."""
    _, (second, _) = filed(kiosk)
    duty = kiosk.duty()
    kiosk.machine.run(MINUTE)
    report(kiosk, OTHER, second, "交单以后补写")
    kiosk.desk.people.close_duty(duty)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=BOSS)
        await press(pilot, "3", "enter")
        assert "交查询单以后写的" in shown(app)


async def test_a_stamp_of_no_certain_day_shows_no_report(tmp_path: Path, kiosk: Kiosk) -> None:
    """Whose day it was nobody can tell before this kiosk has been told the time."""
    kiosk.desk.close()
    lost = Kiosk(tmp_path / "lost", anchored=False)
    duty = lost.duty()
    slip = lost.stamped("张三", PHONE).slip
    number = lost.desk.deals.query(lost.log_in(), slip, "")
    assert lost.desk.queries.sides(come(lost), number)[0].day is None
    lost.desk.people.close_duty(duty)
    app = lost.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=BOSS)
        await press(pilot, "3", "enter")
        assert "盖章的日子还不能确定" in shown(app)


def test_contacts_are_hidden_also_where_the_office_lets_them_stand(kiosk: Kiosk) -> None:
    """一.10 names customers by code: whoever looks from outside needs no way to reach them."""
    assert without_contacts(f"打 {PHONE}，微信：abcde12，再约") == "打 ***，***，再约"
    text = policy_text("default")
    assert 'contact_details = "refuse"' in text
    allowing = text.replace('contact_details = "refuse"', 'contact_details = "allow"')
    kiosk.tell(PolicyItem(pool="river", start=date(2026, 3, 1), policy="lax", text=allowing))
    duty = kiosk.duty()
    slip = kiosk.stamped("张三", PHONE).slip
    report(kiosk, SALES, slip, f"打 {PHONE}")
    number = kiosk.desk.deals.query(kiosk.log_in(), slip, "")
    assert without_contacts(kiosk.desk.queries.sides(come(kiosk), number)[0].lines[0].text) == "打 ***"
    kiosk.desk.people.close_duty(duty)


def test_only_who_mediates_or_rules_may_look_and_who_looks_hands_nothing_in(kiosk: Kiosk) -> None:
    """A salesperson, the clerk, an ended session are refused; a number that is none names its field."""
    number, _ = filed(kiosk)
    duty = kiosk.duty()
    for session in (duty, kiosk.log_in(SALES)):
        with pytest.raises(RefusedError, match="不由"):
            kiosk.desk.queries.rows(session)
        with pytest.raises(RefusedError, match="不由"):
            kiosk.desk.queries.sides(session, number)
    boss = come(kiosk)
    with pytest.raises(RefusedError, match="不由 孙丽"):
        kiosk.desk.hand_in(boss, Form(kind="paper"))
    with pytest.raises(InputError) as caught:
        kiosk.desk.queries.sides(boss, "Q-E-1-9-9")
    assert caught.value.field == "query"
    with pytest.raises(RefusedError, match="不是业务员"):
        kiosk.desk.people.log_in(f"B{BOSS}", counters.PINS[BOSS])
    kiosk.desk.people.log_out(boss)
    with pytest.raises(RefusedError, match="登录已结束"):
        kiosk.desk.queries.rows(boss)
