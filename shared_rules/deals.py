"""Subscriptions and signings, each with its history: closed, renamed, cancelled (二.2.2, 二.2.3)."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field

from shared_rules.chronicle import Place
from shared_rules.customers import Customer, normal_company, normal_name
from shared_rules.facts import DealCancelled, DealClosed, DealRenamed, Event

__all__ = ["Deal", "Deals"]

_Step = tuple[Place, int, DealClosed | DealCancelled | DealRenamed]
"""Place, instant and fact of something that happened to a deal."""


@dataclass(frozen=True, slots=True)
class Deal:
    """One deal as far as it is known; without a closing it is only a rumour and counts for nothing."""

    deal: str
    steps: tuple[_Step, ...]

    @property
    def closings(self) -> tuple[tuple[int, DealClosed], ...]:
        """Instants and facts of subscription and signing, in order."""
        return tuple((at, fact) for _, at, fact in self.steps if isinstance(fact, DealClosed))

    @property
    def closer(self) -> str:
        """Who closed it first."""
        return self.closings[0][1].closer if self.closings else ""

    @property
    def closed_at(self) -> int:
        """Instant of the first closing."""
        return self.closings[0][0]

    @property
    def cancelled_at(self) -> int:
        """Instant of the cancellation; 0 = it stands."""
        return next((at for _, at, fact in self.steps if isinstance(fact, DealCancelled)), 0)

    @property
    def pool(self) -> str:
        """Pool of the deal; "" = not said."""
        return self.closings[0][1].pool if self.closings else ""

    @property
    def named_at(self) -> int:
        """Instant of the latest name on the contract."""
        return max(at for _, at, fact in self.steps if not isinstance(fact, DealCancelled))

    def anchor(self, which: str) -> int | None:
        """Return the instant from which repose is counted (二.2.2); None = that event has not been."""
        kinds = {"subscribe": ("subscription",), "sign": ("signing",)}.get(which, ("subscription", "signing"))
        return next((at for at, fact in self.closings if fact.kind in kinds), None)

    @property
    def claims(self) -> frozenset[str]:
        """Claims that a closing names itself."""
        return frozenset(claim for _, fact in self.closings for claim in fact.claims)

    @property
    def names(self) -> tuple[str, ...]:
        """Names on the contract as typed, the latest last."""
        return tuple(fact.contract_name for _, _, fact in self.steps if not isinstance(fact, DealCancelled))

    def is_about(self, claim: str, customer: Customer | None) -> bool:
        """Return whether a claim's customer is this deal's: named by the deal, or by a name on the contract."""
        if claim in self.claims:
            return True
        if customer is None or not self.closings:
            return False
        own = {customer.company, customer.contact, *customer.names} - {""}
        return any({normal_name(name), normal_company(name)} & own for name in self.names)


@dataclass(slots=True)
class Deals:
    """All deals, found by id, by closer, by a name on the contract and by claim."""

    known: dict[str, Deal] = field(default_factory=dict)
    by_name: dict[str, set[str]] = field(default_factory=dict)
    by_claim: dict[str, set[str]] = field(default_factory=dict)

    def add(self, place: Place, event: Event) -> tuple[Deal | None, Deal]:
        """Take a fact about a deal in, in its place, and return the deal as it was and as it is now."""
        fact = event.fact
        assert isinstance(fact, DealClosed | DealCancelled | DealRenamed)
        before = self.known.get(fact.deal)
        steps = list(before.steps) if before else []
        insort(steps, (place, event.time.lo, fact), key=lambda step: step[0])
        deal = self.known[fact.deal] = Deal(fact.deal, tuple(steps))
        for claim in deal.claims:
            self.by_claim.setdefault(claim, set()).add(deal.deal)
        for name in deal.names:
            for form in {normal_name(name), normal_company(name)} - {""}:
                self.by_name.setdefault(form, set()).add(deal.deal)
        return before, deal

    def about(self, claim: str, customer: Customer | None) -> tuple[Deal, ...]:
        """Return the deals on a claim's customer that were closed, in the order of their closings."""
        if not self.known:
            return ()
        forms = (customer.company, customer.contact, *customer.names) if customer else ()
        found = self.by_claim.get(claim, set()).union(*(self.by_name.get(form, ()) for form in forms if form))
        deals = (self.known[deal] for deal in found)
        return tuple(
            sorted(
                (deal for deal in deals if deal.is_about(claim, customer)), key=lambda one: (one.closed_at, one.deal)
            )
        )
