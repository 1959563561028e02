"""Whose a deal is: the claim that stands when everything about it is known, and by which clause."""

from __future__ import annotations

from shared_rules.chronicle import LAST
from shared_rules.claims import ClaimState
from shared_rules.clauses.contracts import in_time_for_closing
from shared_rules.clauses.kinship import bought_together
from shared_rules.clauses.ownership import shares_the_day
from shared_rules.customers import normal_company, normal_name
from shared_rules.deals import Deal
from shared_rules.decision import Reason, Status
from shared_rules.hearing import Hearing
from shared_rules.interval import to_the_minute
from shared_rules.policy import Policy
from shared_rules.rulings import DealRuling
from shared_rules.words import say

__all__ = ["contenders", "deal_ruling"]

_OPEN = (Status.WITH_MANAGER, Status.WAITING_CONTRACT)
_ENDED_BY_THE_RULES = (Status.REFUSED, Status.VOID)


def contenders(hearing: Hearing, deal: Deal) -> list[ClaimState]:
    """Return the claims that may own a deal: on its customer, what those lost to, and their spouses' claims."""
    hearing.now = LAST
    forms = [(normal_name(name), normal_company(name)) for name in deal.names]
    marks = [f"{kind} {form}" for pair in forms for kind, form in zip(("name", "company"), pair, strict=True) if form]
    named = {claim for marked in hearing.marked.values() for mark in marks for claim in marked.get(mark, ())}
    states = {name: one for name in named | deal.claims if (one := hearing.claim(name)) is not None}
    about = [one for one in states.values() if deal.is_about(one.claim, one.customer)]
    near = {claim for one in about for claim in (*one.against, *hearing.background.spouses(one.claim))}
    near.update(other for one in about for other in beside(hearing, one))
    all_ = {one.claim: one for one in about} | {name: one for name in near if (one := hearing.claim(name)) is not None}
    mine = (one for one in all_.values() if deal.pool in ("", one.pool))
    return sorted(mine, key=lambda one: (one.effective, one.claim))


def beside(hearing: Hearing, state: ClaimState) -> frozenset[str]:
    """Return the claims of the same day that stand beside a claim where a policy shares the day (二.2.4)."""
    if state.policy.same_day.rule != "split":
        return frozenset()
    rivals = hearing.rivals(state, state.view.stamp.lo, state.policy)
    others = (rival for rival in rivals if rival.salesperson != state.salesperson)
    return frozenset(rival.claim for rival in others if shares_the_day(rival, state.policy))


def deal_ruling(hearing: Hearing, deal: Deal, claims: list[ClaimState]) -> DealRuling:
    """Return whose a deal is: the owner, shares, or who has to say so."""
    policy = hearing.policies.at(deal.pool or (claims[0].pool if claims else ""), deal.closed_at)
    standing = [one for one in claims if _stood(hearing, one, deal, policy)]
    reserved = next((one for one in claims if one.verdict is not None and one.verdict.rule == "六.4"), None)
    kept = any(deal.is_about(one.claim, one.customer) for one in standing)
    if reserved is not None and reserved.verdict is not None and not kept:
        return _told(deal, "house", reserved.verdict.reasons())
    own = [one for one in standing if one.salesperson == deal.closer]
    undecided = [one for one in claims if one.status in _OPEN]
    if undecided and (not own or own[0] in undecided):
        first = min(undecided, key=lambda one: (one.verdict is None, one.effective, one.claim))
        return _told(deal, "manager", _reasons(first, claims))
    standing = [one for one in standing if one.status not in _OPEN]
    winner = next(iter(own or standing), None)
    if winner is None:
        return _nobody(deal, claims, policy)
    return _with_shares(hearing, deal, winner, claims, policy)


def _stood(hearing: Hearing, state: ClaimState, deal: Deal, policy: Policy) -> bool:
    """Return whether a claim held the customer at the closing, or, stamped later, in time for it.

    Where a policy lets only a visit within its validity make a claim own, it is the first such visit that counts.
    """
    if policy.closing.needs_visit:
        seen = (at for mark in state.marks for at in hearing.background.visits.get(mark, ()))
        return any(state.live_at(at) for at in seen if state.view.stamp.lo <= at <= deal.closed_at)
    if not (state.deal == deal.deal or state.live_at(max(deal.closed_at, state.view.stamp.lo))):
        return False
    return state.salesperson != deal.closer or in_time_for_closing(state.view.stamp, deal.closed_at, policy)


def _told(deal: Deal, owner: str, reasons: tuple[Reason, ...], *, flags: tuple[str, ...] = ()) -> DealRuling:
    return DealRuling(deal.deal, deal.closer, deal.closed_at, owner, (), reasons, flags)


def _reasons(state: ClaimState, claims: list[ClaimState]) -> tuple[Reason, ...]:
    """Return by which clauses a claim owns a deal: by a verdict for it, by one against another, else by its time."""
    if state.verdict is not None and state.verdict.status in (Status.UPHELD, *_OPEN):
        return state.verdict.reasons()
    if state.status in _OPEN:
        masked = say("同日撞单或先后不明，等销售经理判定")
        return (Reason("二.2.4", masked, masked, (state.view.slip,)),)
    for other in claims:
        lost = other.verdict if other.status is Status.RETURNED and state.claim in other.against else None
        if lost is not None and lost.clause != "二.2.1":
            sentence = say("与 {claim} 相撞，依本条归本单", claim=other.claim)
            return (Reason(lost.clause, sentence, say("依本条归本人"), (state.view.slip, other.view.slip)),)
    sentence = say("确认时间 {time} 在先", time=to_the_minute(state.effective.lo))
    return (Reason("二.2.1", sentence, sentence, (state.view.slip,)),)


def _with_shares(
    hearing: Hearing, deal: Deal, winner: ClaimState, claims: list[ClaimState], policy: Policy
) -> DealRuling:
    """Return the winner, alone or with those who share: by a ruling, spouses together (二.1.1), a helper (一.8)."""
    reasons, flags = _reasons(winner, claims), tuple(winner.verdict.flags) if winner.verdict else ()
    shares = winner.verdict.shares if winner.verdict else ()
    married = hearing.background.spouses(winner.claim)
    spouses = [one for one in claims if one.claim in married and _stood(hearing, one, deal, policy)]
    if not shares and spouses and bought_together(policy):
        people = sorted({winner.salesperson, spouses[0].salesperson})
        sentence = say("夫妻分别由两人接待后一起购买，平分")
        reasons = (Reason("二.1.1", sentence, sentence, (winner.view.slip, spouses[0].view.slip)),)
        shares = tuple((person, 100 // len(people)) for person in people)
    if not shares:
        shares, told = _of_one_day(hearing, deal, winner, claims, policy)
        reasons = told or reasons
    if not shares:
        shares, told = hearing.background.helper_share(deal.deal, winner.salesperson, policy)
        reasons = (*reasons, *told)
    if winner.salesperson != deal.closer:
        return _won_by_another(hearing, deal, winner, (shares, reasons, flags), policy)
    owner, shares = _alone_or_shared(winner, shares)
    return DealRuling(deal.deal, deal.closer, deal.closed_at, owner, shares, reasons, flags)


def _of_one_day(
    hearing: Hearing, deal: Deal, winner: ClaimState, claims: list[ClaimState], policy: Policy
) -> tuple[tuple[tuple[str, int], ...], tuple[Reason, ...]]:
    """Return equal parts of those whose claims are of one day, where the policy shares it (二.2.4); empty = nobody."""
    names = beside(hearing, winner)
    standing = [one for one in claims if one.claim in names and _stood(hearing, one, deal, policy)]
    people = sorted({winner.salesperson, *(one.salesperson for one in standing)})
    if len(people) < 2:
        return (), ()
    part, rest = divmod(100, len(people))
    sentence = say("同一天盖章，平分")
    reason = Reason("二.2.4", sentence, sentence, (winner.view.slip, *(one.view.slip for one in standing)))
    return tuple((person, part + (place < rest)) for place, person in enumerate(people)), (reason,)


def _alone_or_shared(
    winner: ClaimState, shares: tuple[tuple[str, int], ...]
) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Return the one owner or the shares of several."""
    return ("", shares) if len(shares) > 1 else (winner.salesperson, ())


def _won_by_another(
    hearing: Hearing, deal: Deal, winner: ClaimState,
    outcome: tuple[tuple[tuple[str, int], ...], tuple[Reason, ...], tuple[str, ...]], policy: Policy,
) -> DealRuling:  # fmt: skip
    """Return whose a deal is that the closer had no claim to: no slip (一.9), or one that was returned (一.4)."""
    shares, reasons, flags = outcome
    closers = [one for one in contenders(hearing, deal) if one.salesperson == deal.closer]
    owner, shares = _alone_or_shared(winner, shares)
    if not closers:
        sentence = say("成交人没有该客户的确认")
        reasons = (*reasons, Reason("一.9", sentence, sentence, (winner.view.slip,)))
    elif all(hearing.background.told_before(one.view.slip, deal.closed_at) for one in closers):
        flags = (*flags, "closed_after_notice")
    else:
        flags = (*flags, "closed_before_notice")
        ruled = winner.verdict is not None and winner.verdict.part == "ruling"
        if policy.entry.closed_before_notice == "manager" and not ruled:
            sentence = say("成交人当时尚未得知撞单，由销售经理判定")
            reasons = (*reasons, Reason("一.4", sentence, sentence, (winner.view.slip,)))
            owner, shares = "manager", ()
    return DealRuling(deal.deal, deal.closer, deal.closed_at, owner, shares, reasons, flags)


def _nobody(deal: Deal, claims: list[ClaimState], policy: Policy) -> DealRuling:
    """Return whose a deal is that no claim stands for: a protected closer's (二.2.2), else nobody's or the house's."""
    kept = [one for one in claims if one.verdict is not None and one.verdict.rule == "二.2.2"]
    if kept and kept[0].verdict is not None:
        return _told(deal, deal.closer, kept[0].verdict.reasons(), flags=kept[0].verdict.flags)
    closers = [one for one in claims if one.salesperson == deal.closer]
    against = [one.verdict.reason for one in closers if one.verdict and one.verdict.status in _ENDED_BY_THE_RULES]
    sentence = say("成交人没有该客户的有效确认")
    none = Reason("一.9", sentence, sentence, tuple(one.view.slip for one in claims))
    return _told(deal, policy.closing.without_claim, tuple(against) or (none,))
