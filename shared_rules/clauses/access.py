"""五: nobody looks into the register without a leader's approval."""

from __future__ import annotations

from collections.abc import Collection

from shared_rules.facts import LookApproved, LookAsked
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import Say, say

__all__ = ["may_look"]


@clause("五", digest="3debdb8a9b8c41ff")
def may_look(
    look: LookAsked, at: int, approvals: Collection[LookApproved], policy: Policy, *, leaders: Collection[str] = ()
) -> tuple[LookApproved | None, Say]:
    """Return the approval that allows a look, or None, with the reason; `leaders` empty = nobody said who leads."""
    mine = [one for one in approvals if one.requester == look.by and one.customer == look.customer]
    if not mine:
        return None, say("没有公司领导批准，不能查询；本次查询被拒并记录")
    by_leaders = [one for one in mine if not leaders or one.by in leaders]
    if not by_leaders:
        return None, say("批准人不是公司领导；本次查询被拒并记录")
    by_others = [one for one in by_leaders if one.by != look.by or policy.access.approver_may_look]
    if not by_others:
        return None, say("领导不能批准自己的查询；本次查询被拒并记录")
    in_time = [one for one in by_others if at <= one.until]
    if not in_time:
        return None, say("批准已过期；本次查询被拒并记录")
    return in_time[0], say("凭 {who} 的批准，用途：{purpose}", who=in_time[0].by, purpose=in_time[0].purpose)
