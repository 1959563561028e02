"""What people find out and rule."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from shared_rules.claims import NOBODY, ClaimState
from shared_rules.clauses.contracts import chosen_by_the_customer
from shared_rules.clauses.kinship import about_kin, kin_are_one_customer
from shared_rules.clauses.ownership import ruled_by_a_person
from shared_rules.clauses.reception import handed_to_the_earlier
from shared_rules.decision import Presumption, Status, Verdict
from shared_rules.facts import (
    CustomerChose,
    Event,
    FindingMade,
    HandedOver,
    RulingMade,
    ServiceAssigned,
    Transferred,
)
from shared_rules.hearing.core import WAITING, Hearing
from shared_rules.interval import day_end, day_of

__all__ = ["chosen", "found_same", "handed_over", "ruled_among", "served", "transferred"]

_RULED_ON = (*WAITING, Status.UPHELD)
_IN_DISPUTE = (*_RULED_ON, Status.RETURNED, Status.LATE, Status.CLOSED)
"""A dispute may give the customer to who lost by the rules, and a late claim its right."""


def ruled_among(hearing: Hearing, event: Event, fact: RulingMade) -> None:
    """A person's ruling: the losers are returned, the winner is upheld unless it waits with others still."""
    named = {*fact.claims, *fact.losers}
    for name in sorted(named, key=lambda one: (one != fact.winner, one)):  # the winner first: nobody releases it
        state = hearing.claim(name)
        if state is None or not _is_ruled_on(state, fact, named):
            continue
        before = state.verdict
        verdict = ruled_by_a_person(state.view, fact, also=before.also if before else ())
        aside = (*state.aside, *((before.reason,) if before else ()))
        state = replace(state, verdict=verdict, aside=aside)
        if verdict.status is Status.UPHELD:
            _uphold(hearing, state, state.against - named, event.time.lo)
        elif state.fallback is not None:
            _fall_back(hearing, state, state.fallback, verdict, event.time.lo)
        else:
            hearing.drop(state, Status.RETURNED, event.time.lo)
            hearing.keep(replace(state, status=Status.RETURNED, against=frozenset(verdict.against)))


def _is_ruled_on(state: ClaimState, fact: RulingMade, named: set[str]) -> bool:
    """Return whether a ruling can say something of a claim: also of one that was returned against another it names."""
    if state.status is Status.RETURNED and not state.against.isdisjoint(named):
        return True
    return state.status in (_IN_DISPUTE if fact.dispute else _RULED_ON)


def _uphold(hearing: Hearing, state: ClaimState, rest: frozenset[str], at: int) -> None:
    """Let the winner's claim stand, unless it waits with others still; a closed one stays closed."""
    if state.status is Status.CLOSED or (rest and state.status in WAITING):
        hearing.keep(replace(state, against=rest))
        return
    if state.undecided_since is None and state.status in (Status.RETURNED, Status.LATE):
        state = replace(state, undecided_since=state.view.stamp.lo)  # it could not be used until now
    hearing.keep(hearing.resumed(replace(state, against=NOBODY, status=Status.UPHELD), at))
    hearing.close_if_dealt(state.claim, at)


def _fall_back(hearing: Hearing, state: ClaimState, old: ClaimState, verdict: Verdict, at: int) -> None:
    """A refused amendment or correction leaves the version before it, with its time (一.6)."""
    hearing.drop(state, Status.RETURNED, at)
    hearing.keep(old)
    act = hearing.acts.at(state.view.slip, hearing.now)
    if act is not None:
        hearing.keep_act(replace(act, verdict=replace(verdict, status=Status.REFUSED), aside=()))


def found_same(hearing: Hearing, event: Event, fact: FindingMade) -> None:
    """A finding that two customers are one compares what is live at the finding; one that was taken back, nothing."""
    latest = hearing.background.finding(*fact.claims)
    if latest is not None and latest.answer != "same":
        return
    pair = [state for claim in fact.claims if (state := hearing.claim(claim)) is not None]
    live = [one for one in pair if one.live_at(event.time.lo)]
    live.sort(key=lambda one: (one.effective, one.claim))
    if fact.answer != "same" or len(live) < 2:
        return
    first, second = live
    if about_kin(fact) and not kin_are_one_customer(fact, hearing.need(first, second), second.policy):
        return
    if second.status is Status.CLOSED or first.salesperson == second.salesperson:
        return
    rival = hearing.rival(second, first, Presumption.KIN if about_kin(fact) else Presumption.FOUND)
    hearing.settle_into(second, *hearing.collide(second, (rival,)))


def handed_over(hearing: Hearing, event: Event, fact: HandedOver) -> None:
    """Who learned of a collision hands the customer to the earliest confirmer: the own claim ends (六.1)."""
    state = hearing.claim(fact.claim)
    if state is None or state.salesperson != fact.giver or state.status not in (*WAITING, Status.UPHELD):
        return
    verdict = handed_to_the_earlier(state.view.slip)
    hearing.drop(replace(state, verdict=verdict), verdict.status, event.time.lo)


def transferred(hearing: Hearing, event: Event, fact: Transferred) -> None:
    """Claims of somebody who leaves go to the named person: time and lease stay, for some days without a place."""
    for name in sorted(fact.claims):
        state = hearing.claim(name)
        if state is None or state.salesperson != fact.giver or state.status not in (*WAITING, Status.UPHELD):
            continue
        last = day_of(event.time.lo) + timedelta(days=state.policy.hand_over.exempt_days)
        view = replace(state.view, salesperson=fact.to)
        flags = (*state.flags, "transferred")
        hearing.keep(replace(state, view=view, exempt_until=day_end(last), flags=flags))


def served(hearing: Hearing, _event: Event, fact: ServiceAssigned) -> None:
    """A colleague serves; the claim stays whose it is (二.2.3)."""
    state = hearing.claim(fact.claim)
    if state is not None:
        hearing.keep(replace(state, served_by=fact.by))


def chosen(hearing: Hearing, event: Event, fact: CustomerChose) -> None:
    """A customer's written choice: the chosen one serves, or, where the policy says so, owns from that day."""
    state = hearing.claim(fact.claim)
    if state is None:
        return
    policy = hearing.policies.at(state.pool, event.time.lo)
    if policy.contract.choice == "service" or state.status not in (*WAITING, Status.UPHELD):
        hearing.keep(replace(state, served_by=fact.to))
        return
    verdict = chosen_by_the_customer(state.view.slip, fact.to, event.time.lo)
    view = replace(state.view, salesperson=fact.to)
    hearing.keep(replace(state, view=view, verdict=verdict, effective=event.time, status=Status.UPHELD))
