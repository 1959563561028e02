"""A case under another reading of one clause: the answer that other office would give."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared_rules.caseevents import events_of
from shared_rules.casejudge import judge
from shared_rules.data import policy_text
from shared_rules.dealing import contenders, deal_ruling
from shared_rules.facts import DealClosed, RulingMade
from shared_rules.policy import Policies, load_policy
from shared_rules.settlement import Settlement
from tests.builders import at, event
from tests.test_cases import CASES

BY_ID = {case.id: case for case in CASES}


def answer(case: str, *changes: tuple[str, str], as_of: int = 0) -> dict[str, Any]:
    """Return the answer for a case's facts with switches set otherwise, asked at the same or another moment."""
    text = policy_text("default")
    for old, new in changes:
        assert f"\n{old}" in text
        text = text.replace(f"\n{old}", f"\n{new}", 1)
    one = BY_ID[case]
    other = replace(one, policies=Policies.single(load_policy(text, name="other")), as_of=one.as_of + as_of)
    return judge(other).answer


@pytest.mark.parametrize(
    ("case", "old", "new", "owner"),
    [
        ("T-1.4-c", 'closed_before_notice = "owner"', 'closed_before_notice = "manager"', "manager"),
        ("T-2.2.2-b", 'on_late_sync = "closer"', 'on_late_sync = "manager"', "manager"),
        ("T-2.2.2-b", 'on_late_sync = "closer"', 'on_late_sync = "by_time"', "A"),
        ("T-2.2.2-h", "requires_slip = false", "requires_slip = true", "A"),
        ("T-2.2.2-i", 'anchor = "first"', 'anchor = "sign"', "A"),
        ("T-1.9-b", 'without_claim = "none"', 'without_claim = "house"', "house"),
        ("T-2.2.3-a", 'unit_against_person = "by_contract"', 'unit_against_person = "by_time"', "A"),
        ("T-2.2.3-a", 'unit_against_person = "by_contract"', 'unit_against_person = "manager"', "manager"),
    ],
)
def test_whose_a_deal_is_under_another_reading(case: str, old: str, new: str, owner: str) -> None:
    """Each reading is a switch, and only that."""
    assert [deal.get("owner") for deal in answer(case, (old, new))["deals"]] == [owner]


def test_a_ruling_becomes_final_when_the_time_for_an_appeal_is_over() -> None:
    """四: the text states no deadline, a policy may."""
    day = 24 * 3600 * 1_000_000
    days = ("appeal_days = 0", "appeal_days = 2")
    assert answer("T-3.3-b", days)["disputes"]["D1"]["state"] == "ruled"
    assert answer("T-3.3-b", days, as_of=3 * day)["disputes"]["D1"]["state"] == "final"


def test_an_appeal_after_its_time_is_refused() -> None:
    """Filed too late it changes nothing, and is kept with its reason."""
    late = answer(
        "T-4-e", ("appeal_days = 0", "appeal_days = 1"), ('ladder = ["manager"', 'ladder = ["manager", "director"')
    )
    assert late["disputes"]["D1"]["state"] == "upheld"
    assert [one["why"] for one in late["disputes"]["D1"]["refused"]] == ["申诉期限已过"]


def test_penalties_are_proposed_only_where_they_are_turned_on() -> None:
    """T-4-a: four hundred yuan for the appellant whose appeal was rejected."""
    (penalty,) = answer("T-4-a", ("on = false", "on = true"))["penalties"]
    assert (penalty["person"], penalty["yuan"], penalty["because"]) == ("A", 400, ["四"])
    (fine,) = answer("T-4-b", ("on = false", "on = true"))["penalties"]
    assert (fine["person"], fine["yuan"]) == ("M", 500)


def test_a_manager_who_was_asked_because_nobody_had_been_told_may_share() -> None:
    """一.4, closed_before_notice = manager: his ruling is the end of it, and it may name the closer, too."""
    one = BY_ID["T-1.4-c"]
    text = policy_text("default").replace('closed_before_notice = "owner"', 'closed_before_notice = "manager"')
    policies = Policies.single(load_policy(text, name="asks"))

    def owner(**says: Any) -> tuple[str, dict[str, int]]:
        ruling = RulingMade(claims=("A1", "B1"), clause="二.2.4", ruled_by="M", **says)
        settlement = Settlement(policies)
        settlement.begin([*events_of(one.facts), event("03-20 10:00", 0, 1, ruling)], at("03-20 12:00"))
        (deal,) = settlement.register().deals
        return deal.owner, dict(deal.shares)

    assert owner(winner="", shares={"A": 50, "B": 50}) == ("", {"A": 50, "B": 50})
    assert owner(winner="A1") == ("A", {})
    assert owner(winner="B1") == ("B", {})


def test_a_customers_choice_moves_the_claim_where_the_policy_says_so() -> None:
    """T-2.2.3-j, choice = owner."""
    claim = answer("T-2.2.3-j", ('choice = "service"', 'choice = "owner"'))["claims"]["A1"]
    assert (claim["status"], claim["salesperson"], claim["because"]) == ("upheld", "C", ["二.2.3"])


def test_a_deal_whose_only_claim_was_drawn_into_a_case_is_the_managers() -> None:
    """Whoever was stamped first has no verdict of the own; the reason is the same day all the same."""
    one = BY_ID["T-2.2.4-a"]
    settlement = Settlement(one.policies)
    closing = DealClosed(deal="D", closer="A", contract_name="张三")
    settlement.begin([*events_of(one.facts), event("03-02 17:30", 0, 1, closing)], at("03-02 18:00"))
    hearing = settlement._hearing
    (first, *_) = contenders(hearing, hearing.background.deals.known["D"])
    ruling = deal_ruling(hearing, hearing.background.deals.known["D"], [first])
    assert first.verdict is None
    assert (ruling.owner, ruling.because()) == ("manager", ("二.2.4",))
