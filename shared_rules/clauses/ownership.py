"""二.2: whose customer it is."""

from __future__ import annotations

from shared_rules.clauses.sameness import also_presumed
from shared_rules.decision import Presumption, Reason, Rival, Situation, SlipView, Status, Verdict
from shared_rules.facts import RulingMade
from shared_rules.interval import Trit, to_the_minute
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import Say, say

__all__ = [
    "earlier_stamp_owns",
    "handed_in_twice",
    "ruled_by_a_person",
    "same_day_goes_to_the_manager",
    "shares_the_day",
]

_WHOLE = 100


def _others(situation: Situation) -> tuple[Rival, ...]:
    mine = situation.view.salesperson
    return tuple(rival for rival in situation.rivals if rival.salesperson != mine)


def _earlier(situation: Situation, policy: Policy) -> tuple[Rival, ...]:
    by_minute = policy.same_day.rule == "minute_order"
    return tuple(
        rival
        for rival in _others(situation)
        if rival.presumption is not Presumption.ASKED
        and not rival.doubtful_day
        and not _by_other_means(rival, policy)
        and (rival.earlier is Trit.YES or (by_minute and _minutes_before(rival, situation)))
    )


def _minutes_before(rival: Rival, situation: Situation) -> bool:
    return not rival.asserted and rival.effective.before(situation.effective) is Trit.YES


@clause("二.2.1", digest="87147c990cd655fc")
def earlier_stamp_owns(situation: Situation, policy: Policy) -> Verdict | None:
    """Return the slip to its submitter where another's live claim has an earlier day of stamp."""
    earlier = _earlier(situation, policy) if situation.rivals else ()
    if not earlier:
        return None
    first = earlier[0]
    mine, theirs = (to_the_minute(at) for at in (situation.effective.lo, first.effective.lo))
    sentence = say("盖章 {mine}，晚于 {claim} 的 {theirs}", mine=mine, claim=first.claim, theirs=theirs)
    masked = say("已有更早的确认，请停止联系该客户")
    reason = Reason("二.2.1", sentence, masked, (situation.view.slip, *(rival.claim for rival in earlier)))
    flags = ("name_only",) if first.presumption is Presumption.NAME and also_presumed(situation) else ()
    against = tuple(rival.claim for rival in earlier)
    return Verdict("二.2.1", Status.RETURNED, reason, flags=flags, against=against, also=also_presumed(situation))


@clause("二.2.4", digest="dec2ebd008efd3d9")
def same_day_goes_to_the_manager(situation: Situation, policy: Policy) -> Verdict | None:
    """Leave claims of one day, of a doubtful day, or of a doubtful customer to the sales manager."""
    if not situation.rivals:
        return None
    view = situation.view
    settled = {rival.claim for rival in _earlier(situation, policy)}
    waiting = [
        rival
        for rival in situation.rivals
        if rival.salesperson != view.salesperson and rival.claim not in settled and _undecided(rival, policy)
        if not shares_the_day(rival, policy)
    ]
    if not waiting:
        return None
    together = "、".join(rival.claim for rival in waiting)
    certain = all(rival.earlier is Trit.NO and not rival.doubtful_day for rival in waiting)
    sentence = (
        say("与 {claims} 同一天盖章，由销售经理看日报判定", claims=together)
        if certain
        else say("与 {claims} 的先后或是否同一客户不能确定，由销售经理判定", claims=together)
    )
    masked = say("同日撞单或先后不明，等销售经理判定")
    reason = Reason("二.2.4", sentence, masked, (view.slip, *(rival.claim for rival in waiting)))
    flags = () if certain else ("day_not_certain",)
    against = tuple(rival.claim for rival in waiting)
    also = also_presumed(situation)
    return Verdict("二.2.4", Status.WITH_MANAGER, reason, flags=flags, against=against, also=also)


def shares_the_day(rival: Rival, policy: Policy) -> bool:
    """Return whether two claims, certainly of one day, stand beside each other and share what comes of it (二.2.4)."""
    certain = rival.earlier is Trit.NO and not (rival.later or rival.doubtful_day or rival.kinds_differ)
    return policy.same_day.rule == "split" and certain and rival.presumption is not Presumption.ASKED


def _by_other_means(rival: Rival, policy: Policy) -> bool:
    """Return whether time does not decide between the two: a unit against a person (二.2.3)."""
    return rival.kinds_differ and policy.contract.unit_against_person != "by_time"


def _undecided(rival: Rival, policy: Policy) -> bool:
    if rival.kinds_differ and policy.contract.unit_against_person == "by_contract":
        return rival.presumption is Presumption.ASKED
    return (
        rival.earlier is not Trit.YES
        or rival.doubtful_day
        or _by_other_means(rival, policy)
        or rival.presumption is Presumption.ASKED
    )


@clause("二.2.4", digest="dec2ebd008efd3d9")
def handed_in_twice(situation: Situation, policy: Policy) -> Verdict | None:  # noqa: ARG001 - the clauses' shape
    """Hold a second slip of the same salesperson for a customer void: it counts once (二.2.4)."""
    if situation.act not in ("new", "restart") or not situation.rivals:
        return None
    own = [rival for rival in situation.rivals if rival.salesperson == situation.view.salesperson]
    if not own:
        return None
    sentence = say("与本人的 {claim} 重复，只算一份", claim=own[0].claim)
    reason = Reason("二.2.4", sentence, sentence, (situation.view.slip, own[0].claim))
    return Verdict("二.2.4", Status.VOID, reason, "own", ("duplicate",), (own[0].claim,))


def ruled_by_a_person(view: SlipView, ruling: RulingMade, *, also: tuple[Reason, ...] = ()) -> Verdict:
    """Return what a person's ruling says of this claim; `also` is why the two were taken for one customer."""
    shared = ruling.shares.get(view.salesperson, 0)
    won = view.claim == ruling.winner or (not ruling.winner and shared > 0)
    status = Status.UPHELD if won else Status.RETURNED
    sentence, masked = _settled(ruling, won=won) if ruling.clause == "三.1" else _ruled(ruling, won=won)
    reason = Reason(ruling.clause, sentence, masked, ruling.claims)
    shares = tuple(sorted(ruling.shares.items())) if won and shared else ()
    if shares and shared < _WHOLE:
        part = say("由几人分享，本人 {percent}%", percent=shared)
        also = (Reason(ruling.clause, part, part, ruling.claims), *also)
    against = () if won else tuple(other for other in (ruling.winner,) if other)
    return Verdict(ruling.clause, status, reason, "ruling", against=against, shares=shares, also=also)


def _ruled(ruling: RulingMade, *, won: bool) -> tuple[Say, Say]:
    """Return what a person ruled, in full and masked; who gave no reason has none to be named."""
    who, why = ruling.ruled_by, ruling.reason
    if won:
        full = say("{who} 判定归本人：{why}", who=who, why=why) if why else say("{who} 判定归本人", who=who)
        return full, say("销售经理判定归本人")
    full = say("{who} 判定归他人：{why}", who=who, why=why) if why else say("{who} 判定归他人", who=who)
    return full, say("销售经理判定归他人，请停止联系该客户")


def _settled(ruling: RulingMade, *, won: bool) -> tuple[Say, Say]:
    """Return what the parties agreed on before their supervisors (三.1), in full and masked."""
    if won:
        return say("经 {who} 协调，归本人", who=ruling.ruled_by), say("经主管协调，归本人")
    told = say("经主管协调，归他人，请停止联系该客户")
    return say("经 {who} 协调，归他人", who=ruling.ruled_by), told
