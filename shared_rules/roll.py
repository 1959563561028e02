"""The roll of claims while a hearing goes on: who stands against a slip, and what else it is judged by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared_rules.background import Background
from shared_rules.claims import ClaimState
from shared_rules.clauses.kinship import without_struck_names
from shared_rules.clauses.quota import Results
from shared_rules.clauses.sameness import found, presumed
from shared_rules.clauses.visits import row_counts
from shared_rules.customers import Customer, customer_of
from shared_rules.decision import Presumption, QuotaStanding, Rival, Status
from shared_rules.facts import CustomerKind, SlipContent, SlipStamped
from shared_rules.interval import Trit
from shared_rules.matching import marks, same_customer
from shared_rules.policy import Policies, Policy

__all__ = ["Roll"]


@dataclass(slots=True)
class Roll:
    """The claims heard so far, found by customer and by salesperson."""

    policies: Policies
    background: Background
    claims: dict[str, ClaimState] = field(default_factory=dict)
    marked: dict[str, set[str]] = field(default_factory=dict)
    """Mark of a customer -> claims that ever bore it: where rivals are looked for."""
    held: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Salesperson and pool -> claims ever handed in: where places are counted."""

    def keep(self, state: ClaimState) -> None:
        """Let a claim be what it is now."""
        self.claims[state.claim] = state
        self.held.setdefault((state.view.salesperson, state.pool), set()).add(state.claim)
        for mark in marks(state.customer) if state.customer else ():
            self.marked.setdefault(mark, set()).add(state.claim)

    # --- who stands against a slip

    def rivals(self, state: ClaimState, at: int, policy: Policy) -> tuple[Rival, ...]:
        """Return the claims live at an instant that name the same customer, in the order of their times."""
        found_rivals = [
            self.rival(state, other, presumption)
            for other in self._alike(state)
            if other.claim != state.claim
            and other.pool == state.pool
            and other.live_at(at, self.background.launch(other.pool), self.background.closed)
            and (presumption := self._presumption(state, other, policy)) is not None
        ]
        return tuple(sorted(found_rivals, key=lambda rival: (rival.effective, rival.claim)))

    def _alike(self, state: ClaimState) -> Iterable[ClaimState]:
        """Return the claims that bear a mark of this one's customer: no other can be the same."""
        return self._with_marks(state.customer) if state.customer else ()

    def _with_marks(self, customer: Customer) -> Iterable[ClaimState]:
        alike = (self.marked.get(mark, ()) for mark in marks(customer))
        return [self.claims[claim] for claim in set().union(*alike)]

    def _presumption(self, state: ClaimState, other: ClaimState, policy: Policy) -> Presumption | None:
        assert state.customer is not None  # both bear a mark
        assert other.customer is not None
        plain = presumed(same_customer(state.customer, other.customer, policy))
        finding = self.background.findings.get(frozenset((state.claim, other.claim)))
        if finding is not None and finding.answer == "same" and plain is not Presumption.ASKED:
            return plain  # found by people: compared at the finding, not from the start
        return found(plain, finding)

    # --- what else a slip is judged by

    def standing(self, person: str, pool: str, at: int, policy: Policy, *, but: str = "") -> QuotaStanding:
        """Return how many customers a salesperson holds in a pool at an instant, a claim left out (一.5)."""
        launch, closed = self.background.launch(pool), self.background.closed
        others = (self.claims[claim] for claim in self.held.get((person, pool), ()) if claim != but)
        live = sum(
            (policy.quota.counts_closed or other.status is not Status.CLOSED)
            and (policy.quota.counts_early or not (other.lease.early and launch is None))
            and other.live_at(at, launch, closed)
            for other in others
        )
        limit = self.background.results.get(person, Results()).limit(at, policy)
        return QuotaStanding(limit, live, but in self.background.refusals)

    def logged(self, fact: SlipStamped, customer: Customer | None, policy: Policy) -> bool | None:
        """Return whether the visitor log has the row that a slip needs; None = nobody asks (一.7)."""
        query, rules = self.background.queries.get(fact.slip), policy.visitor_log
        if fact.source not in rules.required_for or (query is None and rules.check == "on_query"):
            return None
        if query is not None and query.found:
            return query.found == "yes"
        lapsed = any(
            one.status is Status.UPHELD and one.view.salesperson == fact.salesperson
            for one in (self._with_marks(customer) if customer else ())
        )
        rows = self.background.rows.get(fact.salesperson, ())
        return any(row_counts(row, at, fact, customer, policy, lapsed=lapsed) for at, row in rows)

    def customer(self, claim: str, content: SlipContent) -> Customer:
        """Return the customer a slip names, without the names found not to be kin (二.1.2)."""
        return without_struck_names(customer_of(content), self.background.struck.get(claim, frozenset()))

    def standing_of(self, state: ClaimState, policy: Policy) -> QuotaStanding:
        """Return where the salesperson of a slip stands at its stamp, this claim left out."""
        person, at = state.view.salesperson, state.view.stamp.lo
        return self.standing(person, state.pool, at, policy, but=state.claim)

    @staticmethod
    def need(one: ClaimState, other: ClaimState) -> Trit:
        """Return whether two claims want basically the same."""
        if one.customer is None or other.customer is None:
            return Trit.ASK
        return same_customer(one.customer, other.customer, one.policy).need

    @staticmethod
    def rival(state: ClaimState, other: ClaimState, presumption: Presumption) -> Rival:
        """Return a claim as a rival of another one."""
        return Rival(
            claim=other.claim,
            salesperson=other.view.salesperson,
            effective=other.effective,
            earlier=other.effective.day_before(state.view.stamp),
            presumption=presumption,
            same_content=other.view.content == state.view.content,
            doubtful_day=state.doubtful_day or other.doubtful_day,
            kinds_differ=_kinds_differ(state.customer, other.customer),
        )


def _kinds_differ(a: Customer | None, b: Customer | None) -> bool:
    return a is not None and b is not None and CustomerKind.COMPANY in (a.kind, b.kind) and a.kind is not b.kind
