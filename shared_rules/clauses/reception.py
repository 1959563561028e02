"""六: how customers are received; 六.3, the lease."""

from __future__ import annotations

from datetime import date, timedelta

from shared_rules.decision import Reason, Situation, Status, Verdict
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import say

__all__ = ["last_valid_day", "not_renewable"]


def last_valid_day(counted_from: date, policy: Policy, *, closed: frozenset[date] = frozenset()) -> date:
    """Return the last civil day of a lease: its own day is not counted, closed days at the end are rolled over."""
    last = counted_from + timedelta(days=policy.lease.validity_days)
    while policy.lease.roll_over_closed_days and last in closed:
        last += timedelta(days=1)
    return last


@clause("六.3", digest="caf61d9c8bbfc3fc")
def not_renewable(situation: Situation, policy: Policy) -> Verdict | None:
    """Refuse a renewal beyond the policy's cap; one stamped after the lease has ended is judged as a new customer."""
    cap = policy.lease.renewal_cap
    if situation.act != "renew" or not cap or situation.renewals < cap:
        return None
    sentence = say("再次确认最多 {cap} 次，已用完", cap=cap)
    reason = Reason("六.3", sentence, sentence, (situation.view.slip,))
    return Verdict("六.3", Status.REFUSED, reason)
