"""One customer's history as people tell it: what happened when, and what each event changed, by which clause."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from shared_rules.facts import (
    CollisionSeen,
    CustomerChose,
    DealCancelled,
    DealClosed,
    DealRenamed,
    DisputeFiled,
    Event,
    Fact,
    FindingMade,
    HandedOver,
    LogQueried,
    Mediated,
    NameStruck,
    OpeningListed,
    ReservedAnnounced,
    RulingMade,
    ServiceAssigned,
    SlipAmended,
    SlipCorrected,
    SlipDeclaredLost,
    SlipEntered,
    SlipRefused,
    SlipRenewed,
    SlipReturned,
    SlipStamped,
    SlipWithdrawn,
    StaffIntroArrived,
    Transferred,
    VisitLogged,
)
from shared_rules.policy import Policies
from shared_rules.rulings import ActRuling, ClaimRuling, DealRuling
from shared_rules.settlement import Settlement, in_order
from shared_rules.values import Fixed
from shared_rules.words import Say, say

__all__ = ["Moment", "timeline"]


class Moment(Fixed, frozen=True):
    """An instant of the history: what was said then, and the rulings on the customer that it changed."""

    at: int
    told: Say | None
    """None = time alone did it: a lease ran out."""
    claims: tuple[ClaimRuling, ...]
    acts: tuple[ActRuling, ...]
    deals: tuple[DealRuling, ...]


def timeline(events: Iterable[Event], policies: Policies, claim: str, as_of: int) -> tuple[Moment, ...]:
    """Return the history of a claim's customer up to an instant: each event heard in its turn, as it was known then."""
    ordered = in_order(events, as_of)
    whole = Settlement(policies)
    whole.begin(ordered, as_of)
    circle = whole.circle(claim)
    settlement = Settlement(policies)
    moments: list[Moment] = []
    for event in ordered:
        moments += _passed(settlement, circle, event.time.lo)
        changes = settlement.apply([event], event.time.lo)
        moments += _moment(event.time.lo, _told(event.fact), changes, circle)
    moments += _passed(settlement, circle, as_of)
    return tuple(moments)


def _passed(settlement: Settlement, circle: frozenset[str], until: int) -> list[Moment]:
    """Return what time alone changed before an instant: each lease that ran out, when it did."""
    moments: list[Moment] = []
    while (end := settlement.next_end()) is not None and end < until:
        moments += _moment(end + 1, None, settlement.apply((), end + 1), circle)
    return moments


def _moment(at: int, told: Say | None, changes: Any, circle: frozenset[str]) -> list[Moment]:
    claims = tuple(changes.claims[name] for name in sorted(changes.claims) if name in circle)
    acts = tuple(act for act in changes.acts.values() if act.claim in circle)
    deals = tuple(
        deal for deal in changes.deals.values() if {slip for one in deal.reasons for slip in one.slips} & circle
    )
    return [Moment(at, told, claims, acts, deals)] if claims or acts or deals else []


def _told(fact: Fact) -> Say:
    tell = _TOLD.get(type(fact))
    return say("其他事实") if tell is None else tell(fact)


_TOLD: Final[dict[type[Fact], Callable[[Any], Say]]] = {
    SlipStamped: lambda fact: say("{who} 的确认单 {slip} 盖章", who=fact.salesperson, slip=fact.slip),
    SlipEntered: lambda fact: say("{slip} 录入", slip=fact.slip),
    SlipAmended: lambda fact: say("{slip} 变更 {claim}", slip=fact.slip, claim=fact.claim),
    SlipRenewed: lambda fact: say("{slip} 再次确认 {claim}", slip=fact.slip, claim=fact.claim),
    SlipWithdrawn: lambda fact: say("{claim} 撤回", claim=fact.claim),
    SlipCorrected: lambda fact: say("{slip} 更正：{why}", slip=fact.slip, why=fact.reason),
    SlipReturned: lambda fact: say("{slip} 退回", slip=fact.slip),
    SlipRefused: lambda fact: say("{slip} 超限拒收", slip=fact.slip),
    SlipDeclaredLost: lambda fact: say("{slip} 宣布遗失", slip=fact.slip),
    VisitLogged: lambda fact: say("{who} 登记来人来电", who=fact.by),
    LogQueried: lambda fact: say("查询 {claim} 的来人来电表", claim=fact.claim),
    FindingMade: lambda fact: say(
        "查明 {one} 与 {other}：{answer}", one=fact.claims[0], other=fact.claims[1], answer=fact.answer
    ),
    NameStruck: lambda fact: say("{claim} 上有一个名字查明不是直系亲属", claim=fact.claim),
    RulingMade: lambda fact: say("{who} 判定", who=fact.ruled_by),
    DisputeFiled: lambda fact: say("争议 {dispute} 收到查询单", dispute=fact.dispute),
    OpeningListed: lambda _: say("导入的确认列入期初清单"),
    Mediated: lambda fact: say("争议 {dispute} 协调", dispute=fact.dispute),
    DealClosed: lambda fact: say("{who} 成交 {deal}", who=fact.closer, deal=fact.deal),
    DealCancelled: lambda fact: say("成交 {deal} 取消", deal=fact.deal),
    DealRenamed: lambda fact: say("成交 {deal} 改名", deal=fact.deal),
    CollisionSeen: lambda _: say("发现撞单"),
    ReservedAnnounced: lambda _: say("公布发展商关系客户"),
    StaffIntroArrived: lambda fact: say("内部介绍的客户到达，{who} 接待", who=fact.received_by),
    HandedOver: lambda fact: say("{claim} 转交", claim=fact.claim),
    Transferred: lambda fact: say("{who} 的客户移交 {to}", who=fact.giver, to=fact.to),
    ServiceAssigned: lambda fact: say("{who} 受派服务 {claim}", who=fact.by, claim=fact.claim),
    CustomerChose: lambda fact: say("客户书面选择 {to}（{claim}）", to=fact.to, claim=fact.claim),
}
