"""Counting days: a lease's end runs over public holidays only where the policy lists them (六.3, 一.1)."""

from __future__ import annotations

from datetime import date

import pytest

from shared_rules.data import policy_text
from shared_rules.errors import PolicyError
from shared_rules.facts import ClosedDaysDeclared, Launched, SlipRenewed
from shared_rules.policy import Policies, Policy, load_policy, shipped
from shared_rules.settlement import settle
from tests.builders import at, entered, event, slip

TEXT = policy_text("default")
FREE = '["2026-03-12/2026-03-14", "2026-03-16"]'


def listing(days: str, more: tuple[str, str] = ("", "")) -> Policy:
    """Return the default regulation with a list of public holidays."""
    text = TEXT.replace("public_holidays = []", f"public_holidays = {days}").replace(*more)
    return load_policy(text, name="holidays")


def last_day(stamp: str, policy: Policy, closed: tuple[int, int] | None = None) -> date | None:
    """Return the last valid day of a slip; `closed` are the first and last day of March declared closed."""
    facts = [slip(stamp, "1.1", "A"), entered(stamp, "1.1")]
    if closed:
        first, last = (date(2026, 3, day) for day in closed)
        facts.append(event("03-01 09:00", 0, 1, ClosedDaysDeclared(first=first, last=last)))
    return settle(facts, Policies.single(policy), at("03-08 12:00")).claims["1.1"].valid_until


@pytest.mark.parametrize(
    ("stamp", "last"),
    [
        ("03-01 09:10", 11),  # the eve of the holiday is a day like others
        ("03-02 09:10", 15),  # the first of three: to the day after the last
        ("03-04 09:10", 15),  # the last of three
        ("03-05 09:10", 15),
        ("03-06 09:10", 17),  # a single day
        ("03-07 09:10", 17),
    ],
)
def test_a_lease_that_ends_on_a_listed_holiday_runs_to_the_next_day(stamp: str, last: int) -> None:
    """Only the end runs on: a holiday in between is counted like any day."""
    assert last_day(stamp, listing(FREE)) == date(2026, 3, last)


def test_by_default_a_holiday_is_a_day_like_others() -> None:
    """Sales offices work on them (T-6.3-a)."""
    assert last_day("03-02 09:10", shipped()) == date(2026, 3, 12)


def test_holidays_and_days_declared_closed_run_into_each_other() -> None:
    """12 to 14 are holidays, 15 is declared closed, 16 is a holiday: the lease ends on the 17th."""
    assert last_day("03-02 09:10", listing(FREE), (15, 15)) == date(2026, 3, 17)


def test_where_nothing_is_rolled_over_holidays_are_not_either() -> None:
    """They are treated like declared closed days, and so is the other switch."""
    policy = listing(FREE, ("roll_over_closed_days = true", "roll_over_closed_days = false"))
    assert last_day("03-02 09:10", policy) == date(2026, 3, 12)


def test_a_renewal_and_a_launch_end_after_the_holiday_too() -> None:
    """Ten days from the renewal, ten days from the launch."""
    policies = Policies.single(listing('["2026-03-16/2026-03-17"]'))
    renewal = SlipRenewed(slip="1.2", claim="1.1", salesperson="A", stamped_by="K")
    renewed = [slip("03-02 09:10", "1.1", "A"), event("03-06 09:10", 1, 2, renewal)]
    early = [slip("03-02 09:10", "1.1", "A"), event("03-05 12:00", 0, 1, Launched(day=date(2026, 3, 6)))]
    for facts in (renewed, early):
        assert settle(facts, policies, at("03-08 12:00")).claims["1.1"].valid_until == date(2026, 3, 18)


def test_the_rival_of_the_day_after_the_holiday_comes_too_early() -> None:
    """What runs on still holds its customer: B goes back on the 15th, and gets the customer on the 16th."""
    policies = Policies.single(listing(FREE))
    for stamp, status in (("03-15 09:10", "returned"), ("03-16 09:10", "upheld")):
        facts = [slip("03-02 09:10", "1.1", "A"), slip(stamp, "2.1", "B"), entered(stamp, "2.1")]
        assert settle(facts, policies, at("03-16 12:00")).claims["2.1"].decision.status == status


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ('["2026-02-30"]', "没有 2026-02-30 这样的日期"),
        ('["1066-10-14"]', "没有 1066-10-14 这样的日期"),
        ('["2026-10-07/2026-10-01"]', "结束早于开始"),
        ('["2026-10-01/2026-11-01"]', "超过 31 天"),
        ('["10-01"]', "2026-10-01/2026-10-07"),
        ("[2026-10-01]", "带引号"),
        ('"2026-10-01"', "列表"),
    ],
)
def test_what_is_no_day_is_refused_with_line_key_and_clause(days: str, words: str) -> None:
    """Who edits the file reads what is wrong and what would be right."""
    with pytest.raises(PolicyError, match=r"第 \d+ 行.*public_holidays（六\.3）") as caught:
        listing(days)
    assert caught.value.field == "lease.public_holidays"
    assert words in str(caught.value)


def test_the_longest_list_of_days_is_a_month() -> None:
    """A day more is another year's typing error."""
    held = listing('["2026-10-01/2026-10-31", "2027-01-01"]').lease
    assert [held.is_holiday(date(*day)) for day in ((2026, 9, 30), (2026, 10, 1), (2026, 10, 31), (2026, 11, 1))] == [
        False, True, True, False,
    ]  # fmt: skip
    assert held.is_holiday(date(2027, 1, 1))
