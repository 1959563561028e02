"""What works from the start, whenever it was said: looked up while facts are heard, in whatever order it arrived.

`add` takes one fact in and answers which topics have to be heard again because of it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Final, TypeVar

from shared_rules.chronicle import LAST, Place
from shared_rules.clauses.quota import Results, quarter_start
from shared_rules.clauses.routing import shared_with_a_helper
from shared_rules.customers import customer_of, normal_company, normal_name
from shared_rules.deals import Deals
from shared_rules.decision import Reason
from shared_rules.facts import (
    AppealDecided,
    Appealed,
    ClosedDaysDeclared,
    CollisionSeen,
    DealCancelled,
    DealClosed,
    DealRenamed,
    DisputeFiled,
    Event,
    Fact,
    FindingMade,
    FollowedUp,
    HelpGiven,
    Launched,
    LogId,
    LogQueried,
    LookApproved,
    LookAsked,
    Mediated,
    NameStruck,
    OldCustomerBrought,
    OpeningListed,
    PersonAdded,
    Prelaunched,
    QuarterReported,
    QuerySigned,
    Received,
    RegisterQueried,
    ReportLineWritten,
    ReservedAnnounced,
    Role,
    RulingMade,
    SlipContent,
    SlipEntered,
    SlipRefused,
    SlipReturned,
    SlipStamped,
    StaffIntroArrived,
    StatementDefaulted,
    StatementGiven,
    VisitLogged,
)
from shared_rules.interval import day_of
from shared_rules.matching import marks
from shared_rules.policy import Policy
from shared_rules.values import Fixed

__all__ = [
    "DEALS",
    "EVERYTHING",
    "Again",
    "Background",
    "deal_topic",
    "dispute_topic",
    "log_topic",
    "person_topic",
    "received_topic",
    "roles_topic",
]

F = TypeVar("F")
DEALS: Final = "deals"
"""The topic of who looks at all deals there are."""
HOUSE: Final = "house"
"""Who follows a customer for the company itself."""
EVERYTHING: Final = "*"
"""The topic of facts that reach every claim: launch and closed days."""


def person_topic(person: str) -> str:
    """Return the topic of whatever depends on a salesperson's places or results."""
    return f"person {person}"


def received_topic(person: str, day: date) -> str:
    """Return the topic of slips whose row in the visitor log of a day matters."""
    return f"received {person} {day}"


def log_topic(log: LogId) -> str:
    """Return the topic of when a log reached the server."""
    return f"log {log.kiosk}.{log.inc}"


def roles_topic(person: str) -> str:
    """Return the topic of what somebody may do."""
    return f"roles {person}"


def dispute_topic(dispute: str) -> str:
    """Return the topic of whatever happens in a dispute."""
    return f"dispute {dispute}"


def deal_topic(deal: str) -> str:
    """Return the topic of whatever happens to a deal."""
    return f"deal {deal}"


class Again(Fixed, frozen=True):
    """Whatever looks at a topic, or at a claim that bears a mark, must be heard again from an instant on."""

    topic: str = ""
    since: int = 0
    mark: str = ""
    near: bool = False
    """Whether claims on the same customer must be heard again, too."""


@dataclass(slots=True)
class Background:
    """What is known from the start."""

    entered: set[str] = field(default_factory=set)
    """Slips that had their second look (一.4)."""
    contents: dict[str, tuple[Place, SlipContent]] = field(default_factory=dict)
    """Slip stamped by its number alone -> what was entered for it first."""
    findings: dict[frozenset[str], tuple[Place, FindingMade]] = field(default_factory=dict)
    launches: list[tuple[str, date, int]] = field(default_factory=list)
    """Pool, launch day, instant of the notice."""
    prelaunches: list[tuple[str, int]] = field(default_factory=list)
    closed: frozenset[date] = frozenset()
    struck: dict[str, set[str]] = field(default_factory=dict)
    """Claim -> names found not to be kin (二.1.2)."""
    queries: dict[str, tuple[Place, LogQueried]] = field(default_factory=dict)
    """Claim -> the latest look for its row in the visitor log (一.7)."""
    rows: dict[tuple[str, date], list[tuple[int, VisitLogged]]] = field(default_factory=dict)
    """Salesperson and day -> rows of the visitor log with their instants."""
    results: dict[str, Results] = field(default_factory=dict)
    """Salesperson -> signings (一.5)."""
    deals: Deals = field(default_factory=Deals)
    refusals: set[str] = field(default_factory=set)
    """Slips that a clerk refused over the quota."""
    seen: dict[str, list[tuple[int, frozenset[str]]]] = field(default_factory=dict)
    """Claim ("" = all) -> instants at which collisions came to light, and between whom (二.2.2)."""
    received: dict[LogId, list[tuple[int, int]]] = field(default_factory=dict)
    """Log -> sequence number up to which the server had it, and since when."""
    reserved: list[tuple[int, frozenset[str]]] = field(default_factory=list)
    """Notices of reserved customers: instant, marks of the names (六.4)."""
    arrivals: list[tuple[int, StaffIntroArrived]] = field(default_factory=list)
    """Customers whom staff introduced, as they came (六.5)."""
    lines: dict[str, list[tuple[int, ReportLineWritten]]] = field(default_factory=dict)
    """Claim -> its lines in daily reports (一.10)."""
    visits: dict[str, list[int]] = field(default_factory=dict)
    """Mark of a customer -> instants of visits."""
    house: dict[str, list[int]] = field(default_factory=dict)
    """Claim or mark -> instants at which the house itself followed the customer."""
    married: dict[str, set[str]] = field(default_factory=dict)
    """Claim -> claims of which people said that the customers are spouses."""
    help: dict[str, HelpGiven] = field(default_factory=dict)
    """Deal -> who helped the absent owner (一.8)."""
    acknowledged: dict[str, list[int]] = field(default_factory=dict)
    """Slip -> instants at which its return was acknowledged (一.4)."""
    disputes: dict[str, list[tuple[Place, int, Fact]]] = field(default_factory=dict)
    """Dispute -> its facts with place and instant, in order (三, 四)."""
    imported: dict[str, int] = field(default_factory=dict)
    """Claim -> instant from which its imported time may be contested (三.1)."""
    fresh_disputes: set[str] = field(default_factory=set)
    """Disputes of which something new was heard; whoever rules on their claims empties it."""
    roles: dict[str, tuple[Place, frozenset[Role]]] = field(default_factory=dict)
    asked: list[tuple[Place, Event]] = field(default_factory=list)
    """Approvals and looks (五), routes (一.8, 六.5): what is answered when the whole register is asked for."""
    fresh_deals: set[str] = field(default_factory=set)
    """Deals of which something new was heard; whoever rules on deals empties it."""
    ruled: dict[str, set[str]] = field(default_factory=dict)
    """Claim -> claims among which a person ruled together with it."""

    def add(self, place: Place, event: Event) -> tuple[Again, ...]:
        """Take a fact in; tell what must be heard again."""
        learn = self._LEARN.get(type(event.fact))
        return () if learn is None else tuple(learn(self, place, event))

    def _entry(self, place: Place, event: Event) -> Iterator[Again]:
        fact = _as(SlipEntered, event)
        self.entered.add(fact.slip)
        if fact.content is not None and place < self.contents.get(fact.slip, (LAST,))[0]:
            self.contents[fact.slip] = (place, fact.content)
            yield Again(fact.slip)

    def _finding(self, place: Place, event: Event) -> Iterator[Again]:
        fact = _as(FindingMade, event)
        pair = frozenset(fact.claims)
        if fact.ground == "spouse":
            for one, other in (fact.claims, fact.claims[::-1]):
                self.married.setdefault(one, set()).add(other)
        if pair not in self.findings or self.findings[pair][0] < place:
            self.findings[pair] = (place, fact)
            yield from map(Again, fact.claims)

    def _strike(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(NameStruck, event)
        self.struck.setdefault(fact.claim, set()).add(fact.name)
        yield Again(fact.claim)

    def _query(self, place: Place, event: Event) -> Iterator[Again]:
        fact = _as(LogQueried, event)
        if fact.claim not in self.queries or self.queries[fact.claim][0] < place:
            self.queries[fact.claim] = (place, fact)
            yield Again(fact.claim)

    def _row(self, _place: Place, event: Event) -> Iterator[Again]:
        fact, at = _as(VisitLogged, event), event.time.lo
        self.rows.setdefault((fact.by, day_of(at)), []).append((at, fact))
        yield Again(received_topic(fact.by, day_of(at)))
        if fact.kind == "visit":
            for mark in _marks(fact.name, fact.phone):
                self.visits.setdefault(mark, []).append(at)
                yield Again(mark=mark)

    def _refusal(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(SlipRefused, event)
        self.refusals.add(fact.slip)
        yield Again(fact.slip)

    def _quarter(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(QuarterReported, event)
        self.results.setdefault(fact.person, Results()).reports.append((event.time.lo, fact))
        yield Again(person_topic(fact.person), quarter_start(fact.quarter))

    def _deal(self, place: Place, event: Event) -> Iterator[Again]:
        """Keep the signings of whoever closed first; an earlier closing may arrive later."""
        before, deal = self.deals.add(place, event)
        self.fresh_deals.add(deal.deal)
        if before is not None and before.closings:
            self.results[before.closer].deals.pop(before.deal)
            yield Again(person_topic(before.closer), before.closed_at)
        if deal.closings:
            self.results.setdefault(deal.closer, Results()).deals[deal.deal] = (deal.closed_at, deal.cancelled_at)
            yield Again(person_topic(deal.closer), deal.closed_at)
            yield Again(deal_topic(deal.deal))
        yield Again(DEALS)
        yield from (Again(claim, near=True) for claim in sorted(deal.claims))
        yield from (Again(mark=f"{kind} {form}", near=True) for name in deal.names for kind, form in _forms(name))

    def _seen(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(CollisionSeen, event)
        for claim in fact.claims or ("",):
            self.seen.setdefault(claim, []).append((event.time.lo, frozenset(fact.claims)))
            yield Again(claim or EVERYTHING)

    def _received(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(Received, event)
        log = LogId(fact.kiosk, fact.inc)
        self.received.setdefault(log, []).append((fact.upto, event.time.lo))
        yield Again(log_topic(log))

    def _reserved(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(ReservedAnnounced, event)
        forms = [f"{kind} {form}" for name in fact.names for kind, form in _forms(name)]
        self.reserved.append((event.time.lo, frozenset(forms)))
        yield from (Again(mark=mark) for mark in forms)

    def _arrival(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(StaffIntroArrived, event)
        self.arrivals.append((event.time.lo, fact))
        self.asked.append((_place, event))
        yield from (Again(mark=mark) for mark in _marks(fact.name, fact.phone))

    def _line(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(ReportLineWritten, event)
        self.lines.setdefault(fact.claim, []).append((event.time.lo, fact))
        yield Again(fact.claim)

    def _follow_up(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(FollowedUp, event)
        if fact.by == HOUSE:
            for mark in (fact.claim, *_marks(fact.name, fact.phone)):
                self.house.setdefault(mark, []).append(event.time.lo)
                yield Again(mark) if mark == fact.claim else Again(mark=mark)

    def _ruling(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(RulingMade, event)
        if fact.dispute:
            yield from self._procedure(_place, event)
        for claim in sorted({*fact.claims, *fact.losers}):
            self.ruled.setdefault(claim, set()).update(fact.claims, fact.losers)
            yield Again(claim)

    def _opening(self, _place: Place, event: Event) -> Iterator[Again]:
        for claim in _as(OpeningListed, event).claims:
            self.imported[claim] = max(event.time.lo, self.imported.get(claim, 0))
            yield Again(claim)

    def _procedure(self, place: Place, event: Event) -> Iterator[Again]:
        fact: Any = event.fact
        insort(self.disputes.setdefault(fact.dispute, []), (place, event.time.lo, fact), key=lambda step: step[0])
        self.fresh_disputes.add(fact.dispute)
        yield Again(dispute_topic(fact.dispute))

    def _person(self, place: Place, event: Event) -> Iterator[Again]:
        fact = _as(PersonAdded, event)
        if fact.person not in self.roles or self.roles[fact.person][0] < place:
            self.roles[fact.person] = (place, frozenset(fact.roles))
            yield Again(roles_topic(fact.person))
            self.fresh_disputes.update(self.disputes)
            yield from (Again(dispute_topic(dispute)) for dispute in self.disputes)

    def _asked(self, place: Place, event: Event) -> Iterator[Again]:
        self.asked.append((place, event))
        return iter(())

    def _help(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(HelpGiven, event)
        self.help[fact.deal] = fact
        self.fresh_deals.add(fact.deal)
        return iter(())

    def _note(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(SlipReturned, event)
        if fact.note == "acknowledged":
            self.acknowledged.setdefault(fact.slip, []).append(event.time.lo)
            yield Again(fact.slip)

    def _launch(self, _place: Place, event: Event) -> Iterator[Again]:
        fact = _as(Launched, event)
        self.launches.append((fact.pool, fact.day, event.time.lo))
        yield Again(EVERYTHING)

    def _prelaunch(self, _place: Place, event: Event) -> Iterator[Again]:
        self.prelaunches.append((_as(Prelaunched, event).pool, event.time.lo))
        yield Again(EVERYTHING)

    def _closed_days(self, _place: Place, event: Event) -> Iterator[Again]:
        """Keep days that are declared closed in advance; a day after the fact is no closed day (一.1)."""
        fact = _as(ClosedDaysDeclared, event)
        if event.time.last_day() < fact.first:
            self.closed |= fact.days()
            yield Again(EVERYTHING)

    _LEARN: ClassVar[dict[type[Fact], Callable[[Background, Place, Event], Iterator[Again]]]] = {
        SlipEntered: _entry,
        FindingMade: _finding,
        NameStruck: _strike,
        LogQueried: _query,
        VisitLogged: _row,
        SlipRefused: _refusal,
        QuarterReported: _quarter,
        DealClosed: _deal,
        DealCancelled: _deal,
        DealRenamed: _deal,
        Launched: _launch,
        Prelaunched: _prelaunch,
        ClosedDaysDeclared: _closed_days,
        CollisionSeen: _seen,
        Received: _received,
        ReservedAnnounced: _reserved,
        StaffIntroArrived: _arrival,
        ReportLineWritten: _line,
        FollowedUp: _follow_up,
        RulingMade: _ruling,
        HelpGiven: _help,
        OpeningListed: _opening,
        DisputeFiled: _procedure,
        Mediated: _procedure,
        QuerySigned: _procedure,
        RegisterQueried: _procedure,
        StatementGiven: _procedure,
        StatementDefaulted: _procedure,
        Appealed: _procedure,
        AppealDecided: _procedure,
        PersonAdded: _person,
        LookApproved: _asked,
        LookAsked: _asked,
        OldCustomerBrought: _asked,
        SlipReturned: _note,
    }

    # --- questions

    def named_in_a_notice(self, marked: tuple[str, ...]) -> int | None:
        """Return the instant of the first notice that reserves a customer with these marks (六.4)."""
        return min((at for at, names in self.reserved if not names.isdisjoint(marked)), default=None)

    def spouses(self, claim: str) -> frozenset[str]:
        """Return the claims on the spouse of a claim's customer, as people found (二.1.1)."""
        pairs = self.married.get(claim, ())
        latest = {other: self.finding(claim, other) for other in pairs}
        return frozenset(
            other for other, one in latest.items() if one and one.answer == "same" and one.ground == "spouse"
        )

    def helper_share(
        self, deal: str, owner: str, policy: Policy
    ) -> tuple[tuple[tuple[str, int], ...], tuple[Reason, ...]]:
        """Return the parts of owner and helper where somebody helped to close (一.8); empty = the owner alone."""
        help_ = self.help.get(deal)
        if help_ is None or help_.by == owner:
            return (), ()
        return shared_with_a_helper(owner, help_.by, policy, told=bool(help_.owner_phoned))

    def told_before(self, slip: str, at: int) -> bool:
        """Return whether a salesperson had acknowledged a slip's return by then (一.4)."""
        return any(when <= at for when in self.acknowledged.get(slip, ()))

    def arrival(self, marked: tuple[str, ...]) -> int | None:
        """Return the instant at which an introduced customer with these marks first came (六.5)."""
        wanted = set(marked)
        came = (at for at, fact in self.arrivals if not wanted.isdisjoint(_marks(fact.name, fact.phone)))
        return min(came, default=None)

    def first_visit(self, marked: tuple[str, ...]) -> int | None:
        """Return the instant of the first visit that was logged of a customer with these marks."""
        return min((at for mark in marked for at in self.visits.get(mark, ())), default=None)

    def followed_by_house(self, claim: str, marked: tuple[str, ...], at: int) -> bool:
        """Return whether the house followed a customer by then."""
        return any(when <= at for key in (claim, *marked) for when in self.house.get(key, ()))

    def seen_at(self, *claims: str) -> int | None:
        """Return when somebody first said that these claims collide (二.2.2)."""
        told = [*self.seen.get("", ()), *(self.seen.get(claims[0], ()))]
        return min((at for at, named in told if not named or named.issuperset(claims)), default=None)

    def received_at(self, log: LogId, seq: int) -> int | None:
        """Return when the server had a record; None = nobody told."""
        return min((at for upto, at in self.received.get(log, ()) if upto >= seq), default=None)

    def launch(self, pool: str) -> tuple[tuple[int, date], ...]:
        """Return the notices of a pool's launch in order: when each was given, and the day that it names (六.3)."""
        if not self.launches:
            return ()
        return tuple(sorted((at, day) for of, day, at in self.launches if of in ("", pool)))

    def early(self, pool: str, stamp: int) -> bool:
        """Return whether a slip stamped then is an early claim (六.3)."""
        if not self.launches and not self.prelaunches:
            return False
        notices = [at for of, _, at in self.launches if of in ("", pool)]
        if notices:
            return stamp < min(notices)
        return any(at <= stamp for of, at in self.prelaunches if of in ("", pool))

    def with_role(self, role: Role) -> frozenset[str]:
        """Return the people who have a role, as far as anybody said."""
        return frozenset(person for person, (_, roles) in self.roles.items() if role in roles)

    def learned(self, slips: Iterable[tuple[str, str]]) -> dict[str, int]:
        """Return salesperson -> instant at which the return of one of these slips was acknowledged first."""
        told = ((person, at) for slip, person in slips for at in self.acknowledged.get(slip, ()))
        return dict(sorted(told, key=lambda one: -one[1]))

    def finding(self, one: str, other: str) -> FindingMade | None:
        """Return what people found out about two claims last."""
        held = self.findings.get(frozenset((one, other))) if self.findings else None
        return held[1] if held else None

    def content(self, fact: SlipStamped) -> SlipContent | None:
        """Return what stands on a slip; for one stamped by number alone what was entered first (一.4)."""
        return fact.content if fact.content is not None else self.contents.get(fact.slip, (LAST, None))[1]


def _marks(name: str, phone: str) -> tuple[str, ...]:
    return marks(customer_of(SlipContent(names=(name,), phones=(phone,))))


def _forms(name: str) -> Iterator[tuple[str, str]]:
    for kind, form in (("name", normal_name(name)), ("company", normal_company(name))):
        if form:
            yield kind, form


def _as(kind: type[F], event: Event) -> F:
    assert isinstance(event.fact, kind)
    return event.fact
