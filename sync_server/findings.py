"""Whoever may say so finds whether two claims are one customer (二.1.3), by both sides' answers, in a signed finding.

A question that the server opened authorises exactly its two slips, while it is open, to supervisor, manager and leader;
each look commits its audit row first (五). A finding can be taken back by a later one: the latest counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import FindingMade, QuestionAnswered, Role
from shared_rules.words import Say, say
from sync_server.library import allow
from sync_server.questions import asked_between
from sync_server.rulings import CaseMovedError
from sync_server.store import persons, places
from sync_server.store import questions as rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared_rules.facts import Event, SlipContent
    from shared_rules.interval import Interval
    from shared_rules.settlement import Settlement
    from sync_server.archive import Archive
    from sync_server.log import ServerLog
    from sync_server.reconciler import Reconciler
    from sync_server.sessions import Visitor
    from sync_server.store import Store, Transaction
    from sync_server.store.questions import QuestionRow, Side

__all__ = ["DIFFERENT", "SAME", "SAMENESS", "Finding", "Findings", "Matter", "MatterItem", "MatterSide", "may_find"]

SAME: Final = "same"
DIFFERENT: Final = "different"
SAMENESS: Final = "二.1.3"
"""The clause under which a person finds here."""
_FINDERS: Final = (Role.SUPERVISOR, Role.MANAGER, Role.LEADER)
_LONGEST_REASON: Final = 2000


@dataclass(frozen=True, slots=True)
class MatterItem:
    """A question as the list has it: no customer's data. `answers` = how many of the two sides have answered."""

    number: int
    pool: str
    claims: tuple[str, str]
    grounds: tuple[str, ...]
    presumed: bool
    due_at: int
    overdue: bool
    answers: int
    state: str


@dataclass(frozen=True, slots=True)
class MatterSide:
    """One of the two slips; `content` is None once people have found, `answers` while nobody has answered."""

    claim: str
    slip: str
    salesperson: str
    name: str
    office: str
    stamped: Interval
    status: str
    content: SlipContent | None
    answers: Mapping[str, str] | None
    """Field of the question -> what was said; empty = the salesperson cannot say."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody found."""

    at: Interval
    answer: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything a finder sees of one question."""

    item: MatterItem
    sides: tuple[MatterSide, ...]
    reasons: tuple[Say, ...]
    """Field by field, in how far the two are alike."""
    findings: tuple[Finding, ...]
    """In order; the last one counts."""
    barred: Say | None


def may_find(visitor: Visitor) -> bool:
    """Return whether a person's office is to find who is who."""
    return not set(_FINDERS).isdisjoint(visitor.roles)


@dataclass(frozen=True, slots=True)
class Findings:
    """Looks at questions and finds, in the name of a logged-in person."""

    store: Store
    log: ServerLog
    archive: Archive
    reconciler: Reconciler

    def waiting(self) -> int:
        """Return how many questions are open."""
        with self.store.snapshot() as tx:
            return len(rows.questions(tx, state=rows.OPEN))

    def questions(self, visitor: Visitor) -> tuple[MatterItem, ...]:
        """Return the open questions, the most urgent first, then those that people answered, the latest first."""
        self._allow(visitor, "questions", "")
        with self.store.snapshot() as tx:
            found = [row for row in rows.questions(tx) if row.state != "moot"]
            pools, now = places.pools(tx), self.log.clock.read().now
        found.sort(key=lambda row: (row.state != rows.OPEN, row.due_at if row.state == rows.OPEN else -row.due_at))
        return tuple(_item(row, pools, now) for row in found)

    def matter(self, visitor: Visitor, number: int) -> Matter:
        """Return one question with both slips while it is open; InputError where there is none."""
        with self.store.snapshot() as tx:
            row = rows.question(tx, number)
        if row is None:
            raise InputError(say("没有第 {number} 项核对", number=number), field="question")
        self._allow(visitor, "question", str(number))
        events = self.archive.read().events
        with self.reconciler.lock:
            settlement = self.reconciler.docket.settlement
            with self.store.snapshot() as tx:
                return self._matter(tx, visitor, row, events, settlement)

    def _matter(
        self, tx: Transaction, visitor: Visitor, row: QuestionRow, events: Sequence[Event],
        settlement: Settlement | None,
    ) -> Matter:  # fmt: skip
        names = {person.person: person.name for person in persons.persons(tx)}
        findings = tuple(
            Finding(event.time, fact.answer, names.get(fact.found_by, fact.found_by), fact.reason)
            for event, fact in _found(row.claims, events)
        )
        sealed = bool(findings) or row.state != rows.OPEN
        sides = tuple(
            side for one in row.sides
            if settlement and (side := _side(tx, one, settlement, events, names, sealed=sealed)) is not None
        )  # fmt: skip
        # a number that many bear was weighed when the question was opened: here people see it as it is
        asked = asked_between(settlement, row.claims, lambda _pool, _key: 0) if settlement and not sealed else None
        barred = any(side.salesperson == visitor.person for side in sides)
        return Matter(
            _item(row, places.pools(tx), self.log.clock.read().now), sides, asked.likeness.reasons if asked else (),
            findings, say("您自己是一方，须由别人查明") if barred else None,
        )  # fmt: skip

    def find(self, visitor: Visitor, number: int, *, answer: str, reason: str, known: str) -> None:
        """Find that a question's two claims are the same customer, or not; it is on the disk when this returns.

        `known` is how many findings the page showed. Raises InputError naming the field, RefusedError for a person who
        may not, CaseMovedError where somebody else has found meanwhile or nobody need know any more.
        """
        matter = self.matter(visitor, number)
        if matter.barred is not None:
            raise RefusedError(matter.barred, clause=SAMENESS)
        if matter.item.state == "moot" or known != str(len(matter.findings)):
            raise CaseMovedError(say("这项核对已经有了新的结论或不用再查；请回到列表查看"))
        if answer not in (SAME, DIFFERENT):
            raise InputError(say("请选是或不是同一客户"), field="answer")
        if not reason.strip():
            raise InputError(say("请写明依据什么查明；理由会记入日志"), field="reason")
        if len(reason) > _LONGEST_REASON:
            raise InputError(say("理由最多 {most} 个字", most=_LONGEST_REASON), field="reason")
        fact = FindingMade(
            claims=matter.item.claims, answer=answer, found_by=visitor.person, session=visitor.session,
            reason=reason.strip(),
        )  # fmt: skip
        with self.store.transaction() as tx:
            reading = self.log.human_now(tx)
            persons.add_audit(
                tx, at=reading.now, person=visitor.person, session=visitor.session, act="finding", about=str(number),
                outcome=answer,
            )  # fmt: skip
            self.log.append(tx, fact, reading)

    def _allow(self, visitor: Visitor, act: str, about: str) -> None:
        refusal = say("只有主管、销售部经理或公司领导可以查看；这次查看已记录")
        allow(self.store, self.log, visitor, (act, about), allowed=may_find(visitor), refusal=refusal)


def _item(row: QuestionRow, pools: Mapping[str, str], now: int) -> MatterItem:
    return MatterItem(
        row.number, pools.get(row.pool, row.pool), row.claims, row.grounds, row.presumed, row.due_at, row.due_at < now,
        sum(bool(side.answered_at) for side in row.sides), row.state,
    )  # fmt: skip


def _found(claims: tuple[str, str], events: Sequence[Event]) -> list[tuple[Event, FindingMade]]:
    """Return the findings about a pair, the latest last."""
    found = [
        (event, event.fact) for event in events
        if isinstance(event.fact, FindingMade) and set(event.fact.claims) == set(claims)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one[0].time, one[0].log, one[0].seq))


def _side(
    tx: Transaction, side: Side, settlement: Settlement, events: Sequence[Event], names: Mapping[str, str], *,
    sealed: bool,
) -> MatterSide | None:  # fmt: skip
    ruling = settlement.ruling(side.claim)
    if ruling is None:
        return None
    office = places.office(tx, ruling.office)
    said = [
        event.fact.answers for event in events
        if isinstance(event.fact, QuestionAnswered) and event.fact.question == side.name
        and event.time.lo == side.answered_at
    ]  # fmt: skip
    return MatterSide(
        side.claim, ruling.slip, ruling.salesperson, names.get(ruling.salesperson, ruling.salesperson),
        office.name if office else ruling.office, ruling.stamped_at, ruling.decision.status.value,
        None if sealed else settlement.content(side.claim), said[-1] if said and not sealed else None,
    )  # fmt: skip
