"""What deals and follow-ups do to claims."""

from __future__ import annotations

from msgspec.structs import replace

from shared_rules.background import DEALS, person_topic
from shared_rules.claims import ClaimState, Lease
from shared_rules.clauses.contracts import renamed_after_ruling
from shared_rules.clauses.repose import lost_to_the_closer
from shared_rules.closings import repose_without_slip
from shared_rules.customers import customer_of, normal_company, normal_name
from shared_rules.decision import Status
from shared_rules.facts import (
    CollisionSeen,
    CustomerKind,
    DealCancelled,
    DealClosed,
    DealRenamed,
    Event,
    FollowedUp,
    SlipContent,
)
from shared_rules.hearing.core import Hearing
from shared_rules.hearing.places import fallen
from shared_rules.matching import marks

__all__ = ["cancelled", "dealt", "followed_up", "renamed", "seen"]

_COUNTS = ("customer", "spouse", "parent", "child")
"""Whose visit is a follow-up."""


def dealt(hearing: Hearing, _event: Event, fact: DealClosed) -> None:
    """A deal closes the closer's claims that it names, or those of the name on the contract."""
    name = {normal_name(fact.contract_name), normal_company(fact.contract_name)} - {""}
    for state in hearing.ever_held(fact.closer):
        names = {state.customer.company, *state.customer.names} if state.customer else set()
        meant = state.claim in fact.claims if fact.claims else bool(name & names)
        if meant and state.status is Status.UPHELD and fact.pool in ("", state.pool):
            hearing.keep(replace(state, status=Status.CLOSED, deal=fact.deal))


def cancelled(hearing: Hearing, event: Event, fact: DealCancelled) -> None:
    """A cancelled deal opens its claim again, with its old time and a lease from the cancellation."""
    deal = hearing.background.deals.known[fact.deal]
    hearing.watchers.watch(person_topic(deal.closer), hearing.now)
    for state in hearing.ever_held(deal.closer):
        if state.deal == fact.deal and state.status is Status.CLOSED:
            open_again = replace(state, status=Status.UPHELD, deal="")
            hearing.keep(hearing.leased(open_again, _anew(event, state)))
    if hearing.releases:
        fallen(hearing, deal.closer, event.time.lo)


def followed_up(hearing: Hearing, event: Event, fact: FollowedUp) -> None:
    """An effective follow-up lets the lease run anew, where a policy counts from it; after a lapse it is too late."""
    if not fact.effective or (fact.kind == "visit" and fact.who not in _COUNTS):
        return
    wanted = set(marks(customer_of(SlipContent(names=(fact.name,), phones=(fact.phone,)))))
    for state in hearing.ever_held(fact.by):
        meant = state.claim == fact.claim if fact.claim else not wanted.isdisjoint(state.marks)
        counts = meant and state.policy.lease.anchor == "follow_up"
        if counts and state.status is Status.UPHELD and state.live_at(event.time.lo):
            hearing.keep(hearing.leased(state, _anew(event, state)))


def _anew(event: Event, state: ClaimState) -> Lease:
    """Return a whole lease from the day of an event; an early claim stays one (六.3)."""
    days = state.policy.lease.validity_days
    return Lease(event.time.last_day(), days, state.policy, early=state.lease.early)


def seen(hearing: Hearing, event: Event, fact: CollisionSeen) -> None:
    """A collision came to light: long after a deal the closer keeps the customer, even without a slip (二.2.2)."""
    hearing.watchers.watch(DEALS, hearing.now)
    names = fact.claims or tuple(sorted(_about_deals(hearing)))
    for name in names:
        hearing.watchers.watch(name, hearing.now)
        state = hearing.claim(name)
        if state is None or state.status is not Status.UPHELD:
            continue
        hearing.look_at(state)
        repose = repose_without_slip(hearing, state, event.time.lo)
        if repose is not None:
            verdict = lost_to_the_closer(state.view.slip, repose)
            hearing.drop(replace(state, verdict=verdict), Status.RETURNED, event.time.lo)


def _about_deals(hearing: Hearing) -> set[str]:
    """Return the claims that bear a name of any contract."""
    deals = hearing.background.deals
    marks_ = {f"{kind} {form}" for form in deals.by_name for kind in ("name", "company")}
    bearing = {name for marked in hearing.marked.values() for mark in marks_ for name in marked.get(mark, ())}
    return bearing | set(deals.by_claim)


def renamed(hearing: Hearing, event: Event, fact: DealRenamed) -> None:
    """A name that changes after a ruling between a unit and a person brings both before the manager again (二.2.3)."""
    deal = hearing.background.deals.known[fact.deal]
    hearing.watchers.watch(DEALS, hearing.now)
    about = [one for name in sorted(_about_deals(hearing)) if (one := hearing.claim(name)) is not None]
    about = [one for one in about if deal.is_about(one.claim, one.customer)]
    named = {name for one in about for name in (one.claim, *hearing.background.ruled.get(one.claim, ()))}
    for name in named:
        hearing.watchers.watch(name, hearing.now)
    ruled = [one for name in sorted(named) if (one := hearing.claim(name)) and _ruled_between_kinds(one)]
    if len({one.customer.kind for one in ruled if one.customer}) < len(CustomerKind):
        return
    for one in ruled:
        others = tuple(other.claim for other in ruled if other is not one)
        verdict = renamed_after_ruling(one.view.slip, others)
        hearing.keep(
            replace(
                one, verdict=verdict, status=verdict.status, against=frozenset(others), deal="",
                undecided_since=event.time.lo,
            )
        )  # fmt: skip


def _ruled_between_kinds(state: ClaimState) -> bool:
    return state.customer is not None and state.verdict is not None and state.verdict.part == "ruling"
