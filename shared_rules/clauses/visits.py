"""一.7: a newly received customer stands in that day's visitor log."""

from __future__ import annotations

from shared_rules.customers import Customer, customer_of
from shared_rules.decision import Reason, Situation, Status, Verdict
from shared_rules.facts import SlipContent, SlipStamped, VisitLogged
from shared_rules.interval import HOUR, day_end
from shared_rules.matching import marks
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import say

__all__ = ["not_in_the_visitor_log", "row_counts"]


def row_counts(
    row: VisitLogged, at: int, slip: SlipStamped, customer: Customer | None, policy: Policy, *, lapsed: bool
) -> bool:
    """Return whether a row of the salesperson's own on the day received shows the contact behind a slip.

    A row written after the day does not cure; the salesperson's own call counts only after the own claim `lapsed`.
    """
    if (row.entered_at or at) > day_end(slip.received_on) + policy.visitor_log.cure_hours * HOUR:
        return False
    if row.kind == "call_out" and not (lapsed and policy.visitor_log.call_out_after_lapse):
        return False
    names = SlipContent(names=(row.name,), phones=(row.phone,))
    wanted = marks(customer_of(names))
    return not wanted or customer is None or not set(wanted).isdisjoint(marks(customer))


@clause("一.7", digest="5cd43738b2a71e90")
def not_in_the_visitor_log(situation: Situation, policy: Policy) -> Verdict | None:  # noqa: ARG001 - the clauses' shape
    """Hold a slip void from the start where the day's visitor log has no row of its salesperson for the customer."""
    if situation.logged is not False:
        return None
    sentence = say("接待当天的来人来电表上没有本人的记录，确认自始无效")
    reason = Reason("一.7", sentence, sentence, (situation.view.slip,))
    return Verdict("一.7", Status.VOID, reason)
