"""What the counter does: slips are stamped, amended, renewed, corrected, given up."""

from __future__ import annotations

from datetime import date
from typing import Final

from msgspec.structs import replace

from shared_rules.claims import ClaimState, Lease
from shared_rules.clauses import ON_ACTS, ON_COLLISION
from shared_rules.clauses.reception import ordered_by_arrival, ordered_by_report
from shared_rules.clauses.registration import given_up, held_to_the_next_window
from shared_rules.customers import Customer
from shared_rules.decision import Reason, Situation, SlipView, Status, Verdict, decide
from shared_rules.facts import (
    Event,
    Grade,
    SlipAmended,
    SlipContent,
    SlipCorrected,
    SlipDeclaredLost,
    SlipRenewed,
    SlipStamped,
    SlipWithdrawn,
    Source,
)
from shared_rules.hearing.core import WAITING, Act, Hearing
from shared_rules.interval import HOUR, Interval, Trit
from shared_rules.matching import marks, same_customer
from shared_rules.policy import Policy
from shared_rules.words import say

__all__ = ["amended", "corrected", "ended", "renewed", "stamped"]

_ASSERTED_FLAGS: Final = {Grade.I: ("imported",), Grade.P: ("paper",)}


def stamped(hearing: Hearing, event: Event, fact: SlipStamped) -> None:
    """A new slip."""
    content = hearing.background.content(fact)
    policy = hearing.policies.at(fact.pool, event.time.lo)
    customer = None if content is None else hearing.customer(fact.slip, content)
    late_paper = event.grade is Grade.P and fact.written_up_at - event.time.hi > policy.stamp.paper_hours * HOUR
    view = _view(event, fact, fact.slip, content)
    counts = held_to_the_next_window(view, policy, hearing.background.closed)
    lease = hearing.lease(counts.last_day(), policy, early=hearing.background.early(fact.pool, event.time.lo))
    state = ClaimState(
        fact.slip,
        fact.pool,
        fact.office,
        view,
        policy=policy,
        customer=customer,
        effective=_effective(hearing, counts, fact, customer, policy),
        lease=lease,
        until=hearing.until(fact.pool, lease),
        marks=marks(customer) if customer else (),
        recorded=(event.log, event.seq),
        doubtful_day=late_paper,
        source=fact.source,
        needs_entry=fact.slip,
        flags=_flags(event, fact),
        logged=hearing.logged(fact, customer, policy),
    )
    near = hearing.alike(state)
    verdict, aside = hearing.judge(state, "new", near)
    hearing.settle_into(_watched(state, near), verdict, aside)
    hearing.close_if_dealt(fact.slip, event.time.lo)


def _watched(state: ClaimState, near: list[ClaimState]) -> ClaimState:
    """Return a claim with an alarm where two people hold one contact for two needs: a need may be invented (二)."""
    if any(_split_by_need(state, other) for other in near) == ("two_needs" in state.flags):
        return state
    flags = tuple(flag for flag in state.flags if flag != "two_needs")
    return replace(state, flags=flags if len(flags) < len(state.flags) else (*flags, "two_needs"))


def _split_by_need(state: ClaimState, other: ClaimState) -> bool:
    """Return whether another's live claim has the same contact and only another need (二)."""
    assert state.customer is not None  # both bear a mark
    assert other.customer is not None
    if other.salesperson == state.salesperson or not other.live_at(state.view.stamp.lo):
        return False
    match = same_customer(state.customer, other.customer, state.policy)
    return match.contact_alike and match.need is Trit.NO


def _effective(
    hearing: Hearing, counts: Interval, fact: SlipStamped, customer: Customer | None, policy: Policy
) -> Interval:
    """Return what orders a claim: when its stamp counts, unless an arrival (六.5) or the daily report (六.1) does."""
    if fact.source is Source.STAFF_INTRO and customer is not None:
        return ordered_by_arrival(counts, hearing.background.arrival(marks(customer)), policy)
    return ordered_by_report(counts, hearing.reported(fact.slip, fact.salesperson, policy), policy)


def amended(hearing: Hearing, event: Event, fact: SlipAmended) -> None:
    """An amendment: judged with its new content at its own stamp, the old version stays if it is refused."""
    old = _acting(hearing, event, fact)
    if old is None:
        return
    policy = hearing.policies.at(old.pool, event.time.lo)
    view = _view(event, fact, fact.claim, fact.content)
    customer = hearing.customer(fact.claim, fact.content)
    counts = held_to_the_next_window(view, policy, hearing.background.closed)
    candidate = replace(old, view=view, customer=customer, marks=marks(customer), policy=policy, effective=counts)
    hearing.look_at(candidate)
    live = old.live_at(event.time.lo)
    near = hearing.alike(candidate)
    verdict, aside = hearing.judge(candidate, "amend" if live else "new", near)
    _note(hearing, event, fact, policy, (verdict, aside))
    if verdict is not None and verdict.status not in (*WAITING, Status.UPHELD) and live:
        return
    fallback = old if verdict is not None and verdict.status in WAITING else None
    moved = _moves(old, candidate, policy) or not live
    candidate = replace(
        candidate, effective=counts if moved else old.effective, fallback=fallback,
        recorded=(event.log, event.seq), needs_entry=fact.slip, renewals=0 if moved else old.renewals,
    )  # fmt: skip
    if moved:
        early = live and old.lease.early
        candidate = hearing.leased(candidate, hearing.lease(counts.last_day(), policy, early=early))
    hearing.settle_into(_watched(candidate, near), verdict, aside)
    if verdict is None or verdict.status not in WAITING:
        hearing.release_all(old, event.time.lo)


def renewed(hearing: Hearing, event: Event, fact: SlipRenewed) -> None:
    """A renewal inside validity keeps the time; after it the customer is judged as new (六.3)."""
    old = _acting(hearing, event, fact)
    if old is None:
        return
    policy = hearing.policies.at(old.pool, event.time.lo)
    candidate = replace(old, view=_view(event, fact, fact.claim, old.view.content), policy=policy)
    if old.live_at(event.time.lo):
        evidence = bool(fact.evidence)
        verdict, aside = decide(_renewal(hearing, candidate, policy, evidence=evidence), policy, ON_ACTS)
        _note(hearing, event, fact, policy, (verdict, aside))
        if verdict is None:
            lease = _prolonged(old, event.time.last_day(), policy)
            hearing.keep(replace(hearing.leased(old, lease), renewals=old.renewals + 1))
        return
    candidate = replace(candidate, effective=event.time, renewals=0, flags=(*old.flags, "restarted"))
    verdict, aside = hearing.judge(candidate, "restart", hearing.alike(candidate))
    _note(hearing, event, fact, policy, (verdict, aside))
    if verdict is None or verdict.rule != "六.3":
        lease = hearing.lease(event.time.last_day(), policy)
        hearing.settle_into(hearing.leased(candidate, lease), verdict, aside)


def _prolonged(old: ClaimState, day: date, policy: Policy) -> Lease:
    """Return the lease after a renewal: from its own day, or on top of what is left (六.3)."""
    if policy.lease.renewal_from == "end":
        return replace(old.lease, days=old.lease.days + policy.lease.renewal_days)
    return Lease(day, policy.lease.renewal_days, policy, early=old.lease.early)


def _renewal(hearing: Hearing, candidate: ClaimState, policy: Policy, *, evidence: bool) -> Situation:
    """Return what a renewal is judged by: nobody stands against it, unless it is late and others came since."""
    rivals = hearing.rivals(candidate, candidate.view.stamp.lo, policy) if hearing.late else ()
    return Situation(
        candidate.view, rivals, "renew", effective=candidate.effective,
        renewals=candidate.renewals, quota=hearing.standing_of(candidate, policy), evidence=evidence,
    )  # fmt: skip


def _acting(hearing: Hearing, event: Event, fact: SlipAmended | SlipRenewed) -> ClaimState | None:
    """Return the claim an act builds on, or note the act as refused."""
    state = hearing.claim(fact.claim)
    if (
        state is not None
        and state.salesperson == fact.salesperson
        and state.status
        in (
            Status.UPHELD,
            Status.WAITING_CONTRACT,
        )
    ):
        return state
    policy = hearing.policies.at(state.pool if state else "", event.time.lo)
    sentence = say("{claim} 当时没有本人可用的有效确认", claim=fact.claim)
    clause = "一.6" if isinstance(fact, SlipAmended) else "六.3"
    verdict = Verdict(clause, Status.REFUSED, Reason(clause, sentence, sentence, (fact.slip, fact.claim)))
    _note(hearing, event, fact, policy, (verdict, ()))
    return None


def _note(
    hearing: Hearing, event: Event, fact: SlipAmended | SlipRenewed, policy: Policy,
    outcome: tuple[Verdict | None, tuple[Reason, ...]],
) -> None:  # fmt: skip
    kind = "amend" if isinstance(fact, SlipAmended) else "renew"
    hearing.keep_act(Act(fact.slip, fact.claim, kind, event.time, policy, *outcome))


def corrected(hearing: Hearing, event: Event, fact: SlipCorrected) -> None:
    """A correction keeps the time, unless the right content collides: then it is an amendment (一.6)."""
    state = hearing.claim(fact.slip) or _amended_by(hearing, fact.slip)
    if state is None or state.status is not Status.UPHELD:
        return
    view = replace(state.view, content=fact.content)
    customer = hearing.customer(state.claim, fact.content)
    candidate = replace(state, view=view, customer=customer, marks=marks(customer))
    hearing.look_at(candidate)
    old_rivals = {rival.claim for rival in hearing.rivals(state, event.time.lo, state.policy)}
    fresh = {rival.claim for rival in hearing.rivals(candidate, event.time.lo, state.policy)} - old_rivals
    if not fresh:
        hearing.keep(candidate)
        return
    candidate = replace(candidate, view=replace(view, stamp=event.time, handed_in_at=0), effective=event.time)
    rivals = hearing.rivals(candidate, event.time.lo, state.policy)
    situation = Situation(candidate.view, rivals, "amend", effective=event.time)
    verdict, aside = hearing.in_time(candidate, *decide(situation, state.policy, ON_COLLISION))
    if verdict is None or verdict.status in (*WAITING, Status.UPHELD):
        hearing.settle_into(replace(candidate, fallback=state), verdict, aside)


def _amended_by(hearing: Hearing, slip: str) -> ClaimState | None:
    """Return the claim whose present version an amendment's slip made."""
    act = hearing.acts.at(slip, hearing.now)
    if act is None:
        return None
    hearing.watchers.watch(act.claim, hearing.now)
    state = hearing.claim(act.claim)
    return state if state and state.view.slip == slip else None


def ended(hearing: Hearing, event: Event, fact: SlipWithdrawn | SlipDeclaredLost) -> None:
    """The salesperson gave the claim up, or the manager declared the slip lost."""
    withdrawn = isinstance(fact, SlipWithdrawn)
    state = hearing.claim(fact.claim if isinstance(fact, SlipWithdrawn) else fact.slip)
    if state is not None and state.status in (*WAITING, Status.UPHELD):
        verdict = given_up(state.view.slip, withdrawn=withdrawn)
        hearing.drop(replace(state, verdict=verdict), verdict.status, event.time.lo)


def _view(
    event: Event, fact: SlipStamped | SlipAmended | SlipRenewed, claim: str, content: SlipContent | None
) -> SlipView:
    return SlipView(
        slip=fact.slip,
        claim=claim,
        salesperson=fact.salesperson,
        stamped_by=fact.stamped_by,
        stamped_role=fact.stamped_role,
        stamp=event.time,
        handed_in_at=fact.handed_in_at,
        grade=event.grade,
        content=content,
        exceptional=fact.exceptional,
    )


def _flags(event: Event, fact: SlipStamped) -> tuple[str, ...]:
    flags: tuple[str, ...] = ("exceptional",) if fact.exceptional else ()
    if fact.source is Source.STAFF_INTRO:
        flags += ("text_incomplete",)
    return (*flags, *_ASSERTED_FLAGS.get(event.grade, ()))


def _moves(old: ClaimState, new: ClaimState, policy: Policy) -> bool:
    """Return whether an amendment moves the time under the policy's reading of 一.6."""
    return {
        "all": True,
        "none": False,
        "identity_only": _identity(old.customer) != _identity(new.customer),
        "changed_fields": old.customer != new.customer,
    }[policy.amendment.resets]


def _identity(customer: Customer | None) -> object:
    return None if customer is None else (customer.names, customer.company, customer.phones)
