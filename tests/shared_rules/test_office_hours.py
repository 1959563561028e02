"""一.4 with `business_hours`: entry, return and loss run only while the office is open, on days not declared closed."""

from __future__ import annotations

from datetime import date

import pytest

from shared_rules.clauses.registration import deadline_of_entry, deadline_of_loss, deadline_of_return
from shared_rules.data import policy_text
from shared_rules.errors import PolicyError
from shared_rules.facts import ClosedDaysDeclared, Event
from shared_rules.interval import exactly, to_datetime
from shared_rules.policy import Policies, Policy, load_policy, shipped
from shared_rules.settlement import Settlement, settle
from tests.builders import amended, at, entered, event, slip

TEXT = policy_text("default")
NONE: frozenset[date] = frozenset()


def by_the_office(hours: str = "09:00-17:00") -> Policy:
    """Return the default regulation, its hours of 一.4 counted while the office is open."""
    text = TEXT.replace("business_hours = false", "business_hours = true")
    return load_policy(text.replace('office_hours = "09:00-17:00"', f'office_hours = "{hours}"'), name="office")


def due(stamp: str, policy: Policy, closed: frozenset[date] = NONE) -> str:
    """Return by when a slip of that stamp must be back."""
    return to_datetime(deadline_of_return(exactly(at(stamp)), policy, closed)).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("stamp", "back"),
    [
        ("03-02 09:00", "03-04 17:00"),  # three whole days of eight hours, to the closing minute
        ("03-02 09:01", "03-05 09:01"),  # a minute later it is the morning after
        ("03-02 09:30", "03-05 09:30"),
        ("03-02 16:59", "03-05 16:59"),
        ("03-02 17:00", "03-05 17:00"),  # at closing time nothing of the day is left
        ("03-02 18:40", "03-05 17:00"),  # an exceptional stamp of the evening: from the next opening
        ("03-03 07:00", "03-05 17:00"),  # or of the early morning
    ],
)
def test_twenty_four_hours_are_three_days_of_eight(stamp: str, back: str) -> None:
    """What is left of the day counts first; the time at which the office is shut does not count."""
    assert due(stamp, by_the_office()) == back


def test_a_day_declared_closed_does_not_count() -> None:
    """Neither in between nor as the last one; a slip stamped on it counts from the next open day."""
    closed = frozenset({date(2026, 3, 3), date(2026, 3, 5)})
    assert due("03-02 09:30", by_the_office(), closed) == "03-07 09:30"
    assert due("03-03 09:30", by_the_office(), closed) == "03-07 17:00"


def test_other_office_hours_give_another_deadline() -> None:
    """Twelve hours a day are over in two days, and eight in three."""
    assert due("03-02 09:30", by_the_office("08:00-20:00")) == "03-04 09:30"


def test_by_the_clock_neither_hours_nor_closed_days_matter() -> None:
    """The default reading: 24 hours are 24 hours (T-1.4-a)."""
    shut = frozenset({date(2026, 3, 3)})
    only_hours = load_policy(TEXT.replace('office_hours = "09:00-17:00"', 'office_hours = "10:00-11:00"'), name="x")
    assert {due("03-02 09:30", policy, shut) for policy in (shipped(), only_hours)} == {"03-03 09:30"}


def test_entry_and_loss_are_counted_in_the_same_way() -> None:
    """Three, and for the manager's task six days of eight hours."""
    stamp = exactly(at("03-02 09:30"))
    assert deadline_of_entry(stamp, by_the_office(), NONE) == at("03-05 09:30")
    assert deadline_of_loss(stamp, by_the_office(), NONE) == at("03-08 09:30")


def register_of(facts: list[Event], as_of: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the three overdue lists under office hours."""
    duties = settle(facts, Policies.single(by_the_office()), at(as_of)).duties
    return duties.overdue_entries, duties.lost_or_enter, duties.overdue_returns


def test_the_overdue_lists_go_by_the_office_too() -> None:
    """To the minute: a slip that nobody entered, one that is the manager's task, one that did not go back."""
    facts = [
        slip("03-02 09:30", "1.1", "A"), slip("03-03 09:30", "2.1", "B"), entered("03-03 10:00", "2.1"),
    ]  # fmt: skip
    assert register_of(facts, "03-05 09:30") == ((), (), ())
    assert register_of(facts, "03-05 09:31") == (("1.1",), (), ())
    assert register_of(facts, "03-06 09:31") == (("1.1",), (), ("2.1",))
    assert register_of(facts, "03-08 09:31") == (("1.1",), ("1.1",), ("2.1",))


def test_a_slip_that_waits_says_until_when_by_the_office() -> None:
    """The clerk reads the same time in the reason and in the queue."""
    register = settle([slip("03-02 09:30", "1.1", "A")], Policies.single(by_the_office()), at("03-02 10:00"))
    (reason,) = register.claims["1.1"].decision.reasons
    assert reason.masked.chinese() == "已盖章，待录入，应在 03-05 09:30 前录入"


def test_a_closed_day_declared_later_moves_the_deadlines_that_were_told() -> None:
    """Of the claim and of a refused amendment, bit by bit as from scratch."""
    policies = Policies.single(by_the_office())
    facts = [
        slip("03-02 09:10", "1.1", "A", name="李四", phone="13800000002"), slip("03-02 09:20", "2.1", "B"),
        amended("03-03 09:10", "2.2", "2.1", "B", name="李四", phone="13800000002"),
    ]  # fmt: skip
    shut = event("03-03 09:40", 0, 1, ClosedDaysDeclared(first=date(2026, 3, 4), last=date(2026, 3, 4)))
    settlement = Settlement(policies)
    settlement.apply(facts, at("03-03 09:30"))
    assert settlement.register().acts["2.2"].due_at == at("03-06 09:10")
    changes = settlement.apply([shut], at("03-03 10:00"))
    assert changes.claims["2.1"].due_at == at("03-06 09:20")
    assert changes.acts["2.2"].due_at == at("03-07 09:10")
    assert settlement.register() == settle([*facts, shut], policies, at("03-03 10:00"))


@pytest.mark.parametrize("hours", ["9-17", "17:00-09:00", "09:00-09:00"])
def test_wrong_office_hours_are_refused_with_line_key_and_clause(hours: str) -> None:
    """An office that closes before it opens would never be due."""
    with pytest.raises(PolicyError, match=r"第 \d+ 行.*office_hours（一\.4）") as caught:
        by_the_office(hours)
    assert caught.value.field == "entry.office_hours"
