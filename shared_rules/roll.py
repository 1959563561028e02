"""The roll of claims while a hearing goes on: who stands against a slip, and what else it is judged by.

Everything is read as of the place of the event that is being heard (`now`); what later events wrote is not there yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from shared_rules.background import Again, Background, received_topic
from shared_rules.chronicle import Place, Turn, Versions, Watchers
from shared_rules.claims import LEASED, LIVE, WAITING, ClaimState
from shared_rules.clauses.kinship import without_struck_names
from shared_rules.clauses.quota import Results, next_quarter
from shared_rules.clauses.reception import takes_a_place
from shared_rules.clauses.reports import contact_details
from shared_rules.clauses.sameness import found, presumed
from shared_rules.clauses.visits import row_counts
from shared_rules.customers import Customer, customer_of
from shared_rules.decision import Presumption, QuotaStanding, Rival, Status
from shared_rules.facts import ASSERTED, CustomerKind, SlipContent, SlipStamped
from shared_rules.interval import OPEN, Trit, day_of, day_start
from shared_rules.matching import marks, same_customer
from shared_rules.policy import Policies, Policy

__all__ = ["Roll", "mark_topic"]

_NO_RESULTS: Final = Results()
"""Of a salesperson of whom nothing was reported and who closed nothing."""


def mark_topic(pool: str, mark: str) -> str:
    """Return the topic of whoever bears a mark in a pool."""
    return f"{pool}\t{mark}"


@dataclass(slots=True)
class Roll:
    """The claims heard so far, found by customer and by salesperson."""

    policies: Policies
    background: Background = field(default_factory=Background)
    claims: Versions[ClaimState] = field(default_factory=Versions)
    watchers: Watchers = field(default_factory=Watchers)
    marked: defaultdict[str, dict[str, tuple[str, ...]]] = field(default_factory=lambda: defaultdict(dict))
    """Pool -> mark of a customer -> claims that ever bore it: where rivals are looked for."""
    held: defaultdict[str, defaultdict[str, dict[str, int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    """Salesperson -> pool -> claim -> last instant to which it may have held its customer: where places are counted."""
    lost: dict[str, set[str]] = field(default_factory=dict)
    """Claim -> returned claims that it ever kept from coming to life, where their policy may let them (一.6)."""
    now: Place = ()
    """Place of the event that is being heard."""
    writes: list[str] = field(default_factory=list)
    """Claims that the event being heard has written."""
    turns: list[Turn] = field(default_factory=list)
    """Instants at which time alone may change what the event being heard has written."""
    releases: bool = field(init=False)
    """Whether any policy releases what somebody holds beyond a number that fell (一.5)."""
    revives: bool = field(init=False)
    """Whether any policy lets returned slips come to life (一.6)."""

    def __post_init__(self) -> None:
        self.releases = any(policy.quota.on_drop == "release" for policy in self.policies.all())
        self.revives = any(policy.amendment.returned_revives != "never" for policy in self.policies.all())

    @property
    def at(self) -> int:
        """Instant of the event that is being heard."""
        at = self.now[0]
        assert isinstance(at, int)
        return at

    def claim(self, name: str) -> ClaimState | None:
        """Return a claim as it stands now."""
        return self.claims.at(name, self.now)

    def keep(self, state: ClaimState) -> None:
        """Let a claim be what it is now."""
        name = state.claim
        self.claims.write(name, self.now, state)
        self.writes.append(name)
        if state.status in LIVE:
            held, until = self.held[state.view.salesperson][state.pool], state.until if state.status in LEASED else OPEN
            held[name] = max(until, held.get(name, until))
            if self.releases:
                self.await_fall(state.salesperson)
        elif state.status is Status.RETURNED and state.policy.amendment.returned_revives != "never":
            self.lose(name, state.against)
        if name in self.lost:
            self._await_end(state)
        marked = self.marked[state.pool]
        for mark in state.marks:
            bearers = marked.get(mark, ())
            if name not in bearers:
                marked[mark] = (*bearers, name)

    def look_at(self, candidate: ClaimState) -> None:
        """Note that whoever bears a mark of a customer matters here, though the claim itself may never bear it."""
        for mark in candidate.marks:
            self.watchers.watch(mark_topic(candidate.pool, mark), self.now)

    def lose(self, name: str, holders: Iterable[str]) -> None:
        """Note that a returned claim may come to life as soon as these hold the customer no more (一.6)."""
        for holder in holders:
            self.lost.setdefault(holder, set()).add(name)
            state = self.claim(holder)
            if state is not None:
                self._await_end(state)

    def _await_end(self, state: ClaimState) -> None:
        if state.status in LEASED and state.lease_ends and state.until >= self.at:
            self.turns.append(Turn(state.until + 1, claim=state.claim))

    def looking_at(self, again: Again) -> Iterator[Place]:
        """Return the places of the events that look at a topic, or at a claim that bears a mark."""
        names = {again.topic} if again.topic else set()
        for pool, marked in self.marked.items() if again.mark else ():
            names.update((mark_topic(pool, again.mark), *marked.get(again.mark, ())))
        for name in sorted(names) if again.near else ():
            for state in self.claims.history(name):
                names |= self.near(state.pool, state.marks)
        return self.watchers.after(names, (again.since,))

    def near(self, pool: str, marked: tuple[str, ...]) -> set[str]:
        """Return the claims and topics by which events find a customer of these marks."""
        return self.bearers(pool, marked).union(mark_topic(pool, mark) for mark in marked)

    # --- who stands against a slip

    def rivals(
        self, state: ClaimState, at: int, policy: Policy, near: Iterable[ClaimState] | None = None
    ) -> tuple[Rival, ...]:
        """Return the claims live at an instant that name the same customer, in the order of their times.

        `near` are the claims alike, where somebody has looked for them already.
        """
        found_rivals = {}
        for one in self.alike(state) if near is None else near:
            for other in self._versions(one):
                if other.live_at(at) and (presumption := self._presumption(state, other, policy)) is not None:
                    found_rivals[one.claim] = self.rival(state, other, presumption)
        if not found_rivals:
            return ()
        return tuple(sorted(found_rivals.values(), key=lambda rival: (rival.effective, rival.claim)))

    @staticmethod
    def _versions(state: ClaimState) -> Iterator[ClaimState]:
        """Yield the version before an amendment that waits, which holds until the ruling (一.6); then the claim."""
        if state.status in WAITING and state.fallback is not None and state.fallback.customer is not None:
            yield state.fallback
        yield state

    def alike(self, state: ClaimState) -> list[ClaimState]:
        """Return the other claims that bear a mark of this one's customer: no other can be the same."""
        marked = self.marked.get(state.pool, {})
        bearers: list[str] = []
        for mark in state.marks:
            bearers += marked.get(mark, ())
        if not bearers or bearers == [state.claim]:
            return []
        others = map(self.claim, dict.fromkeys(name for name in bearers if name != state.claim))
        return [other for other in others if other is not None and other.customer is not None]

    def bearers(self, pool: str, wanted: tuple[str, ...]) -> set[str]:
        """Return the claims that ever bore one of these marks in a pool."""
        marked = self.marked.get(pool, {})
        return {name for mark in wanted for name in marked.get(mark, ())}

    def bearing(self, pool: str, wanted: tuple[str, ...]) -> Iterator[ClaimState]:
        """Yield the claims that bear one of these marks in a pool as they stand now."""
        for name in self.bearers(pool, wanted):
            one = self.claim(name)
            if one is not None and not set(wanted).isdisjoint(one.marks):
                yield one

    def _presumption(self, state: ClaimState, other: ClaimState, policy: Policy) -> Presumption | None:
        assert state.customer is not None  # both bear a mark
        assert other.customer is not None
        plain = presumed(same_customer(state.customer, other.customer, policy))
        finding = self.background.finding(state.claim, other.claim)
        if finding is not None and finding.answer == "same" and plain is not Presumption.ASKED:
            return plain  # found by people: compared at the finding, not from the start
        return found(plain, finding)

    # --- what else a slip is judged by

    def standing(self, person: str, pool: str, at: int, policy: Policy, *, but: str = "") -> QuotaStanding:
        """Return how many customers a salesperson holds in a pool at an instant, a claim left out (一.5)."""
        live = sum(one.claim != but for one in self.taking_a_place(person, pool, at, policy))
        return QuotaStanding(self.limit(person, at, policy), live, but in self.background.refusals)

    def taking_a_place(self, person: str, pool: str, at: int, policy: Policy) -> Iterator[ClaimState]:
        """Yield the claims that take a salesperson's places in a pool at an instant (一.5)."""
        launched = bool(self.background.launch(pool))
        for name, last in self._held_by(person, pool).items():
            other = self.claim(name) if last >= at else None
            if (
                other is not None
                and other.live_at(at)
                and other.salesperson == person
                and (policy.quota.counts_closed or other.status is not Status.CLOSED)
                and (policy.quota.counts_early or launched or not other.lease.early)
                and at > other.exempt_until
                and takes_a_place(other.source, policy)
            ):
                yield other

    def _held_by(self, person: str, pool: str) -> dict[str, int]:
        pools = self.held.get(person)
        return {} if pools is None else pools.get(pool, {})

    def standing_of(self, state: ClaimState, policy: Policy) -> QuotaStanding | None:
        """Return where the salesperson of a slip stands at its stamp, this claim left out; None = far from full."""
        at, person = state.view.stamp.lo, state.view.salesperson
        held = self._held_by(person, state.pool)
        if len(held) < policy.quota.lowest():
            return None  # nobody need look which of these are live
        limit = self.limit(person, at, policy)
        if len(held) < limit or sum([last >= at for last in held.values()]) < limit:
            return None
        return self.standing(person, state.pool, at, policy, but=state.claim)

    def limit(self, person: str, at: int, policy: Policy) -> int:
        """Return how many customers a salesperson may hold at an instant (一.5)."""
        return self.background.results.get(person, _NO_RESULTS).limit(at, policy)

    def await_fall(self, person: str) -> None:
        """Note the next midnight from which a salesperson may have fewer places with nothing said (一.5)."""
        today, results = day_of(self.at), self.background.results.get(person, _NO_RESULTS)
        days = (next_quarter(today), *results.ends(), *self.policies.starts())
        self.turns.append(Turn(day_start(min(day for day in days if day > today)), person))

    def ever_held(self, person: str) -> tuple[ClaimState, ...]:
        """Return a salesperson's claims in all pools, live or not, as they stand now."""
        names = set().union(*self.held[person].values()) if person in self.held else ()
        states = (self.claim(name) for name in sorted(names))
        return tuple(state for state in states if state is not None and state.salesperson == person)

    def logged(self, fact: SlipStamped, customer: Customer | None, policy: Policy) -> bool | None:
        """Return whether the visitor log has the row that a slip needs; None = nobody asks (一.7)."""
        held, rules = self.background.queries.get(fact.slip), policy.visitor_log
        if fact.source not in rules.required_for or (held is None and rules.check == "on_query"):
            return None
        if held is not None and held[1].found:
            return held[1].found == "yes"
        self.watchers.watch(received_topic(fact.salesperson, fact.received_on), self.now)
        wanted = marks(customer) if customer else ()
        lapsed = any(
            one.status is Status.UPHELD and one.salesperson == fact.salesperson
            for one in self.bearing(fact.pool, wanted)
        )
        rows = self.background.rows.get((fact.salesperson, fact.received_on), ())
        return any(row_counts(row, at, fact, customer, policy, lapsed=lapsed) for at, row in rows)

    def reported(self, claim: str, person: str, policy: Policy) -> list[int]:
        """Return the instants at which a salesperson's daily report named a claim; a refused line names nobody."""
        lines = self.background.lines.get(claim)
        if not lines:
            return []
        return [at for at, line in lines if line.by == person and not contact_details(line.text, policy)]

    def customer(self, claim: str, content: SlipContent) -> Customer:
        """Return the customer a slip names, without the names found not to be kin (二.1.2)."""
        customer, struck = customer_of(content), self.background.struck.get(claim)
        return without_struck_names(customer, frozenset(struck)) if struck else customer

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
            salesperson=other.salesperson,
            effective=other.effective,
            earlier=other.effective.day_before(state.effective),
            presumption=presumption,
            same_content=other.view.content == state.view.content,
            doubtful_day=state.doubtful_day or other.doubtful_day,
            asserted=not {state.view.grade, other.view.grade}.isdisjoint(ASSERTED),
            kinds_differ=_kinds_differ(state.customer, other.customer),
            later=state.effective.day_before(other.effective) is Trit.YES,
        )


def _kinds_differ(a: Customer | None, b: Customer | None) -> bool:
    return a is not None and b is not None and CustomerKind.COMPANY in (a.kind, b.kind) and a.kind is not b.kind
