"""The counter off its usual way: the contract office, a clock nobody set, locked people, offices with two pools."""

from __future__ import annotations

import dataclasses
import os
from datetime import date
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kiosk.counter import Form, Session
from kiosk.desk import Desk, PinNeededError
from kiosk.register import OfficeRegister
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import Need, Role, SlipContent, SlipStamped
from shared_rules.interval import HOUR, MINUTE, SECOND
from shared_rules.protocol import FeedAnswer, StaffItem
from shared_rules.settlement import Settlement
from shared_rules.words import say
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority

START = "204060"
PINS = {"101": "482913", "102": "593024", "201": "604135", "301": "715246", "401": "826357", "501": "937468"}
ROLES = {
    "101": (Role.SALESPERSON,),
    "102": (Role.SALESPERSON,),
    "201": (Role.CLERK,),
    "301": (Role.CONTRACT_OFFICE,),
    "401": (Role.SUPERVISOR,),
    "501": (Role.CLERK, Role.CONTRACT_OFFICE),
}
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclasses.dataclass
class Counter:
    """An enrolled kiosk with people, on a machine whose time the test moves."""

    root: Path
    pools: dict[str, str] = dataclasses.field(default_factory=lambda: {"river": "滨江"})
    authority: Authority = dataclasses.field(default_factory=Authority)
    machine: Machine = dataclasses.field(default_factory=Machine)

    def __post_init__(self) -> None:
        folder = self.authority.enrol(self.root)
        self.desk = Desk.open(folder, ticks=self.machine, random=os.urandom, hasher=CHEAP)
        self.desk.place = dataclasses.replace(self.desk.place, pools=self.pools)
        self.tell(*ROLES)
        for number, pin in PINS.items():
            self.desk.people.set_pin(f"B{number}", START, pin)

    def tell(self, *numbers: str, start: str = START) -> None:
        """Let the server tell of people, with a start PIN."""
        people = [
            StaffItem(
                person=number, name=f"人{number}", office="E", roles=ROLES[number], badge=f"B{number}",
                start_pin=CHEAP.hash(start),
            )
            for number in numbers
        ]  # fmt: skip
        items = [self.authority.item(person) for person in people]
        self.desk.feed.apply(FeedAnswer(items=items, cursor=f"e1.{self.authority.seq}"))

    def anchor(self) -> None:
        """Hear the server's time."""
        self.desk.journal.anchored(self.authority.note(self.machine), self.machine.tick(), self.machine.tick())

    def duty(self, number: str = "201") -> Session:
        """Open the window."""
        return self.desk.people.open_duty(f"B{number}", PINS[number])

    def hand_in(self, who: str = "101", *, reason: str = "", kind: str = "new", name: str = "张三") -> int:
        """Log a salesperson in and hand a slip in."""
        session = self.desk.people.log_in(f"B{who}", PINS[who])
        content = SlipContent(names=(name,), phones=("13800000001",), need=Need(kind="flat"))
        form = Form(kind=kind, content=content, exceptional=reason, received_on=date(2026, 3, 2), pool="river")
        return self.desk.hand_in(session, form).id

    def last(self) -> SlipStamped:
        """Return the slip stamped last."""
        facts = [one.fact for one in self.desk.journal.events() if isinstance(one.fact, SlipStamped)]
        return facts[-1]


@pytest.fixture
def counter(tmp_path: Path) -> Counter:
    """Return a counter that heard the server's time, at 09:10."""
    counter = Counter(tmp_path / "kiosk")
    counter.anchor()
    return counter


# --- 一.3: who stamps, and outside the hours


def test_the_contract_office_stamps_only_with_a_reason_also_inside_the_hours(counter: Counter) -> None:
    """Without one the rules would refuse the slip afterwards: so it is refused before it has a time."""
    counter.duty("301")
    pending = counter.hand_in()
    with pytest.raises(InputError, match="原因"):
        counter.desk.stamp(pending, "B301")
    assert len(counter.desk.pending()) == 1
    stamped = counter.desk.stamp(pending, "B301", reason="确认人员不在")
    assert not stamped.conflict
    assert (counter.last().stamped_role, counter.last().exceptional) == (Role.CONTRACT_OFFICE, "确认人员不在")


def test_a_slip_handed_in_to_a_clerk_needs_a_reason_from_the_contract_office_that_takes_over(counter: Counter) -> None:
    """The window changes hands between hand-in and stamp: what counts is who stamps."""
    clerk = counter.duty("201")
    pending = counter.hand_in()
    counter.desk.people.close_duty(clerk)
    counter.duty("301")
    with pytest.raises(InputError, match="原因"):
        counter.desk.stamp(pending, "B301")


def test_a_clerks_stamp_says_clerk_whatever_reason_stands_on_the_form(counter: Counter) -> None:
    """The record must not give a person a role that the person does not have."""
    counter.duty("201")
    counter.desk.stamp(counter.hand_in(reason="当日成交"), "B201")
    assert counter.last().stamped_role is Role.CLERK


def test_who_is_both_stamps_by_exception_as_contract_office(counter: Counter) -> None:
    """Outside the hours the reason makes it the contract office's stamp; inside without one it is the clerk's."""
    counter.duty("501")
    counter.desk.stamp(counter.hand_in(), "B501")
    assert counter.last().stamped_role is Role.CLERK
    counter.machine.run(3 * HOUR)
    counter.desk.stamp(counter.hand_in(reason="客户将在别处签约", name="李四"), "B501")
    assert counter.last().stamped_role is Role.CONTRACT_OFFICE


def test_a_slip_of_the_queue_may_be_stamped_after_the_window_closed(counter: Counter) -> None:
    """The ticket counts (一.1), not the moment at which the clerk gets to it."""
    counter.duty()
    pending = counter.hand_in()
    counter.machine.run(2 * HOUR)
    stamped = counter.desk.stamp(pending, "B201")
    assert not stamped.conflict


# --- a clock nobody set


@pytest.mark.parametrize("wrong", [-20 * 365 * 24 * HOUR, -12 * HOUR, 13 * HOUR])
def test_a_kiosk_without_any_certain_time_never_refuses_and_never_tells_the_wall_clocks_time(
    tmp_path: Path, wrong: int
) -> None:
    """Before the first anchor the wall clock may be anything: no hour is held against anybody, none is recorded."""
    counter = Counter(tmp_path / "kiosk")
    counter.machine.wall_offset = wrong
    counter.duty()
    stamped = counter.desk.stamp(counter.hand_in(), "B201")
    assert not stamped.conflict
    assert counter.last().handed_in_at == 0


def test_a_moment_that_straddles_the_end_of_the_hours_is_not_held_against_anybody(counter: Counter) -> None:
    """09:10 + 50 minutes, half a millisecond late by the middle of the bounds: it may still have been in time."""
    counter.duty()
    counter.machine.run(50 * MINUTE + 500)
    counter.hand_in()
    counter.machine.run(10 * SECOND)
    with pytest.raises(RefusedError, match="下一个时段 03-02 16:00"):
        counter.hand_in(name="李四")


# --- people


def _lock(counter: Counter, number: str) -> None:
    for _ in range(5):
        with pytest.raises(InputError, match="密码不对"):
            counter.desk.people.open_duty(f"B{number}", "000111")
    with pytest.raises(RefusedError, match="已被锁定"):
        counter.desk.people.open_duty(f"B{number}", PINS[number])


def test_a_supervisor_unblocks_the_only_clerk_at_a_closed_window(counter: Counter) -> None:
    """With own badge and PIN: nobody else is there who could open the window first."""
    _lock(counter, "201")
    counter.desk.people.unblock_with("B401", PINS["401"], "B201")
    assert counter.duty().number == "201"


@pytest.mark.parametrize(("by", "whom"), [("101", "201"), ("201", "201")])
def test_neither_a_salesperson_nor_the_person_itself_unblocks(counter: Counter, by: str, whom: str) -> None:
    """The lock would mean nothing."""
    with pytest.raises(RefusedError, match="解锁须由"):
        counter.desk.people.unblock_with(f"B{by}", PINS[by], f"B{whom}")


def test_a_new_start_pin_of_the_operator_ends_the_forgotten_own_one(counter: Counter) -> None:
    """That is the way out for who forgot the PIN; the old own one is good no more, and a lock ends with it."""
    _lock(counter, "201")
    counter.tell("201", start="313131")
    with pytest.raises(InputError, match="密码不对"):
        counter.duty()
    with pytest.raises(PinNeededError):
        counter.desk.people.open_duty("B201", "313131")
    counter.desk.people.set_pin("B201", "313131", "660771")
    assert counter.desk.people.open_duty("B201", "660771").number == "201"


def test_hearing_the_same_person_again_keeps_the_own_pin(counter: Counter) -> None:
    """A feed that is read again from the start tells old start PINs first and the present one last."""
    session = counter.duty()
    counter.desk.people.close_duty(session)
    item = counter.desk.staff.items()["201"]
    older = StaffItem(
        person="201", name="人", office="E", roles=item.roles, badge="B201", start_pin=CHEAP.hash("999000")
    )
    items = [counter.authority.item(one) for one in (older, item)]
    counter.desk.feed.apply(FeedAnswer(items=items, cursor=f"e1.{counter.authority.seq}"))
    assert counter.duty().number == "201"


# --- two pools, paper


def test_a_paper_slip_is_entered_where_an_office_sells_two_pools(tmp_path: Path) -> None:
    """The pool was named at the stamp; entry types only what stands on the paper."""
    counter = Counter(tmp_path / "kiosk", pools={"river": "滨江", "hill": "云山"})
    clerk = counter.duty()
    stamped = counter.desk.stamp(counter.hand_in(kind="paper"), "B201")
    content = SlipContent(names=("张三",), phones=("13800000001", "021-5555"))
    with pytest.raises(InputError, match="两遍") as caught:
        counter.desk.enter(clerk, stamped.slip, content, phone_again="13800000001、021-5556")
    assert caught.value.field == "phone_again"
    counter.desk.enter(clerk, stamped.slip, content, phone_again="138 0000 0001、021-5555")
    assert not counter.desk.entry_queue()


# --- after the commit


def test_a_stamp_stands_also_where_the_look_at_the_other_slips_fails(counter: Counter) -> None:
    """The time is on the disk: the clerk gets the receipt and hears that the check is still to come."""

    class Broken(OfficeRegister):
        def settled(self, _: int) -> Settlement:
            raise InputError(say("没有名为 {name} 的政策", name="x"))

    counter.duty()
    pending = counter.hand_in()
    journal = counter.desk.journal
    counter.desk.register = Broken(journal.database, journal.chain.read)
    stamped = counter.desk.stamp(pending, "B201")
    assert stamped.slip == counter.last().slip
    assert "已盖章" in stamped.answer.chinese()
    assert len(stamped.receipt) == 188
