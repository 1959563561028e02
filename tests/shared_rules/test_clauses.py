"""What the clauses answer under readings that the shipped regulations do not take, each function by itself."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from shared_rules.clauses.contracts import contract_decides, in_time_for_closing
from shared_rules.clauses.quota import over_the_quota
from shared_rules.clauses.reception import ordered_by_report
from shared_rules.clauses.reports import contact_details
from shared_rules.clauses.repose import closer_keeps, found_too_late
from shared_rules.clauses.routing import received_by
from shared_rules.data import policy_text
from shared_rules.decision import (
    Contract,
    Presumption,
    QuotaStanding,
    Repose,
    Rival,
    Situation,
    SlipView,
    Status,
)
from shared_rules.facts import Grade, Role, SlipContent
from shared_rules.interval import Trit, exactly
from shared_rules.policy import Policy, load_policy, shipped
from tests.builders import at

CONTENT = SlipContent(names=("张三",), phones=("13800000001",))
VIEW = SlipView("B1", "B1", "B", "K", Role.CLERK, exactly(at("03-03 09:10")), 0, Grade.A, CONTENT, "")
PLAIN = Situation(VIEW, effective=VIEW.stamp)
UNIT = Rival("A1", "A", exactly(at("03-02 09:10")), Trit.YES, Presumption.CONTACT, kinds_differ=True)


def turned(*changes: tuple[str, str]) -> Policy:
    """Return the shipped policy with switches set otherwise."""
    text = policy_text("default")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return load_policy(text, name="turned")


def test_a_slip_must_precede_the_closing_where_its_day_does_not_suffice() -> None:
    """一.9 as a stricter office reads it."""
    strict = turned(('slip_by = "same_day"', 'slip_by = "closing"'))
    stamp = exactly(at("03-02 16:30"))
    assert in_time_for_closing(stamp, at("03-02 15:00"), shipped())
    assert not in_time_for_closing(stamp, at("03-02 15:00"), strict)
    assert in_time_for_closing(stamp, at("03-02 16:30"), strict)


@pytest.mark.parametrize(("found", "late"), [("03-05 14:59", False), ("03-05 15:00", True), ("03-06 00:00", True)])
def test_hours_run_from_the_minute_of_the_deal(found: str, late: bool) -> None:
    """T-2.2.2-b read in hours flips at the hour of the signing."""
    hours = turned(('count = "days"', 'count = "hours"'))
    assert found_too_late(at("03-02 15:00"), at(found), hours) is late


def test_two_that_bear_the_contracts_name_are_ranked_by_day() -> None:
    """二.2.3: among matching claims the earlier; of one day, the manager."""
    contract = Contract("张三", mine=True, theirs=("A1",))
    earlier = contract_decides(replace(PLAIN, rivals=(UNIT,), contract=contract), shipped())
    assert earlier is not None
    assert (earlier.status, earlier.against) == (Status.RETURNED, ("A1",))
    same_day = replace(UNIT, earlier=Trit.NO)
    undecided = contract_decides(replace(PLAIN, rivals=(same_day,), contract=contract), shipped())
    assert undecided is not None
    assert undecided.status is Status.WITH_MANAGER


def test_a_policy_may_leave_a_hidden_collision_to_the_manager() -> None:
    """二.2.2, on_late_sync = manager: only a dark office kept it from being seen."""
    repose = Repose("D1", "B", at("03-02 15:00"), ("A1",), manager=True, late_sync=True)
    verdict = closer_keeps(replace(PLAIN, reposes=(repose,)), shipped())
    assert verdict is not None
    assert (verdict.rule, verdict.status) == ("二.2.2", Status.WITH_MANAGER)
    assert (verdict.against, verdict.flags) == (("A1",), ("late_sync",))
    assert (verdict.reason.clause, verdict.reason.slips) == ("二.2.2", (VIEW.slip, "A1"))
    assert verdict.reason.sentence.chinese() == "成交过了期限才因迟报发现撞单，由销售经理判定"


@pytest.mark.parametrize(
    ("named", "accompanied", "to_by_default", "to_by_the_link"),
    [("", False, "D", "A"), ("", True, "A", "A"), ("C", False, "C", "C"), ("C", True, "C", "C")],
)
def test_an_old_customer_comes_along_or_names_somebody(
    named: str, accompanied: bool, to_by_default: str, to_by_the_link: str
) -> None:
    """一.8: else who is on duty receives, unless the policy lets the mere link suffice."""
    link = turned(("must_accompany_or_name = true", "must_accompany_or_name = false"))
    for policy, to in ((shipped(), to_by_default), (link, to_by_the_link)):
        facts = {"original": "A", "accompanied": accompanied}
        assert received_by(named, "D", policy, **facts, confirmed=True, bought=False) == to  # type: ignore[arg-type]
        assert received_by(named, "D", policy, **facts, confirmed=False, bought=True) == to  # type: ignore[arg-type]
        assert received_by(named, "D", policy, **facts, confirmed=False, bought=False) == "D"  # type: ignore[arg-type]
    assert received_by("", "D", link, original="", accompanied=True, confirmed=True, bought=False) == "D"


def test_over_the_number_a_renewal_may_be_spared_and_a_clerk_may_be_lenient() -> None:
    """一.5: on_drop = grandfather, may_refuse = discretion."""
    full = QuotaStanding(limit=30, live=50)
    renewal = replace(PLAIN, act="renew", quota=full)
    assert over_the_quota(renewal, shipped()) is not None
    assert over_the_quota(renewal, turned(('on_drop = "drain"', 'on_drop = "grandfather"'))) is None
    lenient = turned(('may_refuse = "always"', 'may_refuse = "discretion"'))
    assert over_the_quota(replace(PLAIN, quota=full), lenient) is None
    assert over_the_quota(replace(PLAIN, quota=replace(full, refused=True)), lenient) is not None
    assert over_the_quota(replace(PLAIN, act="amend", quota=full), shipped()) is None


def test_the_daily_report_orders_where_it_is_the_basis() -> None:
    """六.1, basis = report: the first line, if it is earlier than the stamp."""
    report, stamp = turned(('basis = "slip"', 'basis = "report"')), exactly(at("03-03 09:10"))
    assert ordered_by_report(stamp, [at("03-01 18:00"), at("03-02 18:00")], report) == exactly(at("03-01 18:00"))
    assert ordered_by_report(stamp, [at("03-04 18:00")], report) == stamp
    assert ordered_by_report(stamp, [], report) == stamp
    assert ordered_by_report(stamp, [at("03-01 18:00")], shipped()) == stamp


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("看了120平三居，意向强，周六 10:30 再来", ()),
        ("电话138-0000-0001已约", ((2, 15),)),
        ("手机１３８００００００１１", ((2, 13),)),  # full width
        ("021-55667788 转财务", ((0, 12),)),
        ("微信号：wxid_8823", ((0, 13),)),
        ("mail zhang@example.com", ((5, 22),)),
        ("第3次来访，预算 900-1200 万，2026-03-05 签", ()),
    ],
)
def test_a_way_to_reach_the_customer_is_marked_in_a_report_line(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    """一.10: the span is named, so that the salesperson sees what to strike out."""
    assert contact_details(text, shipped()) == spans
    assert contact_details(text, turned(('contact_details = "refuse"', 'contact_details = "allow"'))) == ()
