"""A case under another reading of one clause: the answer that other office would give."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared_rules.caseevents import events_of
from shared_rules.casejudge import judge
from shared_rules.data import policy_text
from shared_rules.dealing import contenders, deal_ruling
from shared_rules.facts import (
    ClosedDaysDeclared,
    DealClosed,
    Event,
    Need,
    Role,
    RulingMade,
    SlipAmended,
    SlipContent,
    SlipStamped,
)
from shared_rules.interval import exactly
from shared_rules.policy import Policies, load_policy
from shared_rules.rulings import Register
from shared_rules.settlement import Settlement, settle
from tests.builders import at, entered, event, slip
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


LIVE = ('evaluation = "previous"', 'evaluation = "live"')


def test_the_number_follows_the_three_months_up_to_the_moment_where_results_are_live() -> None:
    """T-1.5-q, T-1.5-h, evaluation = live: signing and target count to that day three months later."""
    day = 24 * 3600 * 1_000_000
    signed = [answer("T-1.5-q", LIVE, as_of=days * day)["quota"]["A"]["limit"] for days in (-1, 0)]
    met = [answer("T-1.5-h", LIVE, as_of=days * day)["quota"]["A"]["limit"] for days in (0, 80, 81)]
    assert (signed, met) == ([50, 30], [80, 80, 30])
    current = ('evaluation = "previous"', 'evaluation = "current"')
    assert answer("T-1.5-q", current, as_of=-day)["quota"]["A"]["limit"] == 30


def test_a_renewal_finds_no_place_once_the_last_signing_is_three_months_old() -> None:
    """I-1.5-6.3-lately, evaluation = live: refused by 一.5, and the lease ends when it would have (六.3)."""
    told = answer("I-1.5-6.3-lately", LIVE)
    assert (told["acts"]["A01r"]["status"], told["acts"]["A01r"]["because"]) == ("refused", ["一.5"])
    assert (told["claims"]["A01"]["status"], told["claims"]["A01"]["valid_until"]) == ("upheld", "2026-07-02")


RELEASE = ('on_drop = "drain"', 'on_drop = "release"')


def test_what_is_beyond_a_number_that_fell_lapses_where_it_is_released() -> None:
    """T-1.5-s and T-1.5-l, on_drop = release: the thirty-first at that midnight; a renewal finds its place again."""
    told = answer("T-1.5-s", RELEASE)
    last = told["claims"]["A31"]
    assert (last["status"], last["because"], last["valid_until"]) == ("lapsed", ["一.5"], "2026-03-31")
    assert (told["claims"]["A30"]["status"], told["quota"]["A"]) == ("upheld", {"limit": 30, "live": 30})
    assert answer("T-1.5-l", RELEASE)["acts"]["A01r"]["status"] == "upheld"


def test_a_claim_that_was_released_stands_against_nobody_any_more() -> None:
    """I-1.5-2.2.1-drop: what came before stays returned, but where such slips come to life; what comes after stands."""
    revives = ('returned_revives = "never"', 'returned_revives = "when_holder_lapses"')

    def statuses(*changes: tuple[str, str]) -> list[str]:
        claims = answer("I-1.5-2.2.1-drop", *changes)["claims"]
        return [claims[name]["status"] for name in ("A31", "B1", "C1")]

    assert statuses(RELEASE) == ["lapsed", "returned", "upheld"]
    assert statuses(RELEASE, revives) == ["lapsed", "upheld", "returned"]


BY_TIME = ('returned_revives = "never"', 'returned_revives = "by_time"')


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("T-1.6-e", {"A1": ("returned", ["二.2.1", "一.6"]), "B1": ("upheld", ["一.6"])}),
        ("I-1.6-2.2.4-moved", {"A1": ("with_manager", ["二.2.4"]), "B1": ("with_manager", ["二.2.4"])}),
        ("T-1.6-returned", {"A1": ("lapsed", ["六.3"]), "B1": ("upheld", ["一.6"])}),
        ("I-1.6-2.2.1-between", {"B1": ("upheld", ["一.6"]), "C1": ("returned", ["二.2.1", "二.1.3", "一.6"])}),
    ],
)
def test_a_returned_slip_comes_to_life_by_its_own_time(case: str, told: dict[str, tuple[str, list[str]]]) -> None:
    """一.6, returned_revives = by_time: once the other is behind it or no more, and against whoever came after."""
    claims = answer(case, BY_TIME)["claims"]
    assert {name: (claims[name]["status"], claims[name]["because"]) for name in told} == told


def test_a_returned_slip_that_waits_for_its_holder_overtakes_nobody() -> None:
    """一.6, returned_revives = when_holder_lapses: an amended claim is live, and so is whoever came in between."""
    revives = ('returned_revives = "never"', 'returned_revives = "when_holder_lapses"')
    assert answer("T-1.6-e", revives)["claims"]["B1"]["status"] == "returned"
    between = answer("I-1.6-2.2.1-between", revives)["claims"]
    assert (between["B1"]["status"], between["C1"]["status"]) == ("returned", "upheld")


LINK = ("must_accompany_or_name = true", "must_accompany_or_name = false")


@pytest.mark.parametrize(
    ("case", "to"),
    [("T-1.8-b", ["A"]), ("T-1.8-c", ["D"]), ("T-1.8-h", ["C"]), ("I-1.8-1.9", ["A"]), ("I-1.8-6.3", ["A", "D"])],
)
def test_where_having_sent_the_newcomer_is_enough_the_original_salesperson_receives(case: str, to: list[str]) -> None:
    """一.8, must_accompany_or_name = false: an old customer still has to be one, and whoever is named comes first."""
    assert [one["to"] for one in answer(case, LINK)["routing"]] == to


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


HELD = ('outside = "refuse"', 'outside = "hold_to_next"')


def under(change: tuple[str, str], *facts: Event, as_of: str = "03-10 12:00") -> Register:
    """Return the register of facts, all slips entered, under the default regulation with one switch set otherwise."""
    old, new = change
    slips = [one.fact.slip for one in facts if isinstance(one.fact, SlipStamped)]
    facts += tuple(entered("03-02 17:00", name) for name in slips)
    text = policy_text("default")
    assert f"\n{old}" in text
    return settle(facts, Policies.single(load_policy(text.replace(old, new, 1), name="other")), at(as_of))


def test_a_slip_held_to_the_next_window_counts_from_its_opening() -> None:
    """一.1, outside = hold_to_next: the next window of the day, of the next day, or of the next open day."""
    closed = event("03-01 09:00", 0, 1, ClosedDaysDeclared(first=date(2026, 3, 4), last=date(2026, 3, 5)))
    noon, night = slip("03-02 12:00", "1.1", "A"), slip("03-03 18:00", "1.2", "A", "李四", "13800000002")
    claims = under(HELD, closed, noon, night).claims
    assert {name: (one.effective_at, one.valid_until) for name, one in claims.items()} == {
        "1.1": (exactly(at("03-02 16:00")), date(2026, 3, 12)),
        "1.2": (exactly(at("03-06 09:00")), date(2026, 3, 16)),
    }


def test_a_slip_held_over_night_is_of_the_next_day() -> None:
    """一.1 meets 二.2.4: it goes to the manager with a slip of that day; an exceptional stamp is not held."""
    mine, theirs = slip("03-02 18:00", "1.1", "A"), slip("03-03 09:10", "2.1", "B")
    assert {one.decision.status.value for one in under(HELD, mine, theirs).claims.values()} == {"with_manager"}
    substitute = slip("03-02 18:00", "1.1", "A", exceptional="其他", role=Role.CONTRACT_OFFICE)
    by_exception = under(HELD, substitute, theirs).claims
    assert {name: one.decision.status.value for name, one in by_exception.items()} == {
        "1.1": "upheld", "2.1": "returned",
    }  # fmt: skip


def test_an_amendment_held_to_the_next_window_counts_from_its_opening() -> None:
    """一.1 meets 一.6: the second hand-in is held like a first one."""
    content = SlipContent(names=("张三",), phones=("13800000001",), need=Need(kind="flat"))
    act = SlipAmended(slip="1.2", claim="1.1", salesperson="A", stamped_by="K", content=content)
    (claim,) = under(HELD, slip("03-02 09:10", "1.1", "A"), event("03-04 18:00", 1, 2, act)).claims.values()
    assert (claim.effective_at, claim.valid_until) == (exactly(at("03-05 09:00")), date(2026, 3, 15))


def test_where_only_a_substitute_may_stamp_outside_no_reason_alone_admits() -> None:
    """一.1, outside = exceptional_only: a closing of the day needs the contract office as well."""
    change = ('outside = "refuse"', 'outside = "exceptional_only"')
    by_clerk = slip("03-02 18:00", "1.1", "A", exceptional="当日成交")
    by_office = slip("03-02 18:00", "1.1", "A", exceptional="当日成交", role=Role.CONTRACT_OFFICE)
    statuses = [under(change, one).claims["1.1"].decision.status.value for one in (by_clerk, by_office)]
    assert statuses == ["refused", "upheld"]


def test_a_lease_may_end_with_the_last_window_of_its_last_day() -> None:
    """六.3, day_end = last_window: the last moment at which a renewal could be handed in."""
    change = ('day_end = "midnight"', 'day_end = "last_window"')
    statuses = [
        under(change, slip("03-02 09:10", "1.1", "A"), as_of=moment).claims["1.1"].decision.status.value
        for moment in ("03-12 17:00", "03-12 17:01")
    ]
    assert statuses == ["upheld", "lapsed"]


def test_claims_of_one_day_may_share() -> None:
    """二.2.4, rule = split: both stand, and what comes of it is shared in equal parts; the next day still loses."""
    change = ('rule = "manager"', 'rule = "split"')
    facts = [
        slip("03-02 09:10", "1.1", "A"), slip("03-02 16:10", "2.1", "B", "张三丰"),
        slip("03-02 16:20", "3.1", "C"), slip("03-03 09:10", "4.1", "D"),
        event("03-05 10:00", 0, 1, DealClosed(deal="D", closer="A", contract_name="张三")),
    ]  # fmt: skip
    register = under(change, *facts)
    assert {name: one.decision.status.value for name, one in register.claims.items()} == {
        "1.1": "closed", "2.1": "upheld", "3.1": "upheld", "4.1": "returned",
    }  # fmt: skip
    (deal,) = register.deals
    assert (dict(deal.shares), deal.because()) == ({"A": 34, "B": 33, "C": 33}, ("二.2.4",))
    (alone,) = under(change, facts[0], facts[-1]).deals
    assert (alone.owner, alone.because()) == ("A", ("二.2.1",))


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
