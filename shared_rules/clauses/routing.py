"""一.8: an old customer brings a newcomer, and somebody helps while the owner is away."""

from __future__ import annotations

from shared_rules.decision import Reason
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import say

__all__ = ["received_by", "shared_with_a_helper"]


@clause("一.8", digest="bc27b8ebfd57c15c")
def received_by(
    named: str, on_duty: str, policy: Policy, *, original: str, accompanied: bool, confirmed: bool, bought: bool
) -> str:
    """Return who receives a newcomer: whom an old customer names, or whose comes along; else who is on duty."""
    if not (bought or (confirmed and policy.old_customer.old == "confirmed")):
        return on_duty
    counts = accompanied or not policy.old_customer.must_accompany_or_name
    return named or (original if counts else "") or on_duty


def shared_with_a_helper(
    owner: str, helper: str, policy: Policy, *, told: bool
) -> tuple[tuple[tuple[str, int], ...], tuple[Reason, ...]]:
    """Return the parts of the absent owner and of who closed for the owner, in percent; empty = the owner alone."""
    part = policy.old_customer.helper_share if told else policy.old_customer.helper_share_concealed
    sentence = say("业务员不在，由他人协助成交，已告知本人") if told else say("业务员不在，由他人成交而未告知本人")
    reason = Reason("一.8", sentence, sentence)
    shares = tuple(
        (person, percent) for person, percent in sorted({owner: 100 - part, helper: part}.items()) if percent
    )
    return (shares if len(shares) > 1 else ()), (reason,)
