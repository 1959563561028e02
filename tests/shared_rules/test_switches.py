"""Every switch that can change a claim or a quota is exercised: turned otherwise, some example is no longer met."""

from __future__ import annotations

import tomllib

import pytest

from shared_rules.data import policy_text
from shared_rules.policy import Policies, load_policy
from tests.shared_rules.test_precedence import some_case_is_missed

TEXT = policy_text("default")
TURNED = [
    ('windows = ["09:00-10:00", "16:00-17:00"]', 'windows = ["09:00-09:30"]'),
    ("end_inclusive = true", "end_inclusive = false"),
    ('test_on = "hand_in"', 'test_on = "stamp"'),
    ('outside = "refuse"', 'outside = "hold_to_next"'),
    ('mandatory_fields = ["name", "phone"]', 'mandatory_fields = ["name"]'),
    ('mandatory_company_fields = ["company", "contact", "phone"]', 'mandatory_company_fields = ["company", "phone"]'),
    ('exceptional_roles = ["contract_office"]', "exceptional_roles = []"),
    ('always_admitted_reasons = ["当日成交"]', "always_admitted_reasons = []"),
    ("self_stamp = false", "self_stamp = true"),
    ("paper_hours = 24", "paper_hours = 480"),
    ("entry_hours = 24", "entry_hours = 23"),
    ("lost_after_hours = 48", "lost_after_hours = 480"),
    ("return_hours = 24", "return_hours = 12"),
    ("business_hours = false", "business_hours = true"),
    ("limit = 50", "limit = 51"),
    ("limit_target_met = 80", "limit_target_met = 60"),
    ("limit_no_signing = 30", "limit_no_signing = 40"),
    ('evaluation = "previous"', 'evaluation = "current"'),
    ("counts_closed = false", "counts_closed = true"),
    ("counts_early = true", "counts_early = false"),
    ('on_drop = "drain"', 'on_drop = "grandfather"'),
    ('may_refuse = "always"', 'may_refuse = "discretion"'),
    ('resets = "all"', 'resets = "none"'),
    ('check = "on_query"', 'check = "always"'),
    ('"walk_in", "call", "old_customer", "staff_intro", "channel"]', '"call"]'),
    ("cure_hours = 0", "cure_hours = 24"),
    ("call_out_after_lapse = true", "call_out_after_lapse = false"),
    ("need_required = false", "need_required = true"),
    ('need_fields = ["kind"]', "need_fields = []"),
    ('relations = ["spouse", "parent_child"]', 'relations = ["spouse", "parent_child", "siblings"]'),
    ('name_only = "presume_same"', 'name_only = "ignore"'),
    ('key = "name_or_phone"', 'key = "phone"'),
    ('representative_only = "person"', 'representative_only = "refuse"'),
    ('rule = "manager"', 'rule = "minute_order"'),
    ("validity_days = 10", "validity_days = 9"),
    ('incomplete = "refuse"', 'incomplete = "void"'),
    ("day_limit = 0", "day_limit = 1"),
    ("lead_minutes = 0", "lead_minutes = 30"),
    ('closed_before_notice = "owner"', 'closed_before_notice = "manager"'),
    ('returned_revives = "never"', 'returned_revives = "when_holder_lapses"'),
    ('old = "confirmed"', 'old = "bought"'),
    ("must_accompany_or_name = true", "must_accompany_or_name = false"),
    ("helper_share = 0", "helper_share = 50"),
    ("helper_share_concealed = 0", "helper_share_concealed = 50"),
    ('slip_by = "same_day"', 'slip_by = "closing"'),
    ('without_claim = "none"', 'without_claim = "house"'),
    ("needs_visit = false", "needs_visit = true"),
    ('contact_details = "refuse"', 'contact_details = "allow"'),
    ('together = "earlier"', 'together = "split"'),
    ("days = 3", "days = 4"),
    ('count = "days"', 'count = "hours"'),
    ('anchor = "first"', 'anchor = "sign"'),
    ("requires_slip = false", "requires_slip = true"),
    ('on_late_sync = "closer"', 'on_late_sync = "by_time"'),
    ('unit_against_person = "by_contract"', 'unit_against_person = "by_time"'),
    ("kin_match = true", "kin_match = false"),
    ('choice = "service"', 'choice = "owner"'),
    ('anchor = "stamp"', 'anchor = "follow_up"'),
    ("renewal_days = 10", "renewal_days = 5"),
    ('renewal_from = "renewal"', 'renewal_from = "end"'),
    ("renewal_evidence = false", "renewal_evidence = true"),
    ('after_lapse = "new"', 'after_lapse = "refuse"'),
    ("filing_days = 0", "filing_days = 1"),
    ("mediation_days = 2", "mediation_days = 3"),
    ("query_days = 1", "query_days = 2"),
    ("ruling_days = 3", "ruling_days = 4"),
    ("tolls_expiry = true", "tolls_expiry = false"),
    ("imported_days = 5", "imported_days = 4"),
    ('ladder = ["manager", "leader"]', 'ladder = ["manager"]'),
    ("on = false", "on = true"),
    ("single_use = true", "single_use = false"),
    ("approver_may_look = false", "approver_may_look = true"),
    ('basis = "slip"', 'basis = "report"'),
    ("exempt_days = 10", "exempt_days = 0"),
    ("counts_in_quota = true", "counts_in_quota = false"),
    ('earlier_claims = "closed_and_reported"', 'earlier_claims = "kept"'),
    ('effective = "arrival"', 'effective = "stamp"'),
    ("renewal_cap = 0", "renewal_cap = 1"),
    ("launch_days = 10", "launch_days = 9"),
    ("roll_over_closed_days = true", "roll_over_closed_days = false"),
    ('day_end = "midnight"', 'day_end = "last_window"'),
    ("public_holidays = []", 'public_holidays = ["2026-03-12"]'),
]
FURTHER = [
    ('evaluation = "previous"', 'evaluation = "live"'),
    ('on_drop = "drain"', 'on_drop = "release"'),
    ('returned_revives = "never"', 'returned_revives = "by_time"'),
]
"""More values of a switch that has several."""
TESTED_BY_NAME = {
    "exceptional_reasons": "offered on the counter's screen: tests/kiosk/test_desk_by_exception.py",
    "area_tolerance_percent": "only where areas are compared: tests/shared_rules/test_matching.py",
    "copies": "what is printed: tests/kiosk/test_daily_work.py",
    "mask": "likewise: tests/kiosk/test_daily_work.py",
    "office_hours": "only where business_hours is on: tests/shared_rules/test_office_hours.py",
    "reveal_holder": "what a note tells, not whose the customer is: tests/shared_rules/test_holders.py",
    "appeal_rejected": "what is proposed, not whose the customer is: tests/shared_rules/test_penalties.py",
    "unfair_ruling": "likewise: tests/shared_rules/test_penalties.py",
    "appeal_days": "likewise: tests/shared_rules/test_penalties.py",
    "beats": "every edge of it: tests/shared_rules/test_precedence.py",
    "person": "when a person is asked: tests/shared_rules/test_likeness.py",
    "unit": "likewise: tests/shared_rules/test_likeness.py",
    "mixed": "likewise: tests/shared_rules/test_likeness.py",
    "earliest_ruling": "what the manager is told: tests/shared_rules/test_policy.py",
}


@pytest.mark.parametrize(
    ("old", "new"),
    [*TURNED, *FURTHER],
    ids=[old.partition(" ")[0].strip('"') for old, _ in TURNED] + [new.replace('"', "") for _, new in FURTHER],
)
def test_a_switch_turned_otherwise_is_noticed_by_an_example(old: str, new: str) -> None:
    """A switch that no example holds could be broken without anybody knowing."""
    assert old in TEXT
    text = TEXT.replace(f"\n{old}", f"\n{new}", 1) if f"\n{old}" in TEXT else TEXT.replace(old, new, 1)
    policies = Policies.single(load_policy(text, name="turned"))
    assert some_case_is_missed(policies)


def test_every_key_of_the_policy_is_turned_or_tested_by_name() -> None:
    """A new key comes with its example."""
    keys = [key for table in tomllib.loads(TEXT).values() for key in table if key != "clause"]
    turned = [old.partition(" ")[0] for old, _ in TURNED if not old.startswith('"')] + ["required_for"]
    assert sorted(keys) == sorted([*turned, *TESTED_BY_NAME])
