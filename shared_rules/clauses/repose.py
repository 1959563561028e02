"""二.2.2: a collision found long after a deal leaves the customer with the closer."""

from __future__ import annotations

from datetime import timedelta

from shared_rules.decision import Reason, Repose, Situation, Status, Verdict
from shared_rules.interval import DAY, day_end, day_of
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import say

__all__ = ["closer_keeps", "found_too_late", "lost_to_the_closer"]


@clause("二.2.2", digest="0f09018af5032b1c")
def found_too_late(anchor: int, found: int, policy: Policy) -> bool:
    """Return whether a collision was found so long after a deal that its closer keeps the customer (instants)."""
    if policy.repose.count == "hours":
        return found >= anchor + policy.repose.days * DAY
    return found > day_end(day_of(anchor) + timedelta(days=policy.repose.days))


@clause("二.2.2", digest="0f09018af5032b1c")
def closer_keeps(situation: Situation, policy: Policy) -> Verdict | None:  # noqa: ARG001 - the clauses' shape
    """Leave the customer with the closer: whose own the slip is, it is upheld; whose it is not, it goes back."""
    if not situation.reposes:
        return None
    mine = [one for one in situation.reposes if one.closer == situation.view.salesperson]
    theirs = [one for one in situation.reposes if one not in mine]
    if any(one.manager for one in situation.reposes):
        return _manager(situation)
    return _lost(situation, theirs[0]) if theirs else _kept(situation, mine[0])


def _kept(situation: Situation, repose: Repose) -> Verdict:
    day, slips = day_of(repose.closed_at).isoformat(), (situation.view.slip, *repose.against)
    sentence = say("{day} 成交，过了期限才发现与 {claims} 撞单，归成交人", day=day, claims="、".join(repose.against))
    masked = say("{day} 成交，过了期限才发现撞单，归成交人", day=day)
    flags = ("late_sync",) if repose.late_sync else ()
    reason = Reason("二.2.2", sentence, masked, slips)
    return Verdict("二.2.2", Status.UPHELD, reason, flags=flags, over=repose.against, loses=_told(day, slips))


def _lost(situation: Situation, repose: Repose) -> Verdict:
    slips = (situation.view.slip, *repose.against)
    reason = _told(day_of(repose.closed_at).isoformat(), slips)
    flags = ("late_sync",) if repose.late_sync else ()
    return Verdict("二.2.2", Status.RETURNED, reason, flags=flags, against=repose.against)


def lost_to_the_closer(slip: str, repose: Repose) -> Verdict:
    """Return that a claim's customer is a closer's who had no slip, because the collision was found too late."""
    reason = _told(day_of(repose.closed_at).isoformat(), (slip,))
    return Verdict("二.2.2", Status.RETURNED, reason)


def _told(day: str, slips: tuple[str, ...]) -> Reason:
    sentence = say("他人已于 {day} 成交，过了期限才发现撞单，归成交人，请停止联系该客户", day=day)
    return Reason("二.2.2", sentence, sentence, slips)


def _manager(situation: Situation) -> Verdict:
    against = tuple(claim for one in situation.reposes for claim in one.against)
    sentence = say("成交过了期限才因迟报发现撞单，由销售经理判定")
    reason = Reason("二.2.2", sentence, sentence, (situation.view.slip, *against))
    return Verdict("二.2.2", Status.WITH_MANAGER, reason, flags=("late_sync",), against=against)
