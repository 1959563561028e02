"""The sealed register (五): here, and in `findings.py`, a person gets to see what stands on a slip, and nowhere else.

Every look commits its audit row first and reads afterwards; a look that is refused leaves its row too. A same-day case
in the manager's inbox authorises exactly its slips, to the ruler, while it is open. Of the salespeople's day it shows
when they stamped, renewed or got something back, and no other customer's data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared_rules.customers import customer_of
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import (
    Grade,
    Role,
    SlipAmended,
    SlipContent,
    SlipCorrected,
    SlipEntered,
    SlipRenewed,
    SlipReturned,
    SlipStamped,
    SlipWithdrawn,
)
from shared_rules.interval import day_end, day_start
from shared_rules.matching import same_customer
from shared_rules.words import Say, say
from sync_server.archive import policies_in_force
from sync_server.doubts import Doubt, doubt_of
from sync_server.store import cases, persons, places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared_rules.facts import Event
    from shared_rules.interval import Interval
    from shared_rules.policy import Policy
    from sync_server.archive import Archive
    from sync_server.log import ServerLog
    from sync_server.sessions import Visitor
    from sync_server.store import Store, Transaction
    from sync_server.store.cases import CaseRow

__all__ = ["Act", "CaseView", "InboxItem", "Library", "SlipView", "allow", "may_rule"]

_SAME_DAY, _CONTESTED = "二.2.4", "三.3"
"""The clauses of the manager's rulings: on stamps of one day, and where an imported time is contested."""


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A case as the inbox lists it: no customer's data."""

    number: int
    pool: str
    day: str
    claims: tuple[str, ...]
    opened_at: int
    state: str
    uncertain: bool
    """Whether nobody can tell the day of one of its stamps."""
    imported: bool
    """Whether one of its times was imported."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something a salesperson did, or that was done with the own slips, on the day; `own` = belongs to this case."""

    at: Interval
    what: Say
    slip: str
    own: bool


@dataclass(frozen=True, slots=True)
class SlipView:
    """One slip of the case, with its salesperson's day."""

    claim: str
    salesperson: str
    name: str
    office: str
    stamped: Interval
    stamped_by: str
    exceptional: str
    handed_in_at: int
    received_on: str
    entered: Interval | None
    source: str
    content: SlipContent | None
    against: tuple[str, ...]
    """The claims of the case it collides with."""
    day: tuple[Act, ...]
    doubt: Doubt | None
    """The evidence, where nobody can tell the day of its stamp."""
    imported: bool
    """Whether its time was imported."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the ruler sees; `earliest` is the instant from which the reports of the day are in (µs)."""

    number: int
    pool: str
    day: str
    state: str
    slips: tuple[SlipView, ...]
    edges: tuple[tuple[str, str], ...]
    grounds: tuple[Say, ...]
    """Why the slips name one customer (二), field by field."""
    parties: dict[str, str]
    """Claim -> its salesperson's name; no customer's data, so it stays visible when the case is closed."""
    earliest: int
    early: bool
    ruling: bytes
    barred: Say | None
    clause: str
    """Under which the ruling is made."""


def may_rule(visitor: Visitor) -> bool:
    """Return whether a person's office is to rule: the sales manager, or a leader in the manager's place."""
    return Role.MANAGER in visitor.roles or Role.LEADER in visitor.roles


@dataclass(frozen=True, slots=True)
class Library:
    """Authorised looks."""

    store: Store
    log: ServerLog
    archive: Archive

    def inbox(self, visitor: Visitor) -> tuple[InboxItem, ...]:
        """Return all cases, the waiting ones first; RefusedError for anybody who does not rule."""
        self._allow(visitor, "inbox", "", allowed=may_rule(visitor))
        with self.store.snapshot() as tx:
            pools = places.pools(tx)
            rows = sorted(cases.cases(tx), key=lambda row: (row.state != "open", -row.number))
        contents = self.archive.read()
        return tuple(
            InboxItem(
                row.number, pools[row.pool], row.day.isoformat(), row.claims, row.opened_at, row.state,
                not contents.uncertain.isdisjoint(row.claims), not contents.imported.isdisjoint(row.claims),
            )
            for row in rows
        )  # fmt: skip

    def case(self, visitor: Visitor, number: int) -> CaseView:
        """Return a case; its slips only while it is open, to somebody who may rule on it."""
        with self.store.snapshot() as tx:
            row = cases.case_row(tx, number)
        if row is None:
            raise InputError(say("没有第 {number} 号案", number=number), field="case")
        self._allow(visitor, "case", str(number), allowed=may_rule(visitor))
        events = self.archive.read().events
        with self.store.snapshot() as tx:
            every = _slips(tx, row, events)
            policy = policies_in_force(tx).at(row.pool, day_start(row.day))
            pool = places.pools(tx)[row.pool]
        earliest = day_end(row.day) + 1 + policy.same_day.reports_in()
        early = self.log.clock.read().now < earliest
        slips = every if row.state == "open" else ()
        return CaseView(
            row.number, pool, row.day.isoformat(), row.state, slips, row.edges, _grounds(slips, row, policy),
            {slip.claim: slip.name for slip in every}, earliest, early, row.ruling, _barred(visitor, slips),
            _clause(every),
        )  # fmt: skip

    def _allow(self, visitor: Visitor, act: str, about: str, *, allowed: bool) -> None:
        refusal = say("只有销售部经理或公司领导可以查看；这次查看已记录")
        allow(self.store, self.log, visitor, (act, about), allowed=allowed, refusal=refusal)


def allow(
    store: Store, log: ServerLog, visitor: Visitor, look: tuple[str, str], *, allowed: bool, refusal: Say
) -> None:
    """Commit the audit row of a look (act and what it is about), then refuse it unless it is allowed (五)."""
    act, about = look
    with store.transaction() as tx:
        persons.add_audit(
            tx, at=log.signed_now(tx).now, person=visitor.person, session=visitor.session, act=act, about=about,
            outcome="allowed" if allowed else "refused",
        )  # fmt: skip
    if not allowed:
        raise RefusedError(refusal, clause="五")


def _slips(tx: Transaction, row: CaseRow, events: Sequence[Event]) -> tuple[SlipView, ...]:
    names = {person.person: person.name for person in persons.persons(tx)}
    offices = {office.office: office.name for office in places.offices(tx)}
    views = [_slip(tx, claim, row, events, names=names, offices=offices) for claim in row.claims]
    return tuple(sorted((view for view in views if view), key=lambda view: (view.stamped, view.claim)))


def _grounds(slips: tuple[SlipView, ...], row: CaseRow, policy: Policy) -> tuple[Say, ...]:
    content = {slip.claim: slip.content for slip in slips}
    grounds: list[Say] = []
    for one, two in row.edges:
        first, second = content.get(one), content.get(two)
        if first is not None and second is not None:
            grounds += same_customer(customer_of(first), customer_of(second), policy).reasons
    return tuple(dict.fromkeys(grounds))


def _clause(slips: tuple[SlipView, ...]) -> str:
    """Return the clause of a case: its stamps are of one day, or in doubt, unless an imported time is contested."""
    days = {slip.stamped.certain_day() for slip in slips}
    contested = len(days) > 1 and None not in days and any(slip.imported for slip in slips)
    return _CONTESTED if contested else _SAME_DAY


def _barred(visitor: Visitor, slips: tuple[SlipView, ...]) -> Say | None:
    if any(slip.salesperson == visitor.person for slip in slips):
        return say("您自己是本案的一方，须由公司领导判定")
    return None


def _slip(
    tx: Transaction, claim: str, row: CaseRow, events: Sequence[Event], *, names: dict[str, str],
    offices: dict[str, str],
) -> SlipView | None:  # fmt: skip
    own = sorted((event for event in events if _claim_of(event) == claim), key=lambda event: (event.time, event.seq))
    first = next((event for event in own if isinstance(event.fact, SlipStamped)), None)
    if first is None or not isinstance(first.fact, SlipStamped):
        return None
    stamp = first.fact
    content, entered, at = _present(own, first)
    signer = names.get(stamp.stamped_by, stamp.stamped_by)
    return SlipView(
        claim, stamp.salesperson, names.get(stamp.salesperson, stamp.salesperson),
        offices.get(stamp.office, stamp.office), at.time, signer, stamp.exceptional,
        stamp.handed_in_at, stamp.received_on.isoformat(), entered, stamp.source.value, content,
        tuple(sorted(other for edge in row.edges if claim in edge for other in edge if other != claim)),
        tuple(_day(stamp.salesperson, row, events)),
        doubt_of(tx, at.log, at.seq, at.time) if at.time.certain_day() is None else None, at.grade is Grade.I,
    )  # fmt: skip


def _present(own: Sequence[Event], first: Event) -> tuple[SlipContent | None, Interval | None, Event]:
    """Return a claim's content, when it was entered, and the stamp that gives it its time, by all that happened."""
    content, entered, stamp = None, None, first
    for event in own:
        fact = event.fact
        if isinstance(fact, SlipAmended | SlipCorrected) or (
            isinstance(fact, SlipStamped | SlipEntered) and fact.content
        ):
            content = fact.content
        if isinstance(fact, SlipAmended):
            stamp = event
        if isinstance(fact, SlipEntered):
            entered = event.time
    return content, entered, stamp


def _claim_of(event: Event) -> str:
    fact = event.fact
    if isinstance(fact, SlipStamped | SlipEntered | SlipCorrected):
        return fact.slip
    return fact.claim if isinstance(fact, SlipAmended | SlipRenewed | SlipWithdrawn) else ""


def _day(person: str, row: CaseRow, events: Sequence[Event]) -> Iterator[Act]:
    """Yield a salesperson's acts of the case's day by time: what was done and with which slip, nobody's data."""
    owner = {event.fact.slip: event.fact.salesperson for event in events if isinstance(event.fact, SlipStamped)}
    for event in sorted(events, key=lambda event: (event.time, event.log, event.seq)):
        first, last = event.time.days()
        what = _WHAT.get(type(event.fact))
        if what is None or not first <= row.day <= last:
            continue
        slip = getattr(event.fact, "slip", "") or getattr(event.fact, "claim", "")
        if getattr(event.fact, "salesperson", "") == person or owner.get(slip) == person:
            yield Act(event.time, what, slip, slip in row.claims or getattr(event.fact, "claim", "") in row.claims)


_WHAT: dict[type, Say] = {
    SlipStamped: say("新单盖章"),
    SlipAmended: say("变更盖章"),
    SlipRenewed: say("再次确认盖章"),
    SlipEntered: say("录入"),
    SlipReturned: say("退单"),
    SlipWithdrawn: say("撤回"),
}
