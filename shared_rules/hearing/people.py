"""What people find out and rule."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from shared_rules.claims import ClaimState
from shared_rules.clauses import ON_COLLISION
from shared_rules.clauses.contracts import chosen_by_the_customer
from shared_rules.clauses.kinship import about_kin, kin_are_one_customer
from shared_rules.clauses.ownership import ruled_by_a_person
from shared_rules.clauses.reception import handed_to_the_earlier
from shared_rules.decision import Presumption, Situation, Status, Verdict, decide, weigh
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

__all__ = ["chosen", "found_same", "handed_over", "ruled", "served", "transferred"]


def ruled(hearing: Hearing, event: Event, fact: RulingMade) -> None:
    """A person's ruling: the losers are returned, the winner is upheld unless it waits with others still."""
    named = sorted({*fact.claims, *fact.losers})
    for name in named:
        state = hearing.claim(name)
        if state is None or state.status not in (*WAITING, Status.UPHELD):
            continue
        before = state.verdict
        ruling = ruled_by_a_person(state.view, fact, also=before.also if before else ())
        verdict, aside = weigh([*([replace(before, also=())] if before else []), ruling], state.policy)
        assert verdict is not None  # the ruling itself is one
        if verdict.status is Status.RETURNED and state.fallback is not None:
            _fall_back(hearing, state, state.fallback, verdict, event.time.lo)
            continue
        rest = state.against - set(named)
        if verdict.status is Status.RETURNED:
            hearing.drop(replace(state, verdict=verdict, aside=aside), Status.RETURNED, event.time.lo)
            dropped = hearing.claim(name)
            assert dropped is not None
            hearing.keep(replace(dropped, against=frozenset(verdict.against)))
        elif rest:
            hearing.keep(replace(state, verdict=verdict, aside=aside, against=rest))
        else:
            upheld = replace(state, verdict=verdict, aside=aside, against=rest, status=Status.UPHELD)
            hearing.keep(hearing.resumed(upheld, event.time.lo))


def _fall_back(hearing: Hearing, state: ClaimState, old: ClaimState, verdict: Verdict, at: int) -> None:
    """A refused amendment or correction leaves the version before it, with its time (一.6)."""
    hearing.drop(state, Status.RETURNED, at)
    hearing.keep(old)
    act = hearing.acts.at(state.view.slip, hearing.now)
    if act is not None:
        hearing.keep_act(replace(act, verdict=replace(verdict, status=Status.REFUSED), aside=()))


def found_same(hearing: Hearing, event: Event, fact: FindingMade) -> None:
    """A finding that two customers are one compares what is live at the finding."""
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
    situation = Situation(second.view, second.customer, (rival,), "found", effective=second.effective)
    hearing.settle_into(second, *decide(situation, second.policy, ON_COLLISION))


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
