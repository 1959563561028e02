"""What deals and follow-ups do to claims."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from shared_rules.background import person_topic
from shared_rules.claims import ClaimState, Lease
from shared_rules.customers import customer_of, normal_company, normal_name
from shared_rules.decision import Status
from shared_rules.facts import DealCancelled, DealClosed, Event, FollowedUp, SlipContent
from shared_rules.hearing.core import Hearing
from shared_rules.matching import marks

__all__ = ["cancelled", "closed_already", "dealt", "followed_up"]

_COUNTS = ("customer", "spouse", "parent", "child")
"""Whose visit is a follow-up."""


def dealt(hearing: Hearing, _event: Event, fact: DealClosed) -> None:
    """A deal closes the closer's claims that it names, or those of the name on the contract."""
    name = {normal_name(fact.contract_name), normal_company(fact.contract_name)} - {""}
    for state in _of(hearing, fact.closer):
        names = {state.customer.company, *state.customer.names} if state.customer else set()
        meant = state.claim in fact.claims if fact.claims else bool(name & names)
        if meant and state.status is Status.UPHELD and fact.pool in ("", state.pool):
            hearing.keep(replace(state, status=Status.CLOSED, deal=fact.deal))


def closed_already(hearing: Hearing, claim: str) -> None:
    """A slip handed in after its own deal belongs to that deal (一.9)."""
    state = hearing.claim(claim)
    if state is None or state.status is not Status.UPHELD:
        return
    for deal in hearing.background.deals.about(claim, state.customer):
        stands = deal.closed_at <= state.view.stamp.lo and not 0 < deal.cancelled_at <= state.view.stamp.lo
        if stands and deal.closer == state.salesperson and deal.pool in ("", state.pool):
            hearing.keep(replace(state, status=Status.CLOSED, deal=deal.deal))
            return


def _of(hearing: Hearing, person: str) -> Iterable[ClaimState]:
    names = sorted(name for names in hearing.held.get(person, {}).values() for name in names)
    states = (hearing.claim(name) for name in names)
    return [state for state in states if state is not None and state.salesperson == person]


def cancelled(hearing: Hearing, event: Event, fact: DealCancelled) -> None:
    """A cancelled deal opens its claim again, with its old time and a lease from the cancellation."""
    deal = hearing.background.deals.known[fact.deal]
    hearing.watchers.watch(person_topic(deal.closer), hearing.now)
    for state in _of(hearing, deal.closer):
        if state.deal == fact.deal and state.status is Status.CLOSED:
            open_again = replace(state, status=Status.UPHELD, deal="")
            lease = Lease(event.time.days()[1], state.policy.lease.validity_days, state.policy)
            hearing.keep(hearing.leased(open_again, lease))


def followed_up(hearing: Hearing, event: Event, fact: FollowedUp) -> None:
    """An effective follow-up lets the lease run anew, where a policy counts from it; after a lapse it is too late."""
    if not fact.effective or (fact.kind == "visit" and fact.who not in _COUNTS):
        return
    wanted = set(marks(customer_of(SlipContent(names=(fact.name,), phones=(fact.phone,)))))
    for state in _of(hearing, fact.by):
        meant = state.claim == fact.claim if fact.claim else not wanted.isdisjoint(state.marks)
        counts = meant and state.policy.lease.anchor == "follow_up"
        if counts and state.status is Status.UPHELD and state.live_at(event.time.lo):
            lease = Lease(event.time.days()[1], state.policy.lease.validity_days, state.policy)
            hearing.keep(hearing.leased(state, lease))
