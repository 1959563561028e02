"""二.1.1 and 二.1.2: close kin are one customer, and a slip confirms one group of kin."""

from __future__ import annotations

from msgspec.structs import replace

from shared_rules.customers import Customer, normal_name
from shared_rules.decision import Reason, Situation
from shared_rules.facts import FindingMade
from shared_rules.interval import Trit
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import say

__all__ = ["about_kin", "bought_together", "kin_are_one_customer", "kin_reason", "without_struck_names"]

_RELATIONS = frozenset({"kin", "spouse", "parent_child", "siblings", "grandparent"})


def about_kin(finding: FindingMade) -> bool:
    """Return whether a finding says how two customers are related, not that they are one person."""
    return finding.ground in _RELATIONS


@clause("二.1.1", digest="86204961a4adfff8")
def kin_are_one_customer(finding: FindingMade, need: Trit, policy: Policy) -> bool:
    """Return whether found kin are one customer: close enough, and not with different needs; `kin` alone is close."""
    close = finding.ground == "kin" or finding.ground in policy.kin.relations
    apart = finding.ground == "spouse" and bought_together(policy)  # each keeps the own claim, the deal is shared
    return finding.answer == "same" and close and not apart and need is not Trit.NO


def bought_together(policy: Policy) -> bool:
    """Return whether spouses whom two salespeople received apart, and who buy together, are shared equally."""
    return policy.kin.together == "split"


def kin_reason(situation: Situation) -> Reason:
    """Return the reason that goes with a verdict among kin."""
    sentence = say("经查明为直系亲属，需求一致，视为同一客户")
    return Reason("二.1.1", sentence, sentence, (situation.view.slip, *(rival.claim for rival in situation.rivals)))


@clause("二.1.2", digest="6e76ed79bf50dce4")
def without_struck_names(customer: Customer, struck: frozenset[str]) -> Customer:
    """Return the customer without the names found not to be kin; the first name always stays."""
    gone = {normal_name(name) for name in struck}
    kept = tuple(name for place, name in enumerate(customer.names) if place == 0 or name not in gone)
    return replace(customer, names=kept)
