"""Returned slips of one customer that come to life one after the other (一.6)."""

from __future__ import annotations

from datetime import date

import pytest

from shared_rules.facts import RulingMade
from shared_rules.policy import Policies
from tests.builders import event, slip
from tests.shared_rules.test_revival import (
    BY_ITS_TIME,
    WITH_ITS_HOLDER,
    A,
    C,
    kin,
    reasons,
    register,
    statuses,
    withdrawn,
)

OTHER = slip("03-02 16:10", "4.1", "D", "王五", "13800000004")
BOTH_NAMES = kin("03-03 09:10", "2.1", "B", "张三", "王五", phone="13800000009")
"""Lost to A's claim and to the other one: it lives again when both are over, C's slip as soon as A's is."""
SAME_DAY = slip("03-03 16:10", "3.1", "C")
ENDS = withdrawn("03-05 10:00", "1.1", "A"), withdrawn("03-06 10:00", "4.1", "D")


def test_by_time_who_lived_again_first_loses_to_an_earlier_slip_that_lives_later() -> None:
    """By time alone; what had let it live is written beside."""
    claims = register(BY_ITS_TIME, A, OTHER, BOTH_NAMES, C, *ENDS).claims
    first, second = claims["2.1"], claims["3.1"]
    assert (first.decision.status.value, second.decision.status.value) == ("upheld", "returned")
    assert second.against == ("2.1",)
    assert "一份曾被退回的单按原来的时间恢复，早于本单，请停止联系该客户" in reasons(second)
    aside = [reason.masked.chinese() for reason in second.decision.set_aside]
    assert aside == ["已有更早的确认，请停止联系该客户", "在先的确认已失效或时间已后移，本单按原来的时间恢复有效"]


def test_where_the_holder_must_end_who_lived_again_is_a_holder() -> None:
    """The earlier slip stays returned until that one is over, too."""
    told = statuses(WITH_ITS_HOLDER, A, OTHER, BOTH_NAMES, C, *ENDS)
    assert (told["2.1"], told["3.1"]) == ("returned", "upheld")


def test_the_case_of_two_of_one_day_is_open_from_the_second_life() -> None:
    """二.2.4: the lease of who lived before stands still for the days of the case, not for those before it."""
    facts = [A, OTHER, BOTH_NAMES, SAME_DAY, *ENDS]
    waiting = statuses(BY_ITS_TIME, *facts)
    assert (waiting["2.1"], waiting["3.1"]) == ("with_manager", "with_manager")
    ruling = RulingMade(claims=("2.1", "3.1"), winner="3.1", clause="二.2.4", ruled_by="M")
    ruled = register(BY_ITS_TIME, *facts, event("03-09 10:00", 0, 1, ruling)).claims["3.1"]
    assert (ruled.decision.status.value, ruled.valid_until) == ("upheld", date(2026, 3, 16))


@pytest.mark.parametrize(("policies", "status"), [(WITH_ITS_HOLDER, "returned"), (BY_ITS_TIME, "with_manager")])
def test_one_of_the_day_that_never_was_returned_keeps_it_returned_unless_time_alone_counts(
    policies: Policies, status: str
) -> None:
    """It is live and was there before, though nobody compared the two while A's claim stood before both."""
    earlier = slip("03-03 09:05", "5.1", "E", "王五", "13800000004")
    assert statuses(policies, A, earlier, BOTH_NAMES, ENDS[0])["2.1"] == status
