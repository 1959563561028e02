"""The counter's verbs from window to signed return, over a real journal and a real database."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from kiosk.counter import Draft, Form
from kiosk.desk import PinNeededError
from shared_rules.data import policy_text
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import (
    CustomerKind,
    DutyClosed,
    DutyOpened,
    Grade,
    Need,
    SlipAmended,
    SlipContent,
    SlipRenewed,
    SlipStamped,
    SlipWithdrawn,
)
from shared_rules.interval import DAY, HOUR, MINUTE
from shared_rules.protocol import PolicyItem, ReturnItem, RulingItem
from tests.kiosk.counters import CLERK, OFFICE, OTHER, PINS, SALES, START_PIN, Kiosk, facts_of

if TYPE_CHECKING:
    from pathlib import Path


OTHER_TEXT = policy_text("default").replace("entry_hours = 24", "entry_hours = 20")
PERSON = SlipContent(names=("张三",), phones=("13800000001",), need=Need(kind="住宅"))


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10 whose people have set their PINs; nobody is there yet."""
    return Kiosk(tmp_path / "kiosk")


def refused_field(raised: pytest.ExceptionInfo[InputError]) -> tuple[str, str]:
    """Return field and sentence."""
    return raised.value.field, str(raised.value)


# --- people


def test_the_window_is_opened_by_a_clerk_and_closed_by_the_same(kiosk: Kiosk) -> None:
    """Both are in the journal, the clerk's number with them."""
    duty = kiosk.duty()
    with pytest.raises(RefusedError, match="王芳"):
        kiosk.duty(OFFICE)
    session = kiosk.log_in()
    with pytest.raises(RefusedError, match="开窗的人"):
        kiosk.desk.people.close_duty(session)
    kiosk.desk.people.close_duty(duty)
    assert [type(fact) for fact in facts_of(kiosk)][-2:] == [DutyOpened, DutyClosed]
    with pytest.raises(RefusedError, match="重新登录"):
        kiosk.desk.hand_in(session, Form(content=PERSON))


def test_a_salesperson_neither_opens_the_window_nor_comes_in_before_it_is_open(kiosk: Kiosk) -> None:
    """The clerk is there first; each sentence says who must act."""
    with pytest.raises(RefusedError, match="陈明 不是确认人员"):
        kiosk.duty(SALES)
    with pytest.raises(RefusedError, match="先开窗"):
        kiosk.log_in()
    kiosk.duty()
    with pytest.raises(RefusedError, match="王芳 不是业务员"):
        kiosk.log_in(CLERK)


def test_a_badge_is_read_in_any_width_and_case_and_a_number_does_as_well(kiosk: Kiosk) -> None:
    """Scanners send capitals, input methods full width."""
    for badge in ("B201", "b201", "Ｂ２０１ ", "201"):
        duty = kiosk.desk.people.open_duty(badge, PINS[CLERK])
        kiosk.desk.people.close_duty(duty)


def test_five_wrong_pins_lock_a_person_and_another_unlocks(kiosk: Kiosk) -> None:
    """The count is on the disk: neither a restart nor the right PIN gets past it."""
    kiosk.duty()
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(InputError) as raised:
            kiosk.desk.people.log_in("B101", "000000")
        assert refused_field(raised) == ("pin", f"密码不对，还可以再试 {left} 次")
    kiosk.desk.close()
    kiosk.open()
    duty = kiosk.duty()
    with pytest.raises(RefusedError, match="已被锁定"):
        kiosk.log_in()
    assert kiosk.desk.staff.locked() == (SALES,)
    kiosk.desk.people.unblock(duty, "B101")
    assert kiosk.log_in().number == SALES


def test_a_right_pin_forgets_the_wrong_ones_before_it(kiosk: Kiosk) -> None:
    """A tired finger in the morning does not add up to a lock in the evening."""
    kiosk.duty()
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(InputError):
                kiosk.desk.people.log_in("B101", "1")
        kiosk.log_in()


@pytest.mark.parametrize(
    ("pin", "says"), [("12345", "6 到 12 位"), ("abcdef", "数字"), ("111111", "容易"), (START_PIN, "容易")]
)
def test_the_first_login_sets_an_own_pin_that_is_not_easily_guessed(tmp_path: Path, pin: str, says: str) -> None:
    """The operator knows the start PIN: it opens nothing."""
    kiosk = Kiosk(tmp_path / "kiosk", pins_set=False)
    with pytest.raises(PinNeededError):
        kiosk.desk.people.open_duty("B201", START_PIN)
    with pytest.raises(InputError) as raised:
        kiosk.desk.people.set_pin("B201", START_PIN, pin)
    assert raised.value.field == "new_pin"
    assert says in str(raised.value)
    kiosk.desk.people.set_pin("B201", START_PIN, "604135")
    assert kiosk.duty().name == "王芳"
    with pytest.raises(InputError, match="密码不对"):
        kiosk.desk.people.set_pin("B201", START_PIN, "999888")


def test_the_cover_comes_off_only_by_the_own_pin(kiosk: Kiosk) -> None:
    """Another person's PIN is a wrong one."""
    duty = kiosk.duty()
    with pytest.raises(InputError, match="密码不对"):
        kiosk.desk.people.unlock(duty, PINS[SALES])
    assert kiosk.desk.people.unlock(duty, PINS[CLERK]) == duty


# --- half-filled forms and the queue for the stamp


def test_a_half_filled_form_outlives_the_program_and_belongs_to_one_person(kiosk: Kiosk) -> None:
    """It is sealed on the disk, offered to its writer alone, and dropped on request."""
    kiosk.duty()
    kiosk.desk.save_draft(kiosk.log_in(), Draft(name="new", values={"name": "张三丰"}, at="phone"))
    kiosk.desk.close()
    raw = b"".join(path.read_bytes() for path in kiosk.root.rglob("*") if path.is_file())
    assert "张三丰".encode() not in raw
    kiosk.open()
    kiosk.duty()
    assert kiosk.desk.draft(kiosk.log_in(OTHER)) is None
    session = kiosk.log_in()
    draft = kiosk.desk.draft(session)
    assert draft is not None
    assert (draft.values, draft.at) == ({"name": "张三丰"}, "phone")
    kiosk.desk.drop_draft(session, "new")
    assert kiosk.desk.draft(session) is None


def test_handing_in_takes_the_draft_away_and_waits_through_a_restart(kiosk: Kiosk) -> None:
    """Queue and draft change in one transaction; the ticket's time stays."""
    kiosk.duty()
    session = kiosk.log_in()
    kiosk.desk.save_draft(session, Draft(name="new", values={"name": "张三"}, at=""))
    ticket = kiosk.desk.hand_in(session, Form(content=PERSON), draft="new")
    assert kiosk.desk.draft(session) is None
    kiosk.desk.close()
    kiosk.open()
    (waiting,) = kiosk.desk.pending()
    assert (waiting.id, waiting.salesperson_name, waiting.handed_in_at) == (ticket.id, "陈明", ticket.handed_in_at)
    assert waiting.form.received_on == date(2026, 3, 2)


def test_only_its_salesperson_takes_a_slip_back_before_the_stamp(kiosk: Kiosk) -> None:
    """Taking somebody's slip off the queue would cost them the customer."""
    kiosk.duty()
    session, other = kiosk.log_in(), kiosk.log_in(OTHER)
    ticket = kiosk.desk.hand_in(session, Form(content=PERSON))
    with pytest.raises(RefusedError, match="陈明 本人"):
        kiosk.desk.discard(other, ticket.id)
    kiosk.desk.discard(session, ticket.id)
    kiosk.desk.discard(session, ticket.id)
    assert kiosk.desk.pending() == ()
    with pytest.raises(InputError) as raised:
        kiosk.desk.stamp(ticket.id, "B201")
    assert raised.value.field == "pending"


@pytest.mark.parametrize(
    ("content", "field", "remedy"),
    [
        (SlipContent(names=("张三",)), "phone", "联系方式"),
        (SlipContent(phones=("13800000001",)), "name", "客户名称"),
        (SlipContent(names=("张三",), phones=("无",)), "phone", "核对"),
        (SlipContent(kind=CustomerKind.COMPANY, company="甲公司", phones=("021-55",)), "contact", "联系人"),
        (SlipContent(kind=CustomerKind.COMPANY, contact="王五", phones=("021-55",)), "company", "单位"),
        (SlipContent(names=("张" * 201,), phones=("13800000001",)), "name", "200"),
    ],
)
def test_a_form_that_lacks_something_names_field_and_remedy(
    kiosk: Kiosk, content: SlipContent, field: str, remedy: str
) -> None:
    """No contact, no name, a unit without its contact person: refused beside the field, and nothing is written."""
    kiosk.duty()
    session, before = kiosk.log_in(), facts_of(kiosk)
    with pytest.raises(InputError) as raised:
        kiosk.desk.hand_in(session, Form(content=content))
    assert raised.value.field == field
    assert remedy in str(raised.value)
    assert field in [problem.field for problem in kiosk.desk.check(Form(content=content))]
    assert kiosk.desk.pending() == ()
    assert facts_of(kiosk) == before


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (Form(content=PERSON, pool="sea"), "pool"),
        (Form(kind="renew"), "claim"),
        (Form(kind="renew", claim="E-1-000099"), "claim"),
        (Form(kind="gift", content=PERSON), "kind"),
    ],
)
def test_a_form_for_what_is_not_there_names_its_field(kiosk: Kiosk, form: Form, field: str) -> None:
    """Another office's pool, a claim that is nobody's, a kind of slip that does not exist."""
    kiosk.duty()
    with pytest.raises(InputError) as raised:
        kiosk.desk.hand_in(kiosk.log_in(), form)
    assert raised.value.field == field


def test_outside_the_hours_the_sentence_names_the_next_window(kiosk: Kiosk) -> None:
    """一.1: the form is not lost, it can be handed in when the window opens."""
    kiosk.duty()
    session = kiosk.log_in()
    kiosk.machine.run(2 * HOUR)
    with pytest.raises(RefusedError, match="03-02 16:00") as raised:
        kiosk.desk.hand_in(session, Form(content=PERSON))
    assert raised.value.clause == "一.1"
    assert kiosk.desk.pending() == ()
    window = kiosk.desk.windows()
    assert (window.open, window.spans) == (False, ("09:00-10:00", "16:00-17:00"))


# --- the stamp


def test_the_stamp_commits_to_what_was_typed_and_names_both_people(kiosk: Kiosk) -> None:
    """Slip, content, salesperson and clerk stand in one record with its time and grade."""
    kiosk.duty()
    stamped = kiosk.stamped("张三", "138 0000 0001")
    fact = facts_of(kiosk)[-1]
    assert isinstance(fact, SlipStamped)
    assert (fact.slip, fact.salesperson, fact.stamped_by) == (stamped.slip, SALES, CLERK)
    assert fact.content is not None
    assert fact.content.phones == ("138 0000 0001",)
    assert len(stamped.receipt) == 188
    assert stamped.answer.chinese() == "本店已查，全公司待上报"
    assert not stamped.conflict
    assert kiosk.desk.pending() == ()
    assert stamped.lines[-1] == stamped.answer


def test_only_the_badge_of_whoever_opened_the_window_stamps(kiosk: Kiosk) -> None:
    """A salesperson's badge, another clerk's, none: refused by name, the slip stays in the queue."""
    kiosk.duty()
    ticket = kiosk.desk.hand_in(kiosk.log_in(), Form(content=PERSON))
    for badge in ("B101", "B301", "B999"):
        with pytest.raises(InputError) as raised:
            kiosk.desk.stamp(ticket.id, badge)
        assert raised.value.field == "badge"
    assert [one.id for one in kiosk.desk.pending()] == [ticket.id]
    assert not any(isinstance(fact, SlipStamped) for fact in facts_of(kiosk))


def test_an_office_hears_of_its_own_earlier_slip_right_after_the_stamp(kiosk: Kiosk) -> None:
    """The later one is still stamped; the answer names the clause and never the holder (五)."""
    kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.machine.run(DAY)
    late = kiosk.stamped("張三", "+86 138-0000-0001", by=OTHER)
    assert late.conflict
    assert "陈明" not in late.answer.chinese()
    (row,) = kiosk.desk.returns.rows()
    assert (row.slip, row.salesperson_name, row.reasons[0][0], row.provisional) == (late.slip, "李娜", "二.2.1", True)


def test_a_kiosk_that_never_heard_the_time_stamps_with_grade_c(tmp_path: Path) -> None:
    """The staff hear only that the operator is needed; the receipt carries the grade."""
    kiosk = Kiosk(tmp_path / "kiosk", anchored=False)
    kiosk.duty()
    stamped = kiosk.stamped("张三", "13800000001")
    assert stamped.grade is Grade.C
    status = kiosk.desk.status()
    assert status.operator_needed
    assert status.sentence is not None
    assert status.sentence.chinese() == "此机器需管理员处理，可继续盖章"


# --- claims: renew, amend, withdraw


def test_an_amendment_moves_the_time_and_a_renewal_only_the_end(kiosk: Kiosk) -> None:
    """What each costs is known before the choice (一.6, 六.3)."""
    kiosk.duty()
    slip = kiosk.stamped("张三", "13800000001").slip
    kiosk.machine.run(DAY)
    session = kiosk.log_in()
    offer = kiosk.desk.consequence(session, slip)
    assert offer.effective_at < kiosk.desk.now() - DAY + MINUTE
    kiosk.desk.stamp(kiosk.desk.hand_in(session, Form(kind="renew", claim=slip)).id, "B201")
    (renewed,) = kiosk.desk.my_claims(session)
    assert renewed.effective_at == offer.effective_at
    assert renewed.valid_until == offer.renewed_valid_until
    form = Form(kind="amend", claim=slip, content=PERSON)
    kiosk.desk.stamp(kiosk.desk.hand_in(session, form).id, "B201")
    (amended,) = kiosk.desk.my_claims(session)
    assert amended.effective_at > offer.effective_at + DAY - MINUTE
    assert [type(fact) for fact in facts_of(kiosk)][-2:] == [SlipRenewed, SlipAmended]


def test_a_claim_is_given_up_by_its_salesperson_alone(kiosk: Kiosk) -> None:
    """Who else asks for it hears that it is not theirs."""
    kiosk.duty()
    slip = kiosk.stamped("张三", "13800000001").slip
    with pytest.raises(InputError) as raised:
        kiosk.desk.withdraw(kiosk.log_in(OTHER), slip)
    assert raised.value.field == "claim"
    session = kiosk.log_in()
    kiosk.desk.withdraw(session, slip)
    fact = facts_of(kiosk)[-1]
    assert isinstance(fact, SlipWithdrawn)
    assert (fact.claim, fact.witnessed_by) == (slip, CLERK)
    assert kiosk.desk.my_claims(session)[0].status == "withdrawn"
    with pytest.raises(InputError, match="不能变更"):
        kiosk.desk.hand_in(session, Form(kind="renew", claim=slip))


# --- the top line


def test_the_top_line_counts_what_is_stamped_and_what_waits_to_be_told(kiosk: Kiosk) -> None:
    """Nothing was acknowledged: every act is unsent, the oldest names the time."""
    kiosk.duty()
    kiosk.stamped("张三", "13800000001")
    kiosk.stamped("李四", "13800000002")
    status = kiosk.desk.status()
    assert (status.stamped, status.reported, status.ruled) == (2, 0, 0)
    assert status.unsent == kiosk.desk.journal.last_seq
    assert status.oldest_unsent_at > 0
    assert status.sentence is None


def test_what_a_lost_database_ruled_is_forgotten_when_the_feed_is_read_again(kiosk: Kiosk) -> None:
    """The server was put back and may never rule so again; policies stand until it tells others."""
    kiosk.duty()
    stamped = kiosk.stamped("张三", "13800000001")
    kiosk.tell(
        RulingItem(claim=stamped.claim, slip=stamped.slip, status="returned"),
        ReturnItem(slip=stamped.slip, claim=stamped.claim, salesperson=SALES, reasons=(), due_at=1),
        PolicyItem(pool="river", start=date(2026, 1, 1), policy="other", text=OTHER_TEXT),
    )
    assert [row.slip for row in kiosk.desk.returns.rows()] == [stamped.slip]
    kiosk.desk.feed.reset()
    assert (kiosk.desk.register.rulings(), kiosk.desk.returns.rows()) == ({}, ())
    assert kiosk.desk.policy().text == OTHER_TEXT
