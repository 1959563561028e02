"""What the counter does besides slips, through the screens at 80×24: each act is a fact in the journal, once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from kiosk.screens.hours import moment
from kiosk.screens.paper import pen_instant
from shared_rules.data import policy_text
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import (
    DealClosed,
    DisputeFiled,
    DutyClosed,
    Fact,
    Grade,
    ReportLineWritten,
    Role,
    SlipCorrected,
    SlipRenewed,
    SlipStamped,
    VisitLogged,
)
from shared_rules.interval import DAY, HOUR, MINUTE
from shared_rules.protocol import NoticeItem, PolicyItem, Sentence
from tests.kiosk import counters
from tests.kiosk.counters import CLERK, OFFICE, OTHER, PINS, SALES, Kiosk, press, shown, write

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

F = TypeVar("F", bound=Fact)
BOSS = "401"
SIZE = (80, 24)


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """Return a counter at 09:10 with a supervisor among its people."""
    monkeypatch.setitem(counters.PEOPLE, BOSS, ("孙丽", (Role.SUPERVISOR,)))
    monkeypatch.setitem(counters.PINS, BOSS, "826357")
    return Kiosk(tmp_path / "kiosk")


def written(kiosk: Kiosk, kind: type[F]) -> list[F]:
    """Return the facts of one kind in the journal."""
    return [event.fact for event in kiosk.desk.journal.events() if isinstance(event.fact, kind)]


async def log_in(pilot: Pilot[int], number: str) -> None:
    """Badge, PIN, F9."""
    await write(pilot, f"B{number}")
    await press(pilot, "enter")
    await write(pilot, PINS[number])
    await press(pilot, "f9")


async def at_home(pilot: Pilot[int], clerk: str = CLERK, salesperson: str = "") -> None:
    """Open the window, and log a salesperson in if one is named."""
    await pilot.pause()
    await press(pilot)
    await log_in(pilot, clerk)
    if salesperson:
        await press(pilot, "1")
        await log_in(pilot, salesperson)


async def fill(pilot: Pilot[int], *texts: str) -> None:
    """Type texts into one field after another."""
    for at, text in enumerate(texts):
        if at:
            await press(pilot, "enter")
        await write(pilot, text)


# --- 来人来电表


async def test_a_call_is_logged_in_a_few_keys(kiosk: Kiosk) -> None:
    """Way, name, number, F9: nine keys besides the text, and the form is empty for the next one."""
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=SALES)
        await press(pilot, "4", "right", "enter")
        await fill(pilot, "王小明", "138 0013 8000")
        await press(pilot, "f9")
        assert "已登记：来电 王小明" in shown(app)
        assert "138****" in shown(app)
        await press(pilot, "f9")
        assert "至少写一项" in shown(app)
    row = written(kiosk, VisitLogged)
    assert [(one.by, one.kind, one.name) for one in row] == [(SALES, "call", "王小明")]


async def test_the_clerk_writes_for_whose_turn_it_is(kiosk: Kiosk) -> None:
    """The turn goes to whoever received fewest (一.8); a wrong number is said beside its field."""
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot)
        await press(pilot, "4")
        assert "下一位没有点名的客户：陈明" in shown(app)
        await press(pilot, "enter")
        await fill(pilot, "王小明", "", "B999")
        await press(pilot, "f9")
        assert "没有这个工牌或工号" in shown(app).replace("\n", "")
        await press(pilot, "f8", "enter")
        await fill(pilot, "王小明", "", f"B{SALES}")
        await press(pilot, "f9")
        assert "下一位没有点名的客户：李娜" in shown(app)
    assert written(kiosk, VisitLogged)[0].by == SALES


def test_a_row_names_who_received_and_how_to_know_the_customer(kiosk: Kiosk) -> None:
    """Every refusal names its field."""
    clerk = kiosk.duty()
    log = kiosk.desk.visits.log
    for field, given in {
        "kind": {"kind": "letter", "name": "张三", "phone": "", "by": SALES},
        "name": {"kind": "visit", "name": " ", "phone": "", "by": SALES},
        "phone": {"kind": "visit", "name": "", "phone": "没留", "by": SALES},
        "by": {"kind": "visit", "name": "张三", "phone": "", "by": CLERK},
    }.items():
        with pytest.raises(InputError) as caught:
            log(clerk, **given)
        assert caught.value.field == field
    with pytest.raises(InputError) as caught:
        log(clerk, kind="visit", name="张三", phone="")
    assert caught.value.field == "by"


# --- 业务日报表


async def test_a_report_marks_what_would_tell_how_to_reach_the_customer_and_prints_three_alike(kiosk: Kiosk) -> None:
    """Refused with the span in 【】; written again it is version 2; three papers with one check sum (一.10)."""
    clerk = kiosk.duty()
    claim = kiosk.stamped("张三", "13800000001").claim
    kiosk.desk.people.close_duty(clerk)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=SALES)
        await press(pilot, "5")
        await fill(pilot, claim, "电话１３８００００００００１ 谈过")
        await press(pilot, "f9")
        assert "【" in shown(app)
        assert written(kiosk, ReportLineWritten) == []
        await press(pilot, "f8")
        await fill(pilot, claim, "看过样板间，B级")
        await press(pilot, "f9")
        await fill(pilot, claim, "看过样板间，A级")
        await press(pilot, "f9", "f10")
        assert "三份已送打印" in shown(app)
    assert [line.text for line in written(kiosk, ReportLineWritten)] == ["看过样板间，B级", "看过样板间，A级"]
    papers = [path.read_text(encoding="utf-8") for path in sorted(kiosk.folder.spool.glob("*-report-*.txt"))]
    assert len(papers) == 3
    assert len({paper.split("校验")[1].split("\n")[0] for paper in papers}) == 1
    assert all("第 2 稿" in paper and "A级" in paper and "13800000001" not in paper for paper in papers)


def report_papers(kiosk: Kiosk) -> list[str]:
    """Return the papers of today's reports, in the order of their copies."""
    return [path.read_text(encoding="utf-8") for path in sorted(kiosk.folder.spool.glob("*-report-*.txt"))]


def under(kiosk: Kiosk, old: str, new: str) -> None:
    """Let the default regulation hold with one switch set otherwise."""
    text = policy_text("default")
    assert old in text
    kiosk.tell(PolicyItem(pool="river", start=date(2026, 1, 1), policy="other", text=text.replace(old, new)))


def stamped_before(kiosk: Kiosk) -> str:
    """Let a salesperson have a customer before the window is opened on the screen; return the code."""
    clerk = kiosk.duty()
    code = kiosk.stamped("张三", "13800000001").claim
    kiosk.desk.people.close_duty(clerk)
    return code


HEADS = ("业务员留存（经理签字）", "销售部经理", "签约室存档", "第 4 份", "第 5 份")


@pytest.mark.parametrize("count", [1, 2, 4, 5])
async def test_as_many_copies_are_printed_as_the_policy_says(kiosk: Kiosk, count: int) -> None:
    """一.10, copies: the first three by name, further ones by number; menu, key and answer say how many."""
    under(kiosk, "\ncopies = 3\n", f"\ncopies = {count}\n")
    claim, app = stamped_before(kiosk), kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=SALES)
        assert f"打印 {count} 份" in shown(app)
        await press(pilot, "5")
        assert f"F10  打印 {count} 份" in shown(app)
        await fill(pilot, claim, "看过样板间，A级")
        await press(pilot, "f9", "f10")
        assert f"{count} 份已送打印：{'、'.join(HEADS[:count])[:20]}" in shown(app)
        await press(pilot, "f12")
        assert f"打印 {count} 份" in shown(app)
    papers = report_papers(kiosk)
    assert [paper.split("\n")[0] for paper in papers] == list(HEADS[:count])
    assert len({paper.split("校验")[1].split("\n")[0] for paper in papers}) == 1
    assert not any("补打" in paper for paper in papers)


@pytest.mark.parametrize(("mask", "shown_as"), [("code", ""), ("name", " 欧**")])
def test_the_printed_report_shows_code_or_masked_name(kiosk: Kiosk, mask: str, shown_as: str) -> None:
    """一.10, mask: by default the code alone, else the first character of the name beside it; never the name."""
    under(kiosk, 'mask = "code"', f'mask = "{mask}"')
    kiosk.duty()
    claim, session = kiosk.stamped("欧阳娜", "13800000001").claim, kiosk.log_in()
    unit = kiosk.stamped("甲有限公司", "13800000002").claim
    session = kiosk.log_in()
    for code in (claim, unit):
        kiosk.desk.reports.write(session, code, "看过样板间", kiosk.desk.policy())
    paper = "\n".join(line.chinese() for line in kiosk.desk.reports.paper(session, kiosk.desk.policy()))
    assert f" {claim}{shown_as}（第 1 稿） 看过样板间" in paper
    assert f" {unit}{' 甲***' if shown_as else ''}（第 1 稿） 看过样板间" in paper
    assert "欧阳娜" not in paper
    assert "有限公司" not in paper


def test_a_paper_slip_that_is_not_entered_has_no_name_to_mask(kiosk: Kiosk) -> None:
    """Its code stands there alone until the clerk has typed it."""
    under(kiosk, 'mask = "code"', 'mask = "name"')
    kiosk.duty()
    claim, session = kiosk.stamped("", "", kind="paper").claim, kiosk.log_in()
    kiosk.desk.reports.write(session, claim, "看过样板间", kiosk.desk.policy())
    paper = "\n".join(line.chinese() for line in kiosk.desk.reports.paper(session, kiosk.desk.policy()))
    assert f" {claim}（第 1 稿） 看过样板间" in paper


def test_a_report_is_about_ones_own_customers(kiosk: Kiosk) -> None:
    """By their code, which is the number of the first slip; an empty report is not printed."""
    kiosk.duty()
    claim = kiosk.stamped("张三", "13800000001").claim
    other, policy = kiosk.log_in(OTHER), kiosk.desk.policy()
    for text, code, field in (("谈过", claim, "claim"), ("", claim, "text"), ("长" * 201, claim, "text")):
        with pytest.raises(InputError) as caught:
            kiosk.desk.reports.write(other, code, text, policy)
        assert caught.value.field == field
    with pytest.raises(InputError, match="还没有内容"):
        kiosk.desk.reports.paper(other, policy)


# --- 我的客户


async def test_the_own_list_says_places_days_left_and_when_one_is_free_again(kiosk: Kiosk) -> None:
    """Full, the day of the next free place stands there (一.5)."""
    text = (
        policy_text("default")
        .replace("\nlimit = 50\n", "\nlimit = 2\n")
        .replace("limit_no_signing = 30", "limit_no_signing = 2")
    )
    kiosk.tell(PolicyItem(pool="river", start=date(2026, 1, 1), policy="small", text=text))
    clerk = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    app = kiosk.app()
    assert kiosk.desk.meters(kiosk.log_in())["river"].free_on is None
    kiosk.stamped("李四", "13800000002")
    kiosk.desk.people.close_duty(clerk)
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=SALES)
        await press(pilot, "6")
        assert "名额 2/2" in shown(app)
        assert "2026-03-13 起有空位" in shown(app)
        assert "10 天" in shown(app)


# --- 公告栏


async def test_a_notice_is_read_whole_and_ticked_by_each_person_for_himself(kiosk: Kiosk) -> None:
    """New ones are said at home; what the clerk read the salesperson has not."""
    kiosk.tell(NoticeItem(sentence=Sentence(msgid="{office}的 {kiosk} 号机已吊销：{reason}", args={
        "office": "东店", "kiosk": "2", "reason": "失窃",
    })))  # fmt: skip
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot)
        assert "有 1 条新公告" in shown(app)
        await press(pilot, "f6", "enter", "1", "escape")
        assert "新公告" not in shown(app)
        await press(pilot, "1")
        await log_in(pilot, SALES)
        assert "有 1 条新公告" in shown(app)


# --- 批量再次确认


async def test_those_that_end_soon_are_renewed_in_one_gesture_with_one_record_each(kiosk: Kiosk) -> None:
    """Ticked by themselves, the clerk's badge stamps all; a customer that ends later is left alone."""
    clerk = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.stamped("李四", "13800000002")
    kiosk.machine.run(8 * DAY)
    kiosk.desk.journal.anchored(
        kiosk.authority.note(kiosk.machine), kiosk.machine.tick(), kiosk.machine.tick()
    )  # fmt: skip
    kiosk.stamped("王五", "13800000003")
    kiosk.desk.people.close_duty(clerk)
    for row in kiosk.desk.entry_queue():
        assert row.slip
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=SALES)
        await press(pilot, "2")
        assert "选了 2 位" in shown(app)
        await press(pilot, "f9")
        assert "再次确认盖章　2 份" in shown(app).replace("  ", "　")
        await press(pilot, "f9")
        assert "请先刷工牌" in shown(app)
        await write(pilot, f"B{CLERK}")
        await press(pilot, "f9")
    renewed = written(kiosk, SlipRenewed)
    assert len(renewed) == 2
    assert len({one.slip for one in renewed}) == 2
    assert kiosk.desk.pending() == ()


# --- 打烊


async def test_closing_up_promises_and_the_counter_stamps_nothing_before_the_next_window(kiosk: Kiosk) -> None:
    """Handing over promises nothing; closing up promises up to the next opening, and says what is left over."""
    clerk = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.desk.people.close_duty(clerk)
    opens = kiosk.desk.windows().next_open
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot)
        await press(pilot, "8")
        assert "待录入 1 份" in shown(app)
        assert moment(opens) in shown(app)
        await press(pilot, "3")
        assert "窗口未开" in shown(app)
    assert [one.floor for one in written(kiosk, DutyClosed)] == [0, opens - 1]
    kiosk.machine.run(5 * MINUTE)
    kiosk.desk.close()
    kiosk.open()
    with pytest.raises(RefusedError, match="不盖章"):
        kiosk.duty()


# --- 补录 and 更正


async def test_a_page_of_the_emergency_book_is_written_up_with_its_pens_time(kiosk: Kiosk) -> None:
    """A field that is wrong is marked; the slip has grade P."""
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot)
        await press(pilot, "5", "1")
        page = (
            "17",
            "昨天",
            f"B{SALES}",
            f"B{CLERK}",
            "",
            "张三",
            "",
            "13800000001",
            "住宅",
            f"B{OFFICE}",
            PINS[OFFICE],
        )
        await fill(pilot, *page)
        await press(pilot, "f9")
        assert "03-02 14:05" in shown(app)
        assert written(kiosk, SlipStamped) == []
        await press(pilot, "f8")
        at = moment(kiosk.desk.now() - HOUR)
        await fill(pilot, page[0], at, *page[2:])
        await press(pilot, "f9")
        assert "已补录第 17 页" in shown(app)
    event = next(one for one in kiosk.desk.journal.events() if isinstance(one.fact, SlipStamped))
    assert event.grade is Grade.P
    assert moment(event.time.lo) == at


def test_the_pens_time_is_read_as_people_write_it(kiosk: Kiosk) -> None:
    """Without a year it is the last such day; nonsense names the field."""
    now = kiosk.desk.local_now()
    assert moment(pen_instant("03-01 14:05", now)) == "03-01 14:05"
    assert pen_instant("12-31 14:05", now) < pen_instant("03-01 14:05", now)
    assert pen_instant(f"{now.year}-03-01 14:05", now) == pen_instant("03-01 14:05", now)
    with pytest.raises(InputError) as caught:
        pen_instant("下午两点", now)
    assert caught.value.field == "pen_at"


async def test_a_wrong_digit_is_put_right_by_clerk_and_supervisor_and_the_time_stays(kiosk: Kiosk) -> None:
    """Nobody does it alone; a correction that corrects nothing is refused."""
    clerk = kiosk.duty()
    stamped = kiosk.stamped("张三", "13800000001")
    kiosk.desk.people.close_duty(clerk)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot)
        await press(pilot, "5", "2")
        await fill(pilot, stamped.slip, "", "", "13800000011", "号码看错", f"B{SALES}", PINS[SALES])
        await press(pilot, "f9")
        assert "更正须由主管" in shown(app)
        await press(pilot, "f8")
        await fill(pilot, stamped.slip, "", "", "13800000011", "号码看错", f"B{BOSS}", PINS[BOSS])
        await press(pilot, "f9")
        assert "时间不变" in shown(app)
    fact = written(kiosk, SlipCorrected)[0]
    assert (fact.content.names, fact.content.phones) == (("张三",), ("13800000011",))
    assert (fact.corrected_by, fact.approved_by) == (CLERK, BOSS)
    duty = kiosk.desk.people.duty
    assert duty is not None
    wrong = ({"slip": "E-1-9"}, {"name": "张三"}, {"phone": "没"}, {"contact": "李四"})
    for given in wrong:
        (field,) = given
        whole = {"slip": stamped.slip, "name": "", "phone": "", "reason": "看错"} | given
        with pytest.raises(InputError) as caught:
            kiosk.desk.corrections.correct(duty, whole.pop("slip"), **whole, badge=BOSS, pin="826357")
        assert caught.value.field == field


def test_of_a_unit_its_name_and_its_contact_are_put_right(kiosk: Kiosk) -> None:
    """The unit's name is what a person's is on another slip; what is left empty stays as it was."""
    duty = kiosk.duty()
    stamped = kiosk.stamped("滨江置业有限公司", "021-55550000")
    before = kiosk.desk.corrections.content(stamped.slip)
    given = {"name": "滨海置业有限公司", "contact": "钱进", "phone": "", "reason": "看错"}
    after = kiosk.desk.corrections.correct(duty, stamped.slip, **given, badge=f"B{BOSS}", pin=PINS[BOSS])
    assert (after.company, after.contact, after.phones) == ("滨海置业有限公司", "钱进", before.phones)
    assert kiosk.desk.corrections.content(stamped.slip) == after


# --- 认购与签约, 查询单


async def test_a_deal_is_recorded_by_the_contract_office_after_a_look(kiosk: Kiosk) -> None:
    """Without a network the look says so, and signing is not held up; the clerk has no such line."""
    clerk = kiosk.duty()
    claim = kiosk.stamped("张三", "13800000001").claim
    kiosk.desk.people.close_duty(clerk)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, OFFICE)
        await press(pilot, "3")
        await write(pilot, claim)
        await press(pilot, "f5")
        await pilot.pause()
        assert "现在问不到服务器" in shown(app)
        await press(pilot, "enter", "right", "enter")
        await fill(pilot, "3-1201", "张三", f"B{SALES}")
        await press(pilot, "f9")
        assert "已登记签约 3-1201" in shown(app)
        await press(pilot, "escape", "8", "2")
        await log_in(pilot, CLERK)
        assert "认购与签约" not in shown(app)
    deal = written(kiosk, DealClosed)[0]
    assert (deal.deal, deal.kind, deal.closer, deal.contract_name, deal.claims) == (
        "3-1201", "signing", SALES, "张三", (claim,)
    )  # fmt: skip


def test_a_deal_names_unit_buyer_closer_and_a_slip_of_this_kiosk(kiosk: Kiosk) -> None:
    """Every refusal names its field; a clerk records none."""
    office = kiosk.duty(OFFICE)
    whole: dict[str, Any] = {"deal": "3-1201", "kind": "signing", "closer": SALES, "contract_name": "张三"}
    for field, value in (("deal", " "), ("kind", "lease"), ("contract_name", ""), ("closer", CLERK), ("closer", "999")):
        with pytest.raises(InputError) as caught:
            kiosk.desk.deals.close(office, **whole | {field: value})
        assert caught.value.field == field
    with pytest.raises(InputError) as caught:
        kiosk.desk.deals.close(office, **whole, claims=("W-2-000001",))
    assert caught.value.field == "claims"
    kiosk.desk.people.close_duty(office)
    with pytest.raises(RefusedError):
        kiosk.desk.deals.close(kiosk.duty(), **whole)


async def test_a_party_files_a_query_slip_about_its_own_claim(kiosk: Kiosk) -> None:
    """Against another's number if it is known; somebody else's slip is refused."""
    clerk = kiosk.duty()
    own, other = kiosk.stamped("张三", "13800000001").claim, kiosk.stamped("张三", "13800000001", by=OTHER).claim
    kiosk.desk.people.close_duty(clerk)
    app = kiosk.app()
    async with app.run_test(size=SIZE) as pilot:
        await at_home(pilot, salesperson=SALES)
        await press(pilot, "3")
        await fill(pilot, other, "")
        await press(pilot, "f9")
        assert "您自己那份" in shown(app)
        await press(pilot, "f8")
        await fill(pilot, own, other)
        await press(pilot, "f9")
        assert "已交查询单" in shown(app)
    assert written(kiosk, DisputeFiled)[0].claims == (own, other)
