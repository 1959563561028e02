"""三: how a collision becomes a dispute, who may do what in it, and what a claim that comes too late may still do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from shared_rules.decision import Reason, Status, Verdict
from shared_rules.interval import day_end, day_of
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import Say, say

__all__ = [
    "arrived_after_the_day_was_closed",
    "filed_in_time",
    "imported_time_contested",
    "imported_time_is_contested",
    "may_mediate",
    "may_query",
    "may_rule",
]


@clause("三.1", digest="56a2800e76339fed")
def filed_in_time(filed_at: int, learned_at: int | None, policy: Policy) -> bool:
    """Return whether a query slip was handed in on the day its party learned of the dispute (instants)."""
    if learned_at is None:
        return True
    return filed_at <= day_end(day_of(learned_at) + timedelta(days=policy.dispute.filing_days))


@clause("三.1", digest="56a2800e76339fed")
def imported_time_is_contested(imported_at: int | None, filed_at: int, policy: Policy) -> bool:
    """Return whether a query slip comes within the days in which an imported time may be contested (instants).

    They begin with the opening lists of the import; None = no list names the claim. Later the imported time stands.
    """
    days = policy.dispute.imported_days
    if imported_at is None or not days:
        return False
    return imported_at <= filed_at <= day_end(day_of(imported_at) + timedelta(days=days))


def imported_time_contested(slip: str, against: tuple[str, ...], also: tuple[Reason, ...] = ()) -> Verdict:
    """Return that the manager decides between claims of which an imported time is contested, not the time itself."""
    claims = "、".join(against)
    sentence = say("与 {claims} 之间有导入的时间，已在期限内提出查询，由销售经理判定", claims=claims)
    masked = say("导入的时间有人在期限内提出查询，等销售经理判定")
    reason = Reason("三.1", sentence, masked, (slip, *against))
    return Verdict("三.1", Status.WITH_MANAGER, reason, "contested", against=against, also=also)


def may_mediate(supervisors: Collection[str], parties: Collection[str]) -> Say | None:
    """Return why these people cannot mediate (a party does not mediate its own matter), None = they can (三.1)."""
    own = sorted(set(supervisors) & set(parties))
    return say("{who} 是当事人，须回避", who="、".join(own)) if own else None


@clause("三.2", digest="c4e68ac42f30338f")
def may_query(*, signed: bool) -> Say | None:
    """Return why the register may not be queried yet, None = it may: once, after the manager's signature."""
    return None if signed else say("协调不成须先由销售经理签字，方可查询；本次查询被拒并记录")


@clause("三.3", digest="2fdccb1d96f1112e")
def may_rule(
    ruler: str, parties: Collection[str], stated: Collection[str], *, queried: bool, leader: bool
) -> Say | None:
    """Return why a dispute cannot be ruled on yet, None = it can: statements are in, nobody judges the own case.

    `stated` are the parties whose material is in or whose default was recorded.
    """
    if ruler in parties and not leader:
        return say("{who} 是当事人，须回避，由公司领导判定", who=ruler)
    missing = sorted(set(parties) - set(stated))
    if queried and missing:
        return say("还缺 {who} 的书面材料，或未记录逾期，不能判定", who="、".join(missing))
    return None


def arrived_after_the_day_was_closed(slip: str, against: tuple[str, ...]) -> Verdict:
    """Return that a late claim changes no final ruling; who hands it in may open a dispute."""
    sentence = say("在这一天封账之后才报到，不改变已终局的判定，可按争议程序提出")
    return Verdict("三.1", Status.LATE, Reason("二.2.1", sentence, sentence, (slip,)), against=against)
