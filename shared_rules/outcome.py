"""From a claim's state to its ruling: the outcome in words, with every reason, for the moment of the question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Final

from shared_rules.claims import LEASED, WAITING, ClaimState
from shared_rules.clauses.quota import released
from shared_rules.clauses.registration import deadline_of_return, waits_for_entry
from shared_rules.decision import Decision, Reason, Status, Verdict
from shared_rules.finality import Doubt
from shared_rules.hearing import Act
from shared_rules.interval import day_of, to_the_minute
from shared_rules.policy import Policy
from shared_rules.rulings import ActRuling, ClaimRuling, SameDay
from shared_rules.words import Say, say

__all__ = ["act_ruling", "claim_ruling", "same_day_cases"]

_HELD = frozenset({
    Status.UPHELD, Status.AWAITING_ENTRY, Status.WITH_MANAGER, Status.WAITING_CONTRACT, Status.LAPSED, Status.CLOSED,
})  # fmt: skip
_SENTENCE: Final[attrgetter[Say]] = attrgetter("sentence")
_KEY: Final[attrgetter[str]] = attrgetter("key")


def claim_ruling(
    state: ClaimState, *, entered: bool, beaten: Sequence[str], doubts: Sequence[Doubt], disputes: Sequence[str],
    closed: frozenset[date], as_of: int,
) -> ClaimRuling:  # fmt: skip
    """Return the ruling of a claim at an instant.

    `beaten` are the claims that were returned against it, `disputes` those about it that are open, `closed` the days
    declared closed.
    """
    status, reasons = _outcome(state, beaten, closed, as_of, entered=entered)
    last = day_of(state.until) if state.lease_ends else None
    if status is Status.WITH_MANAGER:
        doubts = (Doubt("manager", say("等销售经理判定")), *doubts)
    shares = state.verdict.shares if state.verdict else ()
    flags = (*state.flags, *state.verdict.flags) if state.verdict else state.flags
    return ClaimRuling(
        claim=state.claim,
        slip=state.view.slip,
        salesperson=state.view.salesperson,
        pool=state.pool,
        office=state.office,
        decision=_decision(status, reasons, state.aside, doubts, state.policy, shares=shares, disputes=disputes),
        stamped_at=state.view.stamp,
        effective_at=state.effective,
        valid_until=last if status in _HELD else None,
        due_at=deadline_of_return(state.view.stamp, state.policy, closed),
        against=tuple(sorted(state.against)) if state.against else (),
        served_by=state.served_by,
        flags=tuple(dict.fromkeys(flags)) if flags else (),
    )


def _decision(
    status: Status, reasons: tuple[Reason, ...], aside: tuple[Reason, ...], doubts: Sequence[Doubt],
    policy: Policy, *, shares: tuple[tuple[str, int], ...] = (), disputes: Sequence[str] = (),
) -> Decision:  # fmt: skip
    waits_for = [*doubts, *_open(disputes)] if disputes else doubts
    return Decision(
        status=status,
        shares=shares,
        reasons=reasons,
        set_aside=aside,
        pending_on=tuple(map(_SENTENCE, waits_for)),
        pending_keys=tuple(map(_KEY, waits_for)),
        provisional=bool(doubts),
        policy=policy.id,
    )


def _open(disputes: Sequence[str]) -> list[Doubt]:
    return [Doubt(f"dispute:{name}", say("争议 {dispute} 未结", dispute=name)) for name in disputes]


def _outcome(
    state: ClaimState, beaten: Sequence[str], closed: frozenset[date], as_of: int, *, entered: bool
) -> tuple[Status, tuple[Reason, ...]]:
    slips = (state.view.slip,)
    if state.status in LEASED and as_of > state.until:
        return Status.LAPSED, (_lapsed(state),)
    if state.status is Status.UPHELD and not entered:
        verdict = waits_for_entry(state.view.slip, state.view.stamp, state.policy, closed)
        return Status.AWAITING_ENTRY, (verdict.reason,)
    if state.verdict is not None and state.verdict.status is state.status:
        return state.status, state.verdict.reasons()
    if state.status not in WAITING:
        return state.status, (_standing(state, beaten),)
    if state.status is Status.WAITING_CONTRACT:
        sentence = say("单位与个人相撞（{claims}），等合同名称", claims="、".join(sorted(state.against)))
        masked = say("单位与个人相撞，等合同名称；双方都可继续服务")
        return state.status, (Reason("二.2.3", sentence, masked, slips),)
    together = "、".join(sorted(state.against))
    sentence = (
        say("与 {claims} 的先后或是否同一客户不能确定，由销售经理判定", claims=together)
        if state.doubted
        else say("与 {claims} 同一天盖章，由销售经理看日报判定", claims=together)
    )
    masked = say("同日撞单或先后不明，等销售经理判定")
    return state.status, (Reason("二.2.4", sentence, masked, slips),)


def _lapsed(state: ClaimState) -> Reason:
    """Why a claim is over: its days are, or a number of places that fell did not reach it (一.5)."""
    if state.lease.released is not None:
        return released(state.view.slip, state.lease.released.limit)
    sentence = say("有效期至 {day}，期内没有再次确认", day=day_of(state.until).isoformat())
    return Reason("六.3", sentence, sentence, (state.view.slip,))


def _standing(state: ClaimState, beaten: Sequence[str]) -> Reason:
    """Why a claim stands: it was earlier than those returned against it, or nobody stood against it."""
    slips = (state.view.slip,)
    if state.status is Status.CLOSED:
        sentence = say("已成交")
        return Reason("六.3", sentence, sentence, slips)
    time = to_the_minute(state.effective.lo)
    if beaten:
        sentence = say("盖章 {time}，早于 {claims}", time=time, claims="、".join(beaten))
        return Reason("二.2.1", sentence, say("盖章 {time}，时间在先", time=time), (*slips, *beaten))
    sentence = _nobody_before(time)
    return Reason("一.3", sentence, sentence, slips)


@lru_cache(maxsize=4096)
def _nobody_before(time: str) -> Say:
    """Return one sentence for all slips of a minute: nearly every claim has it."""
    return say("盖章 {time}，没有在先的确认", time=time)


def act_ruling(act: Act, doubts: Sequence[Doubt], closed: frozenset[date]) -> ActRuling:
    """Return the outcome of an amendment or a renewal."""
    verdict = act.verdict or _stands(act)
    decision = _decision(verdict.status, verdict.reasons(), act.aside, doubts, act.policy)
    due = deadline_of_return(act.stamp, act.policy, closed)
    return ActRuling(act.slip, act.claim, act.kind, decision, act.stamp, due, tuple(sorted(verdict.against)))


def _stands(act: Act) -> Verdict:
    amended = act.kind == "amend"
    clause = "一.6" if amended else "六.3"
    sentence = say("变更成立，时间改为这一次") if amended else say("再次确认成立，时间不变")
    return Verdict(clause, Status.UPHELD, Reason(clause, sentence, sentence, (act.slip, act.claim)))


def same_day_cases(states: Iterable[ClaimState]) -> tuple[SameDay, ...]:
    """Return the cases that wait for the manager: what hangs together stands on one page, each edge is ruled."""
    waiting = {one.claim: one for one in states}
    edges = sorted({
        (min(claim, other), max(claim, other))
        for claim, one in waiting.items() for other in one.against if other in waiting
    })  # fmt: skip
    case_of: dict[str, set[str]] = {}
    for one, other in edges:
        merged = case_of.get(one, {one}) | case_of.get(other, {other})
        case_of |= dict.fromkeys(merged, merged)
    cases = {min(case): case for case in case_of.values()}
    return tuple(
        SameDay(
            claims=tuple(sorted(case)),
            pool=waiting[first].pool,
            day=day_of(max(waiting[claim].view.stamp.lo for claim in case)),
            edges=tuple(edge for edge in edges if edge[0] in case),
        )
        for first, case in sorted(cases.items())
    )
