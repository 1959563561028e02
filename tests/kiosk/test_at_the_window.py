"""What both people see before the stamp and after the return: the visitor log's row, the own slip by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.counter import Form
from kiosk.screens.ask import Ask
from kiosk.screens.returns import ByNumber, OwnNote
from kiosk.screens.stamp import StampScreen
from kiosk.slips import whole_number
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import DealClosed, ReportLineWritten, Role, SlipContent, SlipRenewed, Source
from shared_rules.interval import DAY, HOUR
from tests.kiosk.counters import CLERK, OFFICE, OTHER, PINS, SALES, Kiosk, facts_of, opened, press, shown, write

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10."""
    return Kiosk(tmp_path / "kiosk")


async def log_in(pilot: Pilot[int], badge: str) -> None:
    """Badge, PIN, F9."""
    await write(pilot, f"B{badge}")
    await press(pilot, "enter")
    await write(pilot, PINS[badge])
    await press(pilot, "f9")


# --- the visitor log before the stamp (一.7)


@pytest.mark.parametrize(
    ("row", "source", "says"),
    [
        ({"kind": "visit", "name": "王小明", "phone": ""}, "", "来人，有登记"),
        ({"kind": "call", "name": "", "phone": "138 0013 8000"}, "", "来电，有登记"),
        ({"kind": "call_out", "name": "王小明", "phone": ""}, "", "本机当天没有这位客户的登记"),
        ({"kind": "visit", "name": "别人", "phone": ""}, "", "本机当天没有这位客户的登记"),
        (None, "", "本机当天没有这位客户的登记"),
        (None, "提前备案", ""),
    ],
)
async def test_the_stamp_says_whether_the_day_s_log_has_the_customer(
    kiosk: Kiosk, row: dict[str, str] | None, source: str, says: str
) -> None:
    """While it can still be put right; a source that needs no row is told nothing."""
    duty = kiosk.duty()
    person = kiosk.log_in()
    if row is not None:
        kiosk.desk.visits.log(person, **row)
    content = SlipContent(names=("王小明",), phones=("13800138000",))
    kiosk.desk.hand_in(person, Form(content=content, source=Source.PRE_REGISTERED if source else Source.WALK_IN))
    kiosk.desk.people.close_duty(duty)
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await log_in(pilot, CLERK)
        await press(pilot, "2", "enter")
        assert isinstance(app.screen, StampScreen)
        assert (says in shown(app)) if says else ("来人来电表" not in shown(app))


def test_a_call_of_one_s_own_counts_after_the_own_claim_ran_out(kiosk: Kiosk) -> None:
    """The salesperson rang an old customer of the own list."""
    kiosk.duty()
    kiosk.stamped("王小明", "13800138000")
    kiosk.machine.run(20 * DAY)
    person = kiosk.log_in()
    kiosk.desk.visits.log(person, kind="call_out", name="王小明", phone="")
    form = Form(content=SlipContent(names=("王小明",), phones=("13900139000",)))
    row = kiosk.desk.visits.row_for(form, SALES)
    assert row is not None
    assert row.kind == "call_out"


async def test_the_stamp_of_a_renewal_names_the_customer(kiosk: Kiosk) -> None:
    """A number alone is nothing that a clerk can check."""
    duty = kiosk.duty()
    claim = kiosk.stamped("欧阳文静", "13800000001").claim
    kiosk.desk.hand_in(kiosk.log_in(), Form(kind="renew", claim=claim))
    kiosk.desk.people.close_duty(duty)
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await log_in(pilot, CLERK)
        await press(pilot, "2", "enter")
        assert isinstance(app.screen, StampScreen)
        assert "欧阳文静" in shown(app)


async def test_the_contract_office_renews_all_for_one_reason_outside_the_hours(kiosk: Kiosk) -> None:
    """Asked once, written into each record (一.3)."""
    duty = kiosk.duty()
    for number in (1, 2):
        kiosk.stamped(f"张{'一二'[number - 1]}", f"1380000000{number}")
    kiosk.desk.people.close_duty(duty)
    kiosk.machine.run(8 * DAY + 3 * HOUR)
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await log_in(pilot, OFFICE)
        await press(pilot, "1")
        await log_in(pilot, SALES)
        await press(pilot, "2", "f9")
        assert isinstance(app.screen, Ask)
        await press(pilot, "1")
        await write(pilot, f"B{OFFICE}")
        await press(pilot, "f9")
    renewed = [event.fact for event in kiosk.desk.journal.events() if isinstance(event.fact, SlipRenewed)]
    assert len(renewed) == 2
    assert {(one.exceptional, one.stamped_role) for one in renewed} == {
        (kiosk.desk.windows().reasons[0], Role.CONTRACT_OFFICE)
    }


async def test_before_the_first_time_note_the_top_line_does_not_count_days_since_1970(tmp_path: Path) -> None:
    """A machine that was enrolled a minute ago has nothing that waits for twenty thousand days."""
    kiosk = Kiosk(tmp_path / "kiosk", pins_set=False)
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "待同步" in shown(app)
        assert "天" not in shown(app).splitlines()[1]


# --- a returned slip by its number


async def test_a_slip_that_was_signed_for_comes_out_by_its_number_to_its_own_salesperson(kiosk: Kiosk) -> None:
    """The list is empty, the last digits fetch it, F9 does nothing more; another salesperson gets nothing."""
    duty = kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.machine.run(DAY)
    late = kiosk.stamped("张三", "13800000001", by=OTHER).slip
    other = kiosk.log_in(OTHER)
    kiosk.desk.returns.record(other, late, "acknowledged")
    kiosk.desk.people.log_out(other)
    assert kiosk.desk.returns.rows() == ()
    with pytest.raises(InputError) as caught:
        kiosk.desk.returns.own(kiosk.log_in(), late)
    assert caught.value.field == "wanted"
    kiosk.desk.people.close_duty(duty)
    app = kiosk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await log_in(pilot, CLERK)
        await press(pilot, "7", "f3")
        assert not isinstance(app.screen, ByNumber)
        await press(pilot, "escape", "1")
        await log_in(pilot, OTHER)
        await press(pilot, "7", "f3")
        assert isinstance(app.screen, ByNumber)
        await write(pilot, "2")
        await press(pilot, "f9")
        assert isinstance(app.screen, OwnNote)
        assert "已签收" in shown(app)
        assert "二.2.1" in shown(app)
        await press(pilot, "f9")
        assert isinstance(app.screen, OwnNote)


# --- numbers by their last digits


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("E-1-000012", "E-1-000012"), ("12", "E-1-000012"), (" 000012 ", "E-1-000012"), ("e-1-000012", "E-1-000012"),
        ("7", "7"), ("2", "2"), ("", ""), ("zw", "zw"),
    ],
)  # fmt: skip
def test_a_slip_is_meant_by_its_last_digits_if_no_other_has_them(typed: str, means: str) -> None:
    """Two that end alike (of two kiosks) must be told apart in full; a part of a number is none."""
    assert whole_number(typed, ("E-1-000012", "E-1-000007", "E-2-000007", "E-1-000120")) == means


def test_report_query_correction_and_deal_take_the_last_digits(kiosk: Kiosk) -> None:
    """What is written is the whole number."""
    duty = kiosk.duty()
    claim = kiosk.stamped("张三", "13800000001").claim
    person = kiosk.log_in()
    kiosk.desk.reports.write(person, "1", "看过样板间", kiosk.desk.policy())
    kiosk.desk.deals.query(person, "1", "")
    with pytest.raises(RefusedError):
        kiosk.desk.corrections.correct(
            duty, kiosk.desk.corrections.number("1"), name="张山", phone="", reason="写错", badge=f"B{OFFICE}",
            pin=PINS[OFFICE],
        )  # fmt: skip
    kiosk.desk.people.close_duty(duty)
    office = kiosk.duty(OFFICE)
    kiosk.desk.deals.close(office, deal="3-1201", kind="signing", closer=SALES, contract_name="张三", claims=("1",))
    facts = facts_of(kiosk)
    assert [fact.claim for fact in facts if isinstance(fact, ReportLineWritten)] == [claim]
    assert [fact.claims for fact in facts if isinstance(fact, DealClosed)] == [(claim,)]
